//! Where a tag ends. The lenient framer and the lenient reader of records both ask here, so they
//! always see the same tags.
//!
//! - A `>` in a quoted value does not end the tag. Only a quote after `=` begins a value.
//! - A tag holds no `<`, which XML forbids even in values. If one comes first, quotes hide nothing:
//!   one of them was lost, and the tag ends with its first `>`. Without a `>` before it, this was
//!   no tag.
//! - A tag is complete within [`LONGEST_TAG`] bytes.

use memchr::{memchr, memchr2};

use super::section::CDATA;

/// Real tags are shorter. Bounds the work for text that only looks like tags.
const LONGEST_TAG: usize = 4096;

/// What begins at a `<`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    /// A start tag, or the tag of an empty element.
    Start {
        length: usize,
        is_empty: bool,
    },
    End {
        length: usize,
    },
    /// A CDATA section, which begins with [`CDATA`].
    Section,
    /// A comment, which begins with `<!--`.
    Comment,
    /// An instruction or a declaration. Its `?` or `!` may be damaged.
    Other {
        length: usize,
    },
    /// Nothing: the `<` is text.
    Text,
    /// The window ends too early to tell.
    Cut,
}

/// What begins at the `<` at the start of `rest`. `at_end` means that nothing follows `rest`.
pub(super) fn markup(rest: &[u8], at_end: bool) -> Markup {
    let Some(second) = rest.get(1) else { return if at_end { Markup::Text } else { Markup::Cut } };
    let near = &rest[..rest.len().min(LONGEST_TAG)];
    let is_more = !at_end && near.len() < LONGEST_TAG;
    let length = match second {
        b'!' if rest.starts_with(CDATA.as_bytes()) => return Markup::Section,
        b'!' if rest.starts_with(b"<!--") => return Markup::Comment,
        b'!' if rest.len() < CDATA.len() && !at_end => return Markup::Cut,
        b'_' | b'a'..=b'z' | b'A'..=b'Z' => length_with_values(near, is_more),
        b'/' | b'!' | b'?' => length_without_values(near, is_more),
        _ => Err(Markup::Text),
    };
    match (length, second) {
        (Ok(length), b'/') => Markup::End { length },
        (Ok(length), b'!' | b'?') => Markup::Other { length },
        (Ok(length), _) => Markup::Start { length, is_empty: near[length - 2] == b'/' },
        (Err(other), _) => other,
    }
}

/// The length of the tag at the start of `near`, whose attributes may have values.
fn length_with_values(near: &[u8], is_more: bool) -> Result<usize, Markup> {
    let mut at = 1;
    let end = loop {
        let stop = memchr2(b'<', b'>', &near[at..]).map_or(near.len(), |found| at + found);
        let Some(quote) = quote_of_value(&near[..stop], at) else { break stop };
        match memchr2(near[quote], b'<', &near[quote + 1..]).map(|found| quote + 1 + found) {
            Some(close) if near[close] != b'<' => at = close + 1,
            Some(next_tag) => break next_tag,
            None => break near.len(),
        }
    };
    match near.get(end) {
        Some(b'>') => Ok(end + 1),
        None if is_more => Err(Markup::Cut),
        _ => length_without_values(near, is_more),
    }
}

/// The same, if quotes mean nothing.
fn length_without_values(near: &[u8], is_more: bool) -> Result<usize, Markup> {
    match memchr2(b'<', b'>', &near[1..]).map(|found| found + 1) {
        Some(end) if near[end] == b'>' => Ok(end + 1),
        None if is_more => Err(Markup::Cut),
        _ => Err(Markup::Text),
    }
}

/// The first quote from `from` on that begins a value.
fn quote_of_value(tag: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let quote = from + memchr2(b'"', b'\'', &tag[from..])?;
        if tag[from..quote].trim_ascii_end().ends_with(b"=") {
            return Some(quote);
        }
        from = quote + 1;
    }
}

/// The position after the tag at the start of `bytes`, however damaged it is: after its first `>`
/// if it is no tag.
#[must_use]
pub fn tag_end(bytes: &[u8]) -> Option<usize> {
    match markup(bytes, true) {
        Markup::Start { length, .. } | Markup::End { length } | Markup::Other { length } => Some(length),
        Markup::Section | Markup::Comment | Markup::Text | Markup::Cut => memchr(b'>', bytes).map(|found| found + 1),
    }
}

/// Whether a name can end before this byte.
pub(super) const fn ends_name(byte: u8) -> bool {
    matches!(byte, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether the tag at the start of `tag` (with its `<`) has this `name` (`/name` for an end tag).
pub(super) fn is_tag(tag: &[u8], name: &str) -> bool {
    let after = tag.get(1..).and_then(|tag| tag.strip_prefix(name.as_bytes()));
    after.and_then(|after| after.first()).is_some_and(|byte| ends_name(*byte))
}

#[cfg(test)]
mod tests;
