//! WordPress's paragraphs (`wpautop`), which it adds when it shows a comment.

use super::allow_list::DROPPED_WITH_CONTENT;
use super::tags::{Piece, Pieces, Tag};

/// Elements outside paragraphs.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "dd",
    "details",
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
    "hr",
    "li",
    "nav",
    "ol",
    "p",
    "pre",
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

/// Blocks whose text does not form a paragraph. In `<p>`, too, an empty line ends the paragraph.
const BARE: &[&str] = &["dd", "dt", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "li", "summary", "td", "th"];

/// Elements whose content is copied unchanged: white space is significant in it, or tags have no
/// meaning.
const VERBATIM: &[&str] = &["plaintext", "pre", "select", "template", "textarea", "xmp"];

const LINE_BREAK: &str = "<br>\n";

/// Puts `<p>` around text between empty lines and `<br>` at newlines, outside `<pre>` and tags.
/// Does not make HTML safe. White space between words stays, or becomes the end of a line or
/// paragraph.
pub(super) fn paragraphs(source: &str) -> String {
    let source =
        if source.contains('\r') { source.replace("\r\n", "\n").replace('\r', "\n") } else { source.to_owned() };
    let mut writer = Writer { html: String::with_capacity(source.len() + 16), at_start: true, ..Writer::default() };
    let mut pieces = Pieces::of(&source);
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Text(text) => writer.text(text),
            Piece::Comment(comment) => writer.html.push_str(comment),
            Piece::Tag(tag, source) => {
                let is_hidden = tag.name.is_one_of(DROPPED_WITH_CONTENT);
                let is_whole = !tag.is_end && (is_hidden || tag.name.is_one_of(VERBATIM));
                let (content, is_closed) = if is_whole { pieces.rest_of_element(tag.name) } else { ("", true) };
                if is_hidden {
                    writer.html.push_str(source);
                } else {
                    writer.tag(&tag, source);
                }
                writer.html.push_str(content);
                // In an element that is never closed, nothing would be a tag.
                writer.in_paragraph &= is_closed;
            }
        }
    }
    writer.close_paragraph();
    writer.html
}

#[derive(Default)]
struct Writer {
    html: String,
    /// Inside a `<p>` that was made here.
    in_paragraph: bool,
    /// Inside a `<p>` of the source's own.
    in_own_paragraph: bool,
    /// Open blocks of [`BARE`].
    bare: usize,
    /// Newlines read but not written yet: their meaning depends on what follows.
    newlines: usize,
    /// A line already begins here: after a block's tag or a `<br>`, a newline adds no line break.
    at_start: bool,
}

impl Writer {
    fn text(&mut self, text: &str) {
        let mut lines = text.split('\n');
        self.line(lines.next().unwrap_or_default());
        for line in lines {
            self.newlines += 1;
            self.line(line);
        }
    }

    fn line(&mut self, line: &str) {
        if line.trim().is_empty() {
            // Pure white space matters only between inline elements.
            let is_between_inline = self.in_paragraph || self.in_own_paragraph || self.bare > 0;
            if self.newlines == 0 && is_between_inline {
                self.html.push_str(line);
            }
            return;
        }
        self.begin_inline();
        self.html.push_str(line);
        self.at_start = false;
    }

    fn tag(&mut self, tag: &Tag<'_>, source: &str) {
        if !tag.name.is_one_of(BLOCKS) {
            self.begin_inline();
            let is_break = tag.name.is_one_of(&["br"]);
            self.html.push_str(if is_break { LINE_BREAK } else { source });
            self.at_start |= is_break;
            return;
        }
        // The newline still separates words before the block. An end tag that closes nothing begins
        // no line, whatever it looks like here.
        if self.newlines > 0 && (!self.at_start || self.bare > 0) && !self.in_paragraph {
            self.html.push('\n');
        }
        self.close_paragraph();
        (self.newlines, self.at_start) = (0, true);
        self.in_own_paragraph = !tag.is_end && tag.name.is_one_of(&["p"]);
        self.html.push_str(source);
        if tag.name.is_one_of(BARE) {
            self.bare = if tag.is_end { self.bare.saturating_sub(1) } else { self.bare + 1 };
        }
    }

    /// Before text or an inline tag: ends the paragraph or the line if newlines require it.
    fn begin_inline(&mut self) {
        let newlines = std::mem::take(&mut self.newlines);
        let breaks_line = newlines > 0 && !self.at_start;
        if newlines > 1 && breaks_line && self.in_own_paragraph {
            self.html.push_str("</p>\n<p>");
        } else if self.bare > 0 || self.in_own_paragraph {
            self.html.push_str(match newlines {
                0 => "",
                _ if breaks_line => LINE_BREAK,
                // White space, too.
                _ => "\n",
            });
        } else if !self.in_paragraph || newlines > 1 {
            self.close_paragraph();
            self.html.push_str("<p>");
            self.in_paragraph = true;
        } else if breaks_line {
            self.html.push_str(LINE_BREAK);
        }
    }

    fn close_paragraph(&mut self) {
        if self.in_paragraph {
            self.html.push_str("</p>\n");
            self.in_paragraph = false;
        }
    }
}
