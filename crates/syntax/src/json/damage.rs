//! Recognises what a single damaged byte hides: a key, and the array behind it.
//!
//! A byte counts as damaged only if JSON never has it outside strings: a control character, or a
//! non-ASCII byte. So valid content is never mistaken for something else.

use super::grammar::{Grammar, ROOT};
use super::members::closing_quote;
use super::space::{after_space, is_space};

/// Whether this byte appears neither between JSON values nor in any vendor's keys.
#[must_use]
pub const fn is_bad(byte: u8) -> bool {
    byte >= 0x7f || byte < b' ' && !is_space(byte)
}

/// Whether a head frame for the surveyor contains a damaged byte.
#[must_use]
pub fn is_damaged(head: &[u8]) -> bool {
    head.iter().any(|byte| is_bad(*byte))
}

/// The position after `"key":` at the start of `bytes`, if exactly one of its bytes is damaged.
#[must_use]
pub fn key(key: &str, bytes: &[u8]) -> Option<usize> {
    let quoted = quoted(key, bytes)?;
    let mut is_damaged = quoted.is_damaged;
    let colon = punctuation(b':', bytes, quoted.end, &mut is_damaged)?;
    is_damaged.then_some(colon)
}

/// The array of the grammar that `"name": [` at the start of `bytes` opens, and the position after
/// the bracket. At most one byte may be damaged.
#[must_use]
pub fn opened_array(grammar: &Grammar, bytes: &[u8]) -> Option<(usize, usize)> {
    if let Some(array) = opened_as_written(grammar, bytes) {
        return Some(array);
    }
    grammar.arrays.iter().enumerate().filter(|(_, rule)| rule.name != ROOT).find_map(|(array, rule)| {
        let quoted = quoted(rule.name, bytes)?;
        let mut is_damaged = quoted.is_damaged;
        let colon = punctuation(b':', bytes, quoted.end, &mut is_damaged)?;
        let bracket = punctuation(b'[', bytes, colon, &mut is_damaged)?;
        Some((array, bracket))
    })
}

/// Like [`opened_array`], without damage; the name may contain escapes.
fn opened_as_written(grammar: &Grammar, bytes: &[u8]) -> Option<(usize, usize)> {
    let rest = bytes.strip_prefix(b"\"")?;
    let quote = closing_quote(rest, 0)?;
    let array = grammar.array(&rest[..quote]).filter(|array| grammar.arrays[*array].name != ROOT)?;
    let colon = after_space(rest, quote + 1);
    let bracket = after_space(rest, (rest.get(colon) == Some(&b':')).then_some(colon + 1)?);
    (rest.get(bracket) == Some(&b'[')).then_some((array, bracket + 2))
}

struct Quoted {
    end: usize,
    is_damaged: bool,
}

/// Matches `"name"` with at most one damaged byte.
fn quoted(name: &str, bytes: &[u8]) -> Option<Quoted> {
    let length = name.len() + 2;
    let there = bytes.get(..length)?;
    let expected = [b"\"", name.as_bytes(), b"\""].concat();
    let mut differing = there.iter().zip(&expected).filter(|(byte, expected)| byte != expected);
    let is_damaged = match differing.next() {
        None => false,
        Some((byte, _)) if is_bad(*byte) => true,
        Some(_) => return None,
    };
    differing.next().is_none().then_some(Quoted { end: length, is_damaged })
}

/// The position after the character, which white space may precede. It, or a byte before it, may be
/// damaged if nothing was damaged so far.
fn punctuation(character: u8, bytes: &[u8], from: usize, is_damaged: &mut bool) -> Option<usize> {
    let after_space = |from: usize| {
        let rest = bytes.get(from..)?;
        rest.iter().position(|byte| !is_space(*byte)).map(|length| from + length)
    };
    let at = after_space(from)?;
    if bytes[at] == character {
        return Some(at + 1);
    }
    if *is_damaged || !is_bad(bytes[at]) {
        return None;
    }
    *is_damaged = true;
    let next = after_space(at + 1).filter(|next| bytes[*next] == character);
    Some(next.unwrap_or(at) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::FrameKind;
    use crate::json::grammar::ArrayRule;

    static GRAMMAR: Grammar =
        Grammar { arrays: &[ArrayRule { name: "ab", kind: FrameKind::Comment, keys: &["id"] }], scalars: &[] };

    #[test]
    fn one_damaged_byte_hides_no_array() {
        let whole = b"\"ab\" : [{";
        assert_eq!(opened_array(&GRAMMAR, whole), Some((0, 8)));
        for at in 0..8 {
            for byte in [0x08, 0xff] {
                let mut damaged = *whole;
                damaged[at] = byte;
                assert_eq!(opened_array(&GRAMMAR, &damaged), Some((0, 8)), "{byte:#x} at {at}");
                damaged[if at == 1 { 2 } else { 1 }] = byte;
                assert_eq!(opened_array(&GRAMMAR, &damaged), None, "two at {at}");
            }
        }
        assert_eq!(opened_array(&GRAMMAR, b"\"\\u0061b\" : ["), Some((0, 13)));
        assert_eq!(opened_array(&GRAMMAR, b"\"ax\": ["), None);
        assert_eq!(opened_array(&GRAMMAR, b"\"ab\": {"), None);
        assert_eq!(opened_array(&GRAMMAR, b"\"ab"), None);
    }

    #[test]
    fn one_damaged_byte_hides_no_key() {
        assert_eq!(key("ab", b"\"ab\":1"), None);
        for (damaged, end) in [(&b"\x08ab\": 1"[..], 5), (b"\"a\xff\" :1", 6), (b"\"ab\x08:1", 5), (b"\"ab\" \xff1", 6)]
        {
            assert_eq!(key("ab", damaged), Some(end), "{damaged:?}");
        }
    }
}
