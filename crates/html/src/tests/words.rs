//! The policy keeps people's words: the words that a browser would show of the source, according to
//! html5ever's tree, are those of the result, in the same order.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, QualName, local_name, ns, parse_fragment};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use proptest::prelude::*;

use super::super::{Sanitised, from_html, from_markdown, from_wordpress, markdown};
use super::{soup, vectors};

/// Elements that browsers with scripts do not show; drawings and formulas, which the policy drops;
/// and content that is not HTML.
const HIDDEN: &[&str] =
    &["iframe", "math", "noembed", "noframes", "noscript", "script", "style", "svg", "template", "title"];

/// Elements that are displayed as `display: block`, `list-item` or part of a table in the style
/// sheet of the HTML standard ("Rendering"), and line breaks. Except `xmp` and `plaintext`.
const APART: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "legend",
    "li",
    "listing",
    "main",
    "menu",
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

fn words(html: &str) -> Vec<String> {
    let context = QualName::new(None, ns!(html), local_name!("div"));
    let dom = parse_fragment(RcDom::default(), ParseOpts::default(), context, Vec::new(), false).one(html);
    let mut text = String::new();
    let mut pending = vec![Visit::Node(dom.document.clone())];
    while let Some(visit) = pending.pop() {
        let node = match visit {
            Visit::Node(node) => node,
            Visit::End => {
                text.push(' ');
                continue;
            }
        };
        match &node.data {
            NodeData::Text { contents } => text.push_str(&contents.borrow()),
            NodeData::Element { name, .. } if HIDDEN.contains(&&*name.local) => continue,
            NodeData::Element { name, .. } if APART.contains(&&*name.local) => {
                text.push(' ');
                pending.push(Visit::End);
            }
            _ => {}
        }
        pending.extend(node.children.borrow().iter().rev().cloned().map(Visit::Node));
    }
    // A byte order mark is invisible, and parsers drop one at the start.
    text.replace('\u{feff}', "").split_whitespace().map(str::to_owned).collect()
}

/// The positions where words end, counted without what separates them.
fn ends(words: &[String]) -> Vec<usize> {
    let lengths = words.iter().map(String::len);
    lengths.scan(0, |end, length| Some(std::mem::replace(end, *end + length) + length)).collect()
}

/// WordPress begins a paragraph at tags that browsers ignore, such as `</h2>` without an `<h2>`,
/// which may split a word. No word is lost, moved, or joined to another.
fn are_kept_apart(shown: &[String], expected: &[String]) -> bool {
    let (shown_ends, expected_ends) = (ends(shown), ends(expected));
    shown.concat() == expected.concat() && expected_ends.iter().all(|end| shown_ends.contains(end))
}

enum Visit {
    Node(Handle),
    /// The end of an element of [`APART`].
    End,
}

/// The words of the HTML that Markdown alone produces.
fn words_of_markdown(source: &str) -> Vec<String> {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new_ext(source, markdown::EXTENSIONS));
    words(&html)
}

/// A text that could not be parsed is shown with its tags.
fn shown(sanitised: &Sanitised) -> Option<Vec<String>> {
    (!sanitised.flattened).then(|| words(sanitised.html.as_str()))
}

#[test]
fn words_are_what_a_browser_keeps_apart() {
    assert_eq!(words("a<b>b</b><div>c</div>d<br>e<script>x</script><td>f</td>&nbsp;g"), ["ab", "c", "d", "ef", "g"]);
    assert_eq!(words_of_markdown("*a*b\n- c\n- d"), ["ab", "c", "d"]);
}

/// Typical texts, and what exporters make of them.
#[test]
fn examples_keep_their_words() {
    for source in [
        "<p>I like <b>cats</b> <i>and</i> dogs</p>",
        "<p>one<br />\ntwo</p>",
        "<table><tr><td>a</td><td>b</td></tr></table>",
        "<div>a</div><div>b</div>",
        "<p>a</p> <p>b</p>",
        "<ul>\n<li><a href='https://a.example/'>a</a> <b>b</b></li>\n<li>c</li></ul>d",
        "a <!-- b\n\nc --> <b>d</b>",
        "<blockquote><b>a</b> <i>b</i></blockquote> <i>c</i>",
        "a\n<b>b</b>\n\n<i>c</i> <u>d</u>",
        "<h1>a</pre>\r</form>b",
    ] {
        assert_eq!(shown(&from_html(source)), Some(words(source)), "{source}");
        assert_eq!(shown(&from_wordpress(source)), Some(words(source)), "{source}");
        assert_eq!(shown(&from_markdown(source)), Some(words_of_markdown(source)), "{source}");
    }
    for source in vectors::ATTACKS {
        let sanitised = from_html(source);
        assert!(shown(&sanitised).is_none_or(|shown| shown == words(source)), "{source}: {sanitised:?}");
    }
}

/// Without drawings and formulas, which follow other parsing rules and are dropped.
fn prose() -> impl Strategy<Value = String> {
    soup().prop_map(|source| source.replace("svg", "s-g").replace("math", "m-h"))
}

proptest! {
    #![proptest_config(rethread_syntax::testing::cases(1000))]

    #[test]
    fn sanitising_keeps_every_word(source in prose()) {
        let expected = words(&source);
        let sanitised = from_html(&source);
        if let Some(shown) = shown(&sanitised) {
            prop_assert_eq!(&shown, &expected, "{}", sanitised.html.as_str());
        }
        // Paragraphs and Markdown ignore elements whose content is not HTML, and the options of a
        // list, which the end of a paragraph ends, too.
        let is_raw = ["plaintext", "xmp", "textarea", "title", "select", "opt"].iter().any(|name| source.contains(name));
        let sanitised = from_wordpress(&source);
        if let Some(shown) = shown(&sanitised).filter(|_| !is_raw) {
            prop_assert!(are_kept_apart(&shown, &expected), "{:?} {:?} {}", shown, expected, sanitised.html.as_str());
        }
        let sanitised = from_markdown(&source);
        if let Some(shown) = shown(&sanitised).filter(|_| !is_raw) {
            prop_assert_eq!(shown, words_of_markdown(&source), "{}", sanitised.html.as_str());
        }
    }

    /// Long enough to be cut into runs.
    #[test]
    fn long_texts_keep_every_word(source in prose(), times in 1_usize..200) {
        let source = source.repeat(times);
        let sanitised = from_html(&source);
        if let Some(shown) = shown(&sanitised) {
            prop_assert_eq!(shown, words(&source), "{}", sanitised.html.as_str());
        }
    }
}
