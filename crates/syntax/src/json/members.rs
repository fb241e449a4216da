//! Inspects an element's members in place, without building values.

use std::borrow::Cow;
use std::ops::Range;

use super::scan::{Scanned, Scanner};

/// The closing quote of the string whose content begins at `from`.
#[must_use]
pub fn closing_quote(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[found] == b'"' {
            return Some(found);
        }
        at = found + 2;
    }
}

/// Whether a key's raw content, which may contain escapes, is this name.
#[must_use]
pub fn is_key(raw: &[u8], name: &str) -> bool {
    raw == name.as_bytes() || raw.contains(&b'\\') && *unescaped(raw) == *name.as_bytes()
}

/// A key with its escapes resolved.
fn unescaped(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.contains(&b'\\') {
        return Cow::Borrowed(raw);
    }
    let quoted = [b"\"", raw, b"\""].concat();
    serde_json::from_slice(&quoted).map_or(Cow::Borrowed(raw), |key: String| Cow::Owned(key.into_bytes()))
}

/// A member of an object. Positions are relative to the object's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'b> {
    /// The key with its escapes resolved.
    pub key: Cow<'b, [u8]>,
    /// The key's position, including its quotes.
    pub key_at: Range<usize>,
    /// Where the value begins.
    pub start: usize,
    /// Where it ends; `None` if the bytes end before it or it is damaged. No member follows it
    /// then.
    pub end: Option<usize>,
}

/// The members of the object at the start of `bytes`, as far as they can be parsed. Nothing
/// recurses, whatever the depth.
pub fn members(bytes: &[u8]) -> impl Iterator<Item = Member<'_>> {
    let mut at = Some(1).filter(|_| bytes.first() == Some(&b'{'));
    std::iter::from_fn(move || {
        let member = member(bytes, at?);
        at = member.as_ref().and_then(|member| member.end);
        member
    })
}

/// The value under the key; the last one if the key repeats.
#[must_use]
pub fn value<'b>(bytes: &'b [u8], key: &str) -> Option<&'b [u8]> {
    let found = members(bytes).filter(|member| *member.key == *key.as_bytes()).last()?;
    Some(&bytes[found.start..found.end?])
}

/// Splits `"key": value` as the framer cuts it.
#[must_use]
pub fn split_member(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = bytes.strip_prefix(b"\"")?;
    let key_end = memchr::memchr(b'"', rest)?;
    let value = rest[key_end + 1..].trim_ascii_start().strip_prefix(b":")?;
    Some((&rest[..key_end], value))
}

/// The ranges of the elements of the array at the start of `bytes`, as far as they can be parsed.
pub fn elements(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = Some(1).filter(|_| bytes.first() == Some(&b'['));
    std::iter::from_fn(move || {
        let start = past(bytes, at.take()?, true);
        let end = bytes.get(start).filter(|byte| **byte != b']').and_then(|_| end_of(bytes, start))?;
        at = Some(end);
        Some(start..end)
    })
}

fn member(bytes: &[u8], from: usize) -> Option<Member<'_>> {
    let quote = past(bytes, from, true);
    (bytes.get(quote) == Some(&b'"')).then_some(())?;
    let key_end = end_of(bytes, quote)?;
    let colon = past(bytes, key_end, false);
    (bytes.get(colon) == Some(&b':')).then_some(())?;
    let start = past(bytes, colon + 1, false);
    let key = unescaped(&bytes[quote + 1..key_end - 1]);
    Some(Member { key, key_at: quote..key_end, start, end: end_of(bytes, start) })
}

/// The position after white space and control characters (which are removed before an element is
/// read), and after commas if `commas`.
fn past(bytes: &[u8], from: usize, commas: bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let is_between = |byte: &u8| *byte <= b' ' || commas && *byte == b',';
    rest.iter().position(|byte| !is_between(byte)).map_or(bytes.len(), |length| from + length)
}

fn end_of(bytes: &[u8], start: usize) -> Option<usize> {
    match Scanner::new().scan(bytes, start) {
        Scanned::Done(end) if end > start => Some(end),
        Scanned::Done(_) | Scanned::More | Scanned::Damaged(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_as_they_stand() {
        let object = br#"{ "id" : 7 , "a\"b":"}","page":{"id":1,"x":[{}]},, "n":null "z":[1]}"#;
        let found: Vec<_> =
            members(object).map(|member| (member.key, &object[member.start..member.end.unwrap()])).collect();
        let expected: [(&[u8], &[u8]); 5] =
            [(b"id", b"7"), (b"a\"b", b"\"}\""), (b"page", br#"{"id":1,"x":[{}]}"#), (b"n", b"null"), (b"z", b"[1]")];
        assert_eq!(found, expected.map(|(key, value)| (Cow::Borrowed(key), value)));
        assert_eq!(value(br#"{"p\u0061ge":1}"#, "page"), Some(&b"1"[..]));
        assert!(is_key(br"p\u0061ge", "page") && !is_key(br"p\u0061ge", "pagf") && !is_key(br"p\age", "page"));
        assert_eq!(value(br#"{"a":1,"a":2}"#, "a"), Some(&b"2"[..]));
        assert_eq!(value(b"[1]", "a"), None);
    }

    #[test]
    fn what_is_cut_or_damaged_ends_the_list() {
        let cut = br#"{"id":7,"page":{"id":"#;
        let found: Vec<_> = members(cut).map(|member| (member.key.into_owned(), member.end.is_some())).collect();
        assert_eq!(found, [(b"id".to_vec(), true), (b"page".to_vec(), false)]);
        assert_eq!(members(br#"{"id":7,"a":{"b"},"c":1}"#).count(), 2);
        assert_eq!(members(b"{").count() + members(b"").count() + members(b"{\"a\"").count(), 0);
    }

    #[test]
    fn elements_are_found_at_any_depth() {
        let array = b"[1, {\"a\":[2]},,\"x]\"]";
        let found: Vec<_> = elements(array).map(|range| &array[range]).collect();
        assert_eq!(found, [&b"1"[..], b"{\"a\":[2]}", b"\"x]\""]);
        let deep = format!("[{}1{}]", "[".repeat(50_000), "]".repeat(50_000));
        assert_eq!(elements(deep.as_bytes()).count(), 1);
        assert_eq!(elements(b"{}").count() + elements(b"[]").count() + elements(b"[").count(), 0);
    }
}
