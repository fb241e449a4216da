//! Finds the next record after damage.
//!
//! # Guarantees
//!
//! The next element of the same array is the next `{"key":`, with one of the array's keys, that is
//! neither the value of a key nor the first thing in an array. This sequence cannot occur inside a
//! string of undamaged JSON, because a quote in a string has a backslash before it. So a missing or
//! extra quote, brace or comma costs the element that it is in, and at most the one after it (where
//! the damage is so near the end that both read as one); never the rest.

use super::damage::{self, is_bad};
use super::grammar::Grammar;
use super::grammar::Shape;
use super::space::is_space;

/// White space between two tokens, and keys, are scanned no further than this.
pub(super) const REACH: usize = 256;

/// Where reading can resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// An element of the array begins here.
    Element(usize),
    /// `"name": [` of another array begins here.
    Array(usize),
    /// Nothing up to this position. What follows must be scanned together with the next bytes.
    Nothing(usize),
}

/// Searches from `from` for an element of the array with index `array`.
pub(super) fn search(grammar: &Grammar, shape: Shape, array: usize, window: &[u8], from: usize, at_end: bool) -> Found {
    let keys = grammar.arrays[array].keys;
    let mut at = from;
    while let Some(length) = memchr::memchr2(b'{', b'"', &window[at.min(window.len())..]) {
        at += length;
        let is_element = window[at] == b'{';
        let seen = match (is_element, shape) {
            (true, _) => begins_element(keys, &window[at..]),
            (false, Shape::Object) => begins_array(grammar, &window[at..]),
            (false, Shape::Array | Shape::Lines) => Seen::No,
        };
        // The byte before the quote may be the damaged brace of an element.
        if !is_element && at > 1 && is_bad(window[at - 1]) {
            match names_key(keys, &window[at..]) {
                Seen::TooShort if !at_end => return Found::Nothing(at),
                Seen::Yes if is_separated(before(window, at - 1)) => return Found::Element(at - 1),
                _ => {}
            }
        }
        let before = before(window, at);
        match seen {
            Seen::TooShort if !at_end => return Found::Nothing(at),
            // A value of a key, or the first thing in a nested array, is not an element of this
            // array.
            Seen::Yes if is_element && !matches!(before, Some(b':' | b'[') | None) => return Found::Element(at),
            Seen::Yes if !is_element && matches!(before, Some(b',' | b']' | b'}')) => return Found::Array(at),
            _ => at += 1,
        }
    }
    Found::Nothing(window.len())
}

/// Where the next `"name": [` of an array of the grammar begins, and whether that is certain: the
/// window may end in it.
pub(super) fn array(grammar: &Grammar, window: &[u8], at_end: bool) -> Option<(usize, bool)> {
    memchr::memchr_iter(b'"', window).find_map(|at| match begins_array(grammar, &window[at..]) {
        Seen::Yes => Some((at, true)),
        Seen::TooShort if !at_end => Some((at, false)),
        Seen::TooShort | Seen::No => None,
    })
}

/// Where to search from after damage at `at`. A string that lost its closing quote may have
/// swallowed the brace of the element whose first key follows.
pub(super) fn start(window: &[u8], at: usize) -> usize {
    let Some(text_end) = at.checked_sub(1).filter(|end| window[*end] == b'"') else { return at };
    let reach = text_end.saturating_sub(REACH);
    let brace = window[reach..text_end].iter().rposition(|byte| !is_space(*byte)).map(|place| reach + place);
    brace.filter(|place| window[*place] == b'{').unwrap_or(at)
}

/// The part of the record to keep before the position where the next one was found.
pub(super) fn trimmed(window: &[u8], end: usize) -> usize {
    let is_between = |byte: &u8| is_space(*byte) || matches!(byte, b',' | b']');
    window[..end].iter().rposition(|byte| !is_between(byte)).map_or(1, |last| last + 1)
}

/// Where the last record ends if the file ends as it should: with `]}`, with `]`, or, for JSON
/// Lines, with the record's own brace.
pub(super) fn before_closing(shape: Shape, window: &[u8]) -> Option<usize> {
    let whole = window.trim_ascii_end();
    let records = match shape {
        Shape::Object => whole.strip_suffix(b"}")?.trim_ascii_end().strip_suffix(b"]")?,
        Shape::Array => whole.strip_suffix(b"]")?,
        // A truncated line may also end with a brace.
        Shape::Lines if whole.ends_with(b"}") && whole.len() < window.len() => whole,
        Shape::Lines => return None,
    };
    (!records.is_empty()).then(|| trimmed(window, records.len()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Yes,
    No,
    TooShort,
}

/// Whether one of the keys and a colon follow the `{` at the start of `bytes`. One of these bytes
/// may be damaged.
fn begins_element(keys: &[&str], bytes: &[u8]) -> Seen {
    let is_key = |key: &[u8]| keys.iter().any(|known| known.as_bytes() == key);
    let seen = key_and_colon(bytes, 1, is_key).map_or_else(|seen| seen, |_| Seen::Yes);
    if seen != Seen::No {
        return seen;
    }
    let near = &bytes[..bytes.len().min(REACH)];
    match (begins_damaged(keys, bytes), near.len() < REACH && near.iter().any(|byte| is_bad(*byte))) {
        (true, _) => Seen::Yes,
        (false, true) => Seen::TooShort,
        (false, false) => Seen::No,
    }
}

/// Whether the string at the start of `bytes` is one of the keys, followed by a colon.
fn names_key(keys: &[&str], bytes: &[u8]) -> Seen {
    let is_key = |key: &[u8]| keys.iter().any(|known| known.as_bytes() == key);
    key_and_colon(bytes, 0, is_key).map_or_else(|seen| seen, |_| Seen::Yes)
}

/// Like [`begins_element`], with exactly one damaged byte between the brace and the colon.
fn begins_damaged(keys: &[&str], bytes: &[u8]) -> bool {
    let near = &bytes[..bytes.len().min(REACH)];
    let Ok(start) = token(near, 1) else { return false };
    keys.iter().any(|key| damage::key(key, &near[start..]).is_some())
}

/// Whether an element may begin after this byte.
const fn is_separated(before: Option<u8>) -> bool {
    !matches!(before, Some(b':' | b'[' | b'{' | b'\\') | None)
}

fn begins_array(grammar: &Grammar, bytes: &[u8]) -> Seen {
    let is_name = |key: &[u8]| grammar.array(key).is_some();
    match key_and_colon(bytes, 0, is_name).and_then(|colon| token(bytes, colon + 1)) {
        Ok(place) if bytes[place] == b'[' => Seen::Yes,
        Ok(_) => Seen::No,
        Err(seen) => seen,
    }
}

/// The position of the colon after a known key.
fn key_and_colon(bytes: &[u8], from: usize, is_known: impl Fn(&[u8]) -> bool) -> Result<usize, Seen> {
    let quote = token(bytes, from)?;
    if bytes[quote] != b'"' {
        return Err(Seen::No);
    }
    let rest = &bytes[quote + 1..];
    let Some(length) = memchr::memchr(b'"', &rest[..rest.len().min(REACH)]) else {
        return Err(if rest.len() < REACH { Seen::TooShort } else { Seen::No });
    };
    if !is_known(&rest[..length]) {
        return Err(Seen::No);
    }
    let colon = token(bytes, quote + length + 2)?;
    if bytes[colon] == b':' { Ok(colon) } else { Err(Seen::No) }
}

/// The position of the next byte that is not white space.
fn token(bytes: &[u8], from: usize) -> Result<usize, Seen> {
    let rest = bytes.get(from..).unwrap_or_default();
    let near = &rest[..rest.len().min(REACH)];
    match near.iter().position(|byte| !is_space(*byte)) {
        Some(length) => Ok(from + length),
        None if near.len() < REACH => Err(Seen::TooShort),
        None => Err(Seen::No),
    }
}

/// The last byte before `at` that is not white space.
fn before(window: &[u8], at: usize) -> Option<u8> {
    window[at.saturating_sub(REACH)..at].iter().rev().copied().find(|byte| !is_space(*byte))
}
