//! WordPress's way of making paragraphs (`wpautop`), which it applies when it shows a comment.

/// Elements that stand outside of paragraphs.
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

/// Blocks whose text is no paragraph by itself.
const BARE: &[&str] = &["dd", "dt", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "summary", "td", "th"];

const LINE_BREAK: &str = "<br>\n";

/// `source` with `<p>` around what stands between empty lines and `<br>` for newlines, outside of `<pre>` and of tags.
/// Makes no HTML safe.
pub(super) fn paragraphs(source: &str) -> String {
    let source =
        if source.contains('\r') { source.replace("\r\n", "\n").replace('\r', "\n") } else { source.to_owned() };
    let mut writer = Writer { html: String::with_capacity(source.len() + 16), ..Writer::default() };
    let mut rest = source.as_str();
    while !rest.is_empty() {
        let piece_end = if rest.starts_with('<') { tag_end(rest) } else { rest.find('<').unwrap_or(rest.len()) };
        let (piece, after) = rest.split_at(piece_end);
        match tag_name(piece) {
            Some((name, is_end)) => writer.tag(piece, &name, is_end),
            None => writer.text(piece),
        }
        rest = after;
    }
    writer.close_paragraph();
    writer.html
}

/// The end of the tag, comment or `<pre>` block that `text` begins with; of the `<` alone where it begins none.
fn tag_end(text: &str) -> usize {
    let end_after = |needle: &str| text.find(needle).map_or(text.len(), |at| at + needle.len());
    if text.starts_with("<!--") {
        return end_after("-->");
    }
    match tag_name(text) {
        Some((name, false)) if name == "pre" => find_ignoring_case(text, "</pre>").map_or(text.len(), |at| at + 6),
        Some(_) => end_after(">"),
        None => 1,
    }
}

fn find_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    text.as_bytes().windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

/// The name of the tag that `text` begins with, in lower case, and whether it is an end tag.
fn tag_name(text: &str) -> Option<(String, bool)> {
    let inner = text.strip_prefix('<')?;
    let (inner, is_end) = inner.strip_prefix('/').map_or((inner, false), |inner| (inner, true));
    let length = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let name = &inner[..length];
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| (name.to_ascii_lowercase(), is_end))
}

#[derive(Default)]
struct Writer {
    html: String,
    in_paragraph: bool,
    /// Open blocks of [`BARE`].
    bare: usize,
    /// Newlines that were read and not yet written: what they mean depends on what follows.
    newlines: usize,
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
            // White space alone matters between inline elements, and nowhere else.
            if self.newlines == 0 && self.in_paragraph {
                self.html.push_str(line);
            }
            return;
        }
        self.begin_inline();
        self.html.push_str(line);
    }

    fn tag(&mut self, tag: &str, name: &str, is_end: bool) {
        if !BLOCKS.contains(&name) {
            self.begin_inline();
            self.html.push_str(if name == "br" { LINE_BREAK } else { tag });
            return;
        }
        self.close_paragraph();
        self.newlines = 0;
        self.html.push_str(tag);
        if BARE.contains(&name) {
            self.bare = if is_end { self.bare.saturating_sub(1) } else { self.bare + 1 };
        }
    }

    /// Before text or an inline tag: ends the paragraph or the line where newlines ask for it.
    fn begin_inline(&mut self) {
        let newlines = std::mem::take(&mut self.newlines);
        if self.bare > 0 {
            self.html.push_str(if newlines > 0 { LINE_BREAK } else { "" });
            return;
        }
        if newlines > 1 {
            self.close_paragraph();
        }
        if !self.in_paragraph {
            self.html.push_str("<p>");
            self.in_paragraph = true;
        } else if newlines == 1 && !self.html.ends_with(LINE_BREAK) {
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
