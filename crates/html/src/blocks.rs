//! Removes blocks that comments may not contain, and keeps their contents apart.

use super::tags::{Piece, Pieces};

/// Elements that a browser shows as blocks or as table cells, and that the policy removes (HTML
/// standard, "Rendering"). Not listed: `xmp` and `plaintext`, whose content is not HTML, and the
/// parts of a page around its body.
pub(super) const DROPPED: &[&str] = &[
    "address",
    "article",
    "aside",
    "caption",
    "center",
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
    "header",
    "hgroup",
    "legend",
    "listing",
    "main",
    "menu",
    "nav",
    "optgroup",
    "option",
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
];

/// Blocks that the policy keeps, and line breaks.
const KEPT: &[&str] = &["blockquote", "br", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"];

/// Removes the tags of [`DROPPED`] from serialised HTML. Where texts would join, it leaves a space,
/// or a newline in `<pre>`.
pub(super) fn drop_from(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let (mut is_separated, mut is_in_line, mut is_in_pre) = (false, false, false);
    for piece in Pieces::of(html) {
        let (source, is_block) = match piece {
            Piece::Tag(tag, _) if tag.name.is_one_of(DROPPED) => {
                is_separated = true;
                continue;
            }
            Piece::Tag(tag, source) => {
                if tag.name.is_one_of(&["pre"]) {
                    is_in_pre = !tag.is_end;
                }
                (source, tag.name.is_one_of(KEPT))
            }
            Piece::Text(source) | Piece::Comment(source) => (source, false),
        };
        let runs_on = is_in_line && !is_block && !out.ends_with(char::is_whitespace);
        if is_separated && runs_on && !source.starts_with(char::is_whitespace) {
            out.push(if is_in_pre { '\n' } else { ' ' });
        }
        (is_separated, is_in_line) = (false, !is_block);
        out.push_str(source);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_is_left_where_text_would_run_into_text() {
        for (html, expected) in [
            ("<div>a</div><div>b</div>", "a b"),
            ("<div>a</div>\n<div>b</div>", "a\nb"),
            ("<div>a<b>b</b></div><div><i>c</i></div>", "a<b>b</b> <i>c</i>"),
            ("<div><p>a</p></div><div><p>b</p></div>", "<p>a</p><p>b</p>"),
            ("a<br><div>b</div>", "a<br>b"),
            ("<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>", "a b"),
            ("<pre><div>a</div><div>b</div></pre>c<div>d</div>", "<pre>a\nb</pre>c d"),
            ("<a title=\"<div>\">a</a>", "<a title=\"<div>\">a</a>"),
        ] {
            assert_eq!(drop_from(html), expected, "{html}");
        }
    }
}
