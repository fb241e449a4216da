//! Parses start tags of comments from their bytes.

use memchr::memmem;
use rethread_syntax::xml::tag_end;

/// The part of a start tag that is inspected.
const LONGEST_TAG: usize = 512;

/// Ids are numbers. An id that is longer, or contains anything but letters and digits, is damaged.
const LONGEST_ID: usize = 64;

/// An attribute that holds an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attribute<'b> {
    Absent,
    /// It exists, but its value cannot be trusted.
    Damaged,
    Value(&'b str),
}

impl<'b> Attribute<'b> {
    /// The id, if it is readable.
    pub(super) const fn value(self) -> Option<&'b str> {
        match self {
            Self::Value(id) => Some(id),
            Self::Absent | Self::Damaged => None,
        }
    }
}

/// The attribute of the start tag at the start of `bytes`: in single quotes, in double quotes, or
/// in damaged ones.
///
/// Works on the file's own bytes: removing a control character could produce another id.
pub(super) fn attribute<'b>(bytes: &'b [u8], name: &str) -> Attribute<'b> {
    let near = &bytes[..bytes.len().min(LONGEST_TAG)];
    let tag = &near[..tag_end(near).map_or(near.len(), |end| end - 1)];
    let values = memmem::find_iter(tag, name.as_bytes()).filter_map(|at| {
        let is_name = at > 0 && (tag[at - 1].is_ascii_whitespace() || is_quote(tag[at - 1]));
        let after = tag[at + name.len()..].trim_ascii_start().strip_prefix(b"=")?;
        is_name.then(|| after.trim_ascii_start())
    });
    values.map(id).next().unwrap_or(Attribute::Absent)
}

fn id(value: &[u8]) -> Attribute<'_> {
    let value = match value {
        [first, rest @ ..] if is_quote(*first) => rest.trim_ascii_start(),
        _ => value,
    };
    let ends = |byte: &u8| byte.is_ascii_whitespace() || is_quote(*byte) || *byte == b'/';
    let length = value.iter().position(ends).unwrap_or(value.len());
    let is_id = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let text = Some(&value[..length]).filter(|id| (1..=LONGEST_ID).contains(&id.len()) && id.iter().all(is_id));
    text.and_then(|id| std::str::from_utf8(id).ok()).map_or(Attribute::Damaged, Attribute::Value)
}

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'\'' | b'"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_any_quotes() {
        for tag in [
            "<comment id='12' parentid='7'>",
            "<comment id=\"12\" parentid=\"7\">",
            "<comment parentid = '7' id = '12'>",
            "<comment id=12 parentid=7>",
            "<comment id='12 parentid=7'>",
            "<comment id='12'parentid='7'>",
            "<comment id=12' parentid='7'",
            "<comment id='12' note='a>b' parentid='7'>",
        ] {
            assert_eq!(attribute(tag.as_bytes(), "id"), Attribute::Value("12"), "{tag}");
            assert_eq!(attribute(tag.as_bytes(), "parentid"), Attribute::Value("7"), "{tag}");
        }
    }

    #[test]
    fn a_damaged_id_is_none() {
        for tag in ["<comment id='1\u{8}2'>", "<comment id='1é'>", "<comment id=''>", "<comment id=>"] {
            assert_eq!(attribute(tag.as_bytes(), "id"), Attribute::Damaged, "{tag}");
        }
        for tag in ["<comment>", "<comment parentid='1'>", "<comment id>", "<comment><x id='1'>", ""] {
            assert_eq!(attribute(tag.as_bytes(), "id"), Attribute::Absent, "{tag}");
        }
    }
}
