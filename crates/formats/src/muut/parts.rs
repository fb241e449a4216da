//! The seed and the replies of a thread, by their places.

use std::ops::Range;

use super::scan::{Next, Scanned, Scanner, Seen, after, before, begins_with_key, lacks_brace};
use crate::json::{closing_quote, is_key, value};

/// First keys of replies: by one of these the next one is known after damage.
const REPLY_KEYS: &[&str] = &["id", "key", "date", "body", "author"];

/// A text that lost its quote may have embedded_record_offsets so much of the next reply.
const SWALLOWED: usize = 64;

/// An object, perhaps a damaged one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub range: Range<usize>,
}

/// The parts of a thread. Whatever is damaged in one of them, the others are found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub seed: Option<Part>,
    pub replies: Vec<Part>,
    /// Where something between them was mended first.
    pub mended: Option<usize>,
}

impl Parts {
    /// The parts of the element, which is whole or as much of it as there is.
    pub(super) fn of(element: &[u8]) -> Self {
        let mut parts = Self::default();
        let mut at = usize::from(element.first() == Some(&b'{'));
        while at < element.len() {
            at = match element[at] {
                b'"' => parts.member(element, at),
                // What is left where a key is damaged.
                b'{' | b'[' => parts.keyless(element, at),
                _ => at + 1,
            };
        }
        parts
    }

    /// Takes the value at `at` that no readable key stands before. The place after it.
    fn keyless(&mut self, element: &[u8], at: usize) -> usize {
        let is_array = element[at] == b'[';
        let first = if is_array { past_space(element, at + 1) } else { at };
        if !begins_reply(element, first) {
            return at + 1;
        }
        if !is_array && self.seed.is_none() && replies_key(element, at).is_some() {
            let (part, end) = self.object(element, at, true);
            self.seed = Some(part);
            return end;
        }
        self.array(element, first)
    }

    /// Takes the member whose key begins at `at`. The place after it.
    fn member(&mut self, element: &[u8], at: usize) -> usize {
        let Some(quote) = closing_quote(element, at + 1) else { return element.len() };
        let key = &element[at + 1..quote];
        let key_end = quote + 1;
        let colon = past_space(element, key_end);
        if element.get(colon) != Some(&b':') {
            // Perhaps its first quote is the last one of another text.
            return at + 1;
        }
        let start = past_space(element, colon + 1);
        match element.get(start) {
            Some(b'{') if is_key(key, "replies") => self.array(element, start),
            Some(b'{') => {
                let (part, end) = self.object(element, start, true);
                // A seed is known by its key's name, or, where that is damaged, by what it holds.
                let is_seed = || {
                    is_key(key, "seed")
                        || !is_key(key, "author") && value(&element[part.range.clone()], "key").is_some()
                };
                if self.seed.is_none() && is_seed() {
                    self.seed = Some(part);
                }
                end
            }
            Some(b'[') if is_key(key, "replies") || begins_reply(element, past_space(element, start + 1)) => {
                self.array(element, start + 1)
            }
            _ => match Scanner::new().scan(element, start, true) {
                Scanned::Done(end) => end.max(key_end),
                Scanned::More(_) | Scanned::Damaged(_) => start.max(key_end),
            },
        }
    }

    /// Takes the replies from `at` on. The place after the array.
    fn array(&mut self, element: &[u8], mut at: usize) -> usize {
        let mut needs_comma = false;
        while let Some(byte) = element.get(at) {
            match byte {
                b'{' => {
                    if needs_comma {
                        self.mended.get_or_insert(at);
                    }
                    let (part, end) = self.object(element, at, false);
                    // After a damaged one, its comma may lie in what was passed over.
                    needs_comma = part.range.end == end;
                    self.replies.push(part);
                    at = end;
                }
                b',' => {
                    needs_comma = false;
                    at += 1;
                }
                b']' | b'[' if after(element, at + 1, true) == Next::Byte(b'{') => {
                    self.mended.get_or_insert(at);
                    needs_comma = false;
                    at += 1;
                }
                b']' => {
                    // A bracket too many.
                    let next = past_space(element, at + 1);
                    let is_doubled = element.get(next) == Some(&b']');
                    if is_doubled {
                        self.mended.get_or_insert(next);
                    }
                    return if is_doubled { next + 1 } else { at + 1 };
                }
                // What is left of a reply without its brace.
                b'"' => {
                    let end = next_reply(element, at + 1).unwrap_or(element.len());
                    self.replies.push(Part { range: at..trimmed(element, at, end) });
                    at = end;
                }
                _ => at += 1,
            }
        }
        at
    }

    /// The object that begins at `start`, and the place after it.
    fn object(&mut self, element: &[u8], start: usize, is_seed: bool) -> (Part, usize) {
        let mut scanner = Scanner::new();
        let damaged_at = match scanner.scan(element, start, true) {
            // A seed that lost its last brace has embedded_record_offsets the replies.
            Scanned::Done(end) if is_seed && replies_key(&element[..end], start).is_some() => start,
            Scanned::More(_) | Scanned::Damaged(_) if is_seed => start,
            Scanned::Done(end) => {
                self.mended = self.mended.or(scanner.mended);
                return (Part { range: start..end }, end);
            }
            Scanned::More(at) | Scanned::Damaged(at) => at,
        };
        let from = damaged_at.saturating_sub(SWALLOWED).max(start + 1);
        let end = if is_seed { replies_key(element, from) } else { next_reply(element, from) };
        let end = end.unwrap_or(element.len());
        (Part { range: start..trimmed(element, start, end) }, end)
    }
}

/// Where the next reply begins, from `from` on.
fn next_reply(element: &[u8], from: usize) -> Option<usize> {
    memchr::memchr2_iter(b'{', b'"', element.get(from..)?).map(|length| from + length).find_map(|at| {
        if element[at] == b'"' {
            return lacks_brace(element, at, REPLY_KEYS, true).filter(|brace| *brace >= from);
        }
        let is_between = !matches!(before(element, at), Some((b':', _)) | None);
        (is_between && begins_reply(element, at)).then_some(at)
    })
}

fn begins_reply(element: &[u8], at: usize) -> bool {
    element.get(at) == Some(&b'{') && begins_with_key(&element[at..], REPLY_KEYS, true) == Seen::Yes
}

/// Where `"replies": [` stands, from `from` on.
fn replies_key(element: &[u8], from: usize) -> Option<usize> {
    let found = memchr::memmem::find_iter(element.get(from..)?, b"\"replies\"").map(|length| from + length);
    found.into_iter().find(|at| {
        let colon = past_space(element, at + b"\"replies\"".len());
        element.get(colon) == Some(&b':') && element.get(past_space(element, colon + 1)) == Some(&b'[')
    })
}

/// What is kept of the part before `end`.
fn trimmed(element: &[u8], start: usize, end: usize) -> usize {
    let is_between = |byte: &u8| *byte <= b' ' || matches!(byte, b',' | b']' | b'[');
    element[start..end].iter().rposition(|byte| !is_between(byte)).map_or(start + 1, |last| start + last + 1)
}

fn past_space(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().position(|byte| *byte > b' ').map_or(bytes.len(), |length| from + length)
}
