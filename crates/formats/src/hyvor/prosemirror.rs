//! Documents of Hyvor's editor, as `ProseMirror` writes them, to HTML. What comes out is not safe yet: it goes through the
//! policy like any other HTML.

use std::fmt::Write;

use serde_json::Value;

/// Tags of nodes that only wrap others.
const WRAPPERS: [(&str, &str); 7] = [
    ("paragraph", "p"),
    ("blockquote", "blockquote"),
    ("bullet_list", "ul"),
    ("ordered_list", "ol"),
    ("list_item", "li"),
    ("math", "code"),
    ("math_inline", "code"),
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

/// The HTML of a document; `None` when the text is none. Documents nested more deeply than JSON readers go are none.
pub(super) fn to_html(json: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(json).ok()?;
    if document.get("type").and_then(Value::as_str) != Some("doc") {
        return None;
    }
    let mut html = String::new();
    content(&document, &mut html);
    Some(html)
}

fn content(node: &Value, html: &mut String) {
    for child in node.get("content").and_then(Value::as_array).into_iter().flatten() {
        self::node(child, html);
    }
}

fn node(node: &Value, html: &mut String) {
    let attribute = |name: &str| node.get("attrs").and_then(|attributes| attributes.get(name)).and_then(Value::as_str);
    let kind = node.get("type").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "text" => text(node, html),
        "hard_break" => html.push_str("<br>"),
        "horizontal_rule" => html.push_str("<hr>"),
        "code_block" => wrap(html, "<pre><code>", "</code></pre>", |html| content(node, html)),
        "image" => {
            let (source, alt) = (attribute("src").unwrap_or_default(), attribute("alt").unwrap_or_default());
            // Writing into a string cannot fail.
            let _ = write!(html, "<img src=\"{}\" alt=\"{}\">", escaped(source), escaped(alt));
        }
        _ => {
            let tag = WRAPPERS.iter().find(|(name, _)| *name == kind).map(|(_, tag)| *tag);
            match tag {
                Some(tag) => wrap(html, &format!("<{tag}>"), &format!("</{tag}>"), |html| content(node, html)),
                None if node.get("content").is_some() => content(node, html),
                // A mention, an emoji, something embedded: what it is called, or where it leads.
                None => leaf(attribute, html),
            }
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

fn text(node: &Value, html: &mut String) {
    let text = escaped(node.get("text").and_then(Value::as_str).unwrap_or_default());
    let marks = node.get("marks").and_then(Value::as_array).into_iter().flatten();
    let marked = marks.fold(text, |text, mark| {
        let kind = mark.get("type").and_then(Value::as_str).unwrap_or_default();
        let link = mark.get("attrs").and_then(|attributes| attributes.get("href")).and_then(Value::as_str);
        match (MARKS.iter().find(|(name, _)| *name == kind), link) {
            (Some((_, tag)), _) => format!("<{tag}>{text}</{tag}>"),
            (None, Some(link)) => format!("<a href=\"{}\">{text}</a>", escaped(link)),
            (None, None) => text,
        }
    });
    html.push_str(&marked);
}

fn wrap(html: &mut String, open: &str, close: &str, inner: impl FnOnce(&mut String)) {
    html.push_str(open);
    inner(html);
    html.push_str(close);
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
        assert_eq!(to_html(deep.as_bytes()), None);
    }
}
