//! Converts documents of Hyvor's editor, as `ProseMirror` writes them, to HTML. The result still
//! needs the policy, like any other HTML.

use std::fmt::Write;

use rethread_syntax::json::{Node, Tree};

/// Nodes that only wrap others, with their opening and closing HTML.
const WRAPPERS: [(&str, &str, &str); 8] = [
    ("paragraph", "<p>", "</p>"),
    ("blockquote", "<blockquote>", "</blockquote>"),
    ("bullet_list", "<ul>", "</ul>"),
    ("ordered_list", "<ol>", "</ol>"),
    ("list_item", "<li>", "</li>"),
    ("code_block", "<pre><code>", "</code></pre>"),
    ("math", "<code>", "</code>"),
    ("math_inline", "<code>", "</code>"),
];

const MARKS: [(&str, &str); 7] = [
    ("em", "em"),
    ("italic", "em"),
    ("strong", "strong"),
    ("bold", "strong"),
    ("code", "code"),
    ("strike", "s"),
    ("u", "u"),
];

/// The HTML of a document; `None` if the text is not a document. Nothing recurses, at any nesting
/// depth.
pub(super) fn to_html(json: &[u8]) -> Option<String> {
    let tree = Tree::read(json)?;
    let document = tree.root();
    if document.text("type") != Some("doc") {
        return None;
    }
    let mut html = String::new();
    let mut waiting: Vec<Step<'_>> = document.content().rev().map(Step::Node).collect();
    while let Some(step) = waiting.pop() {
        match step {
            Step::Node(node) => self::node(node, &mut html, &mut waiting),
            Step::Close(tag) => html.push_str(tag),
        }
    }
    Some(html)
}

/// An output step that is still pending.
enum Step<'t> {
    Node(Node<'t>),
    Close(&'static str),
}

fn node<'t>(node: Node<'t>, html: &mut String, waiting: &mut Vec<Step<'t>>) {
    let attribute = |name: &str| node.member("attrs").and_then(|attributes| attributes.text(name));
    let kind = node.text("type").unwrap_or_default();
    match kind {
        "text" => text(node, html),
        "hard_break" => html.push_str("<br>"),
        "horizontal_rule" => html.push_str("<hr>"),
        "image" => {
            let (source, alt) = (attribute("src").unwrap_or_default(), attribute("alt").unwrap_or_default());
            // Writing into a string cannot fail.
            let _ = write!(html, "<img src=\"{}\" alt=\"{}\">", escaped(source), escaped(alt));
        }
        _ => {
            let tags = WRAPPERS.iter().find(|(name, _, _)| *name == kind);
            if let Some((_, open, close)) = tags {
                html.push_str(open);
                waiting.push(Step::Close(close));
            } else if node.member("content").is_none() {
                // A mention, an emoji or an embed: write its name or its target.
                leaf(attribute, html);
            }
            waiting.extend(node.content().rev().map(Step::Node));
        }
    }
}

fn leaf<'n>(attribute: impl Fn(&str) -> Option<&'n str>, html: &mut String) {
    if let Some(link) = ["url", "href", "src"].into_iter().find_map(&attribute) {
        let _ = write!(html, "<a href=\"{0}\">{0}</a>", escaped(link));
    } else if let Some(label) = ["emoji", "label", "name", "text", "id"].into_iter().find_map(&attribute) {
        html.push_str(&escaped(label));
    }
}

fn text(node: Node<'_>, html: &mut String) {
    let text = escaped(node.text("text").unwrap_or_default());
    let marked = node.elements("marks").fold(text, |text, mark| {
        let kind = mark.text("type").unwrap_or_default();
        let link = mark.member("attrs").and_then(|attributes| attributes.text("href"));
        match (MARKS.iter().find(|(name, _)| *name == kind), link) {
            (Some((_, tag)), _) => format!("<{tag}>{text}</{tag}>"),
            (None, Some(link)) => format!("<a href=\"{}\">{text}</a>", escaped(link)),
            (None, None) => text,
        }
    });
    html.push_str(&marked);
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(content: &str) -> String {
        to_html(format!("{{\"type\":\"doc\",\"content\":[{content}]}}").as_bytes()).unwrap()
    }

    #[test]
    fn nodes_and_marks_become_tags() {
        assert_eq!(
            html(
                r#"{"type":"paragraph","content":[{"type":"text","text":"a <b> "},
                {"type":"text","marks":[{"type":"strong"},{"type":"link","attrs":{"href":"https://e.example/?a=1&b=\"2"}}],"text":"link"},
                {"type":"hard_break"},{"type":"emoji","attrs":{"name":"tada"}}]},
                {"type":"blockquote","content":[{"type":"paragraph","content":[{"type":"text","text":"q"}]}]}"#
            ),
            "<p>a &lt;b&gt; <a href=\"https://e.example/?a=1&amp;b=&quot;2\"><strong>link</strong></a><br>tada</p>\
             <blockquote><p>q</p></blockquote>"
        );
        assert_eq!(
            html(
                r#"{"type":"code_block","content":[{"type":"text","text":"x < 1"}]},
                {"type":"image","attrs":{"src":"https://e.example/i.png","alt":null}},
                {"type":"embed","attrs":{"url":"https://e.example/v"}},
                {"type":"spoiler","content":[{"type":"text","text":"s"}]},{"type":"horizontal_rule"},5"#
            ),
            "<pre><code>x &lt; 1</code></pre><img src=\"https://e.example/i.png\" alt=\"\">\
             <a href=\"https://e.example/v\">https://e.example/v</a>s<hr>"
        );
    }

    #[test]
    fn what_is_no_document_is_none() {
        for json in ["hello", "{\"a\":1}", "[1]", "5", "{\"type\":\"doc\"", ""] {
            assert_eq!(to_html(json.as_bytes()), None, "{json}");
        }
        assert_eq!(to_html(b"{\"type\":\"doc\"}"), Some(String::new()));
        let deep = format!("{{\"type\":\"doc\",\"content\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
        assert_eq!(to_html(deep.as_bytes()), Some(String::new()));
    }

    #[test]
    fn documents_may_be_as_deep_as_they_are_large() {
        let depth = 100_000;
        let (open, close) = (r#"{"type":"blockquote","content":["#, "]}");
        let deep = html(&format!("{}{{\"type\":\"text\",\"text\":\"x\"}}{}", open.repeat(depth), close.repeat(depth)));
        assert!(deep.starts_with("<blockquote><blockquote>") && deep.contains(">x<"));
        assert_eq!(deep.matches("</blockquote>").count(), depth);
    }
}
