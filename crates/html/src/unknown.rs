//! Renames elements unknown to HTML, such as `<path>` in "`cd <path>`".

use std::borrow::Cow;

use super::tags::{Piece, Pieces};

/// Turns any name into one that no standard defines or ever will, because it has a hyphen.
const NEUTRAL: &str = "x-";

/// The elements of HTML, its former elements, and those with special rules in its parser (HTML
/// standard, "Index", "Obsolete features" and "Tree construction").
const KNOWN: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "applet",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "base",
    "basefont",
    "bdi",
    "bdo",
    "bgsound",
    "big",
    "blink",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "datalist",
    "dd",
    "del",
    "details",
    "dfn",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "i",
    "iframe",
    "image",
    "img",
    "input",
    "ins",
    "kbd",
    "keygen",
    "label",
    "legend",
    "li",
    "link",
    "listing",
    "main",
    "map",
    "mark",
    "marquee",
    "math",
    "menu",
    "menuitem",
    "meta",
    "meter",
    "nav",
    "nobr",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "ol",
    "optgroup",
    "option",
    "output",
    "p",
    "param",
    "picture",
    "plaintext",
    "pre",
    "progress",
    "q",
    "rb",
    "rp",
    "rt",
    "rtc",
    "ruby",
    "s",
    "samp",
    "script",
    "search",
    "section",
    "select",
    "slot",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "track",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
    "xmp",
];

/// Elements whose content contains no tags.
const RAW: &[&str] =
    &["iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp"];

/// The same HTML with [`NEUTRAL`] before the names of unknown elements. A parser builds the same
/// tree. Otherwise ammonia drops elements known to SVG and `MathML` (`path`, `text`, `line`, `set`,
/// `max`, …) with their content, which is the rest of the text when someone writes "cd <path> and
/// then".
pub(super) fn renamed(source: &str) -> Cow<'_, str> {
    let is_unknown = |piece: &Piece<'_>| matches!(piece, Piece::Tag(tag, _) if !tag.name.is_one_of(KNOWN));
    if !Pieces::of(source).any(|piece| is_unknown(&piece)) {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len() + 64);
    let mut pieces = Pieces::of(source);
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Tag(tag, source) if is_unknown(&piece) => {
                let begins = if tag.is_end { "</" } else { "<" };
                out.extend([begins, NEUTRAL, &source[begins.len()..]]);
            }
            Piece::Tag(tag, source) => {
                out.push_str(source);
                if !tag.is_end && tag.name.is_one_of(RAW) {
                    out.push_str(pieces.rest_of_element(tag.name).0);
                }
            }
            Piece::Text(source) | Piece::Comment(source) => out.push_str(source),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_html_does_not_know_change() {
        for (source, expected) in [
            ("cd <path> & <b>ls</b></Path >", "cd <x-path> & <b>ls</b></x-Path >"),
            ("<set a='<b>'><max/><x-path>", "<x-set a='<b>'><x-max/><x-x-path>"),
            ("<textarea><path></textarea><path>", "<textarea><path></textarea><x-path>"),
        ] {
            assert_eq!(renamed(source), expected, "{source}");
        }
        assert!(matches!(renamed("<b>x</b> < y <br>"), Cow::Borrowed(_)));
    }
}
