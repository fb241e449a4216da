//! Finds markup in HTML like the HTML standard's tokeniser, outside elements whose content follows
//! other parsing rules.

use memchr::{memchr, memchr_iter, memchr2_iter, memmem};

/// A piece of HTML.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece<'a> {
    /// Text, including character references.
    Text(&'a str),
    /// A tag, parsed and as written.
    Tag(Tag<'a>, &'a str),
    /// A comment, a declaration, or anything that is read as one, such as `</3>`.
    Comment(&'a str),
}

/// A start tag or an end tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'a> {
    pub(super) name: Name<'a>,
    pub(super) is_end: bool,
    pub(super) attributes: usize,
    /// Bytes that a serialiser scans to escape the attributes' values; see [`escaping_cost`].
    pub(super) escaping_cost: usize,
}

/// A tag's name as written. Names compare case-insensitively.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a>(pub(super) &'a str);

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

impl Name<'_> {
    pub(super) fn is_one_of(self, names: &[&str]) -> bool {
        names.iter().any(|name| self.0.eq_ignore_ascii_case(name))
    }
}

/// The pieces of a text, in order. Concatenated, they are the text.
pub(super) struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Pieces<'a> {
    pub(super) const fn of(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Consumes the element just begun up to its end tag, whatever it contains; to the end of the
    /// text if there is none. Returns whether there is one.
    pub(super) fn rest_of_element(&mut self, name: Name<'_>) -> (&'a str, bool) {
        let end = element_end(self.rest, name);
        let (element, after) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = after;
        (element, end.is_some())
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        for at in memchr_iter(b'<', self.rest.as_bytes()) {
            let Some((markup, length)) = markup(&self.rest[at..]) else { continue };
            if at == 0 {
                self.rest = &self.rest[length..];
                return Some(markup);
            }
            let (text, after) = self.rest.split_at(at);
            self.rest = after;
            return Some(Piece::Text(text));
        }
        Some(Piece::Text(std::mem::take(&mut self.rest)))
    }
}

/// The markup that begins with the `<` at the start of `text`, and its length. `None` if that `<`
/// is text.
fn markup(text: &str) -> Option<(Piece<'_>, usize)> {
    let after = &text[1..];
    let is_end = after.starts_with('/');
    let name = if is_end { &after[1..] } else { after };
    match name.bytes().next() {
        Some(first) if first.is_ascii_alphabetic() => {
            let (tag, length) = tag(name, is_end);
            let length = text.len() - name.len() + length;
            Some((Piece::Tag(tag, &text[..length]), length))
        }
        Some(b'!' | b'?') if !is_end => {
            let length = comment_end(text);
            Some((Piece::Comment(&text[..length]), length))
        }
        Some(_) if is_end => {
            let length = end_after(text, b'>');
            Some((Piece::Comment(&text[..length]), length))
        }
        _ => None,
    }
}

fn end_after(text: &str, end: u8) -> usize {
    memchr(end, text.as_bytes()).map_or(text.len(), |at| at + 1)
}

/// Declarations and instructions end like tags. `<!-->` and `<!--->` are complete comments.
fn comment_end(text: &str) -> usize {
    let Some(inner) = text.strip_prefix("<!--") else { return end_after(text, b'>') };
    let begun = text.len() - inner.len();
    if inner.starts_with('>') || inner.starts_with("->") {
        return begun + end_after(inner, b'>');
    }
    let ends = memmem::find_iter(inner.as_bytes(), "--").find_map(|at| {
        let after = &inner[at + 2..];
        let length = ["->", ">", "!>"].into_iter().find(|end| after.starts_with(end))?.len();
        Some(begun + at + 2 + length)
    });
    ends.unwrap_or(text.len())
}

/// The tag whose name `text` begins with, and its length. An incomplete tag takes the rest of the
/// text.
fn tag(text: &str, is_end: bool) -> (Tag<'_>, usize) {
    let bytes = text.as_bytes();
    let ends_name = |byte: &u8| is_space(*byte) || matches!(byte, b'/' | b'>');
    let name_end = bytes.iter().position(ends_name).unwrap_or(bytes.len());
    let mut tag = Tag { name: Name(&text[..name_end]), is_end, attributes: 0, escaping_cost: 0 };
    let mut at = name_end;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'>' => return (tag, at + 1),
            b'/' => at += 1,
            byte if is_space(*byte) => at += 1,
            _ => {
                let (value, end) = attribute(bytes, at);
                tag.attributes += 1;
                tag.escaping_cost = tag.escaping_cost.saturating_add(escaping_cost(value));
                at = end;
            }
        }
    }
    (tag, bytes.len())
}

/// For each character that may need a reference, html5ever's serialiser rescans the whole text or
/// attribute value (`write_escaped` in its `serialize/mod.rs`, version 0.40).
fn escaping_cost(text: &[u8]) -> usize {
    // The no-break space is the only non-ASCII character that it escapes; it searches for the first
    // of its bytes.
    memchr2_iter(b'&', 0xc2, text).count().saturating_mul(text.len())
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

/// The value of the attribute that begins at `at` (empty if it has none), and its end.
fn attribute(bytes: &[u8], at: usize) -> (&[u8], usize) {
    let find = |from: usize, ends: &dyn Fn(u8) -> bool| {
        bytes[from..].iter().position(|byte| ends(*byte)).map_or(bytes.len(), |distance| from + distance)
    };
    // A name may start with `=`.
    let name_end = find(at + 1, &|byte| is_space(byte) || matches!(byte, b'/' | b'>' | b'='));
    let equals = find(name_end, &|byte| !is_space(byte));
    if bytes.get(equals) != Some(&b'=') {
        return (&[], name_end);
    }
    let value = find(equals + 1, &|byte| !is_space(byte));
    match bytes.get(value) {
        Some(quote @ (b'"' | b'\'')) => {
            let end = find(value + 1, &|byte| byte == *quote);
            (&bytes[value + 1..end], (end + 1).min(bytes.len()))
        }
        Some(b'>') | None => (&[], value),
        Some(_) => {
            let end = find(value, &|byte| is_space(byte) || byte == b'>');
            (&bytes[value..end], end)
        }
    }
}

/// The position after the first end tag of this name.
fn element_end(text: &str, name: Name<'_>) -> Option<usize> {
    let end_tag = memchr_iter(b'<', text.as_bytes()).find(|at| {
        let Some(after) = text[at + 1..].strip_prefix('/') else { return false };
        let is_name = after.get(..name.0.len()).is_some_and(|other| Name(other) == name);
        is_name && after.as_bytes().get(name.0.len()).is_none_or(|byte| is_space(*byte) || matches!(byte, b'/' | b'>'))
    });
    end_tag.map(|at| at + end_after(&text[at..], b'>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        Pieces::of(text)
            .map(|piece| match piece {
                Piece::Text(text) => format!("text {text}"),
                Piece::Tag(tag, source) => {
                    format!("{} {} {source}", if tag.is_end { "end" } else { "tag" }, tag.name.0)
                }
                Piece::Comment(source) => format!("comment {source}"),
            })
            .collect()
    }

    #[test]
    fn tags_end_where_a_browser_ends_them() {
        assert_eq!(
            pieces("1 < 2 <a title=\"x > y\">b</A >c</3> <br/"),
            [
                "text 1 < 2 ",
                "tag a <a title=\"x > y\">",
                "text b",
                "end A </A >",
                "text c",
                "comment </3>",
                "text  ",
                "tag br <br/"
            ]
        );
        assert_eq!(pieces("<<<"), ["text <<<"]);
        assert_eq!(pieces("</"), ["text </"]);
    }

    #[test]
    fn comments_end_in_each_way_that_the_standard_knows() {
        for whole in
            ["<!-->", "<!--->", "<!---->", "<!-- a > b -->", "<!--a--!>", "<!x>", "<?php ?>", "</>", "<!--a--->"]
        {
            assert_eq!(
                pieces(&format!("{whole}a-->")),
                [format!("comment {whole}"), "text a-->".to_owned()],
                "{whole}"
            );
        }
        assert_eq!(pieces("<!-- a >"), ["comment <!-- a >"]);
    }

    #[test]
    fn attributes_are_counted_and_weighed() {
        let tag_of = |text| match Pieces::of(text).next() {
            Some(Piece::Tag(tag, _)) => tag,
            other => panic!("{other:?}"),
        };
        assert_eq!(tag_of("<a b c = d e='f' =g / h>").attributes, 5);
        assert_eq!(tag_of("<a b='&&£x' c=&y>").escaping_cost, 3 * 5 + 2);
    }
}
