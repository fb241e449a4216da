//! Locates the seed and the replies of a thread.

use std::ops::Range;

use rethread_syntax::json::{closing_quote, is_key, value};

use super::scan::{Next, Scanned, Scanner, Seen, after, before, begins_with_key, lacks_brace};

/// First keys of replies. After damage, the next reply is recognised by one of these.
const REPLY_KEYS: &[&str] = &["id", "key", "date", "body", "author"];

/// A string that lost its quote may have swallowed this much of the next reply.
const SWALLOWED: usize = 64;

/// An object, perhaps a damaged one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub range: Range<usize>,
}

/// The parts of a thread. Damage in one of them does not hide the others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub seed: Option<Part>,
    pub replies: Vec<Part>,
    /// Where the first repair between them was made.
    pub mended: Option<usize>,
}

impl Parts {
    /// The parts of the element, which may be incomplete.
    pub(super) fn of(element: &[u8]) -> Self {
        let mut parts = Self::default();
        let mut at = usize::from(element.first() == Some(&b'{'));
        while at < element.len() {
            at = match element[at] {
                b'"' => parts.member(element, at),
                // What remains if a key is damaged.
                b'{' | b'[' => parts.keyless(element, at),
                _ => at + 1,
            };
        }
        parts
    }

    /// Handles a value at `at` without a readable key. Returns the position after it.
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

    /// Handles the member whose key begins at `at`. Returns the position after it.
    fn member(&mut self, element: &[u8], at: usize) -> usize {
        let Some(quote) = closing_quote(element, at + 1) else { return element.len() };
        let key = &element[at + 1..quote];
        let key_end = quote + 1;
        let colon = past_space(element, key_end);
        if element.get(colon) != Some(&b':') {
            // Its first quote may be the last one of another string.
            return at + 1;
        }
        let start = past_space(element, colon + 1);
        match element.get(start) {
            Some(b'{') if is_key(key, "replies") => self.array(element, start),
            Some(b'{') => {
                let (part, end) = self.object(element, start, true);
                // A seed is recognised by its key's name or, if that is damaged, by its content.
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

    /// Handles the replies from `at` on. Returns the position after the array.
    fn array(&mut self, element: &[u8], mut at: usize) -> usize {
        let mut needs_comma = false;
        while let Some(byte) = element.get(at) {
            match byte {
                b'{' => {
                    if needs_comma {
                        self.mended.get_or_insert(at);
                    }
                    let (part, end) = self.object(element, at, false);
                    // After a damaged one, its comma may lie in the skipped bytes.
                    needs_comma = part.range.end == end;
                    self.replies.push(part);
                    at = end;
                }
                b',' => {
                    needs_comma = false;
                    at += 1;
                }
                // The bracket replaces a comma.
                b']' | b'[' if after(element, at + 1, true) == Next::Byte(b'{') => {
                    self.mended.get_or_insert(at);
                    needs_comma = false;
                    at += 1;
                }
                b']' => {
                    // An extra bracket.
                    let next = past_space(element, at + 1);
                    let is_doubled = element.get(next) == Some(&b']');
                    if is_doubled {
                        self.mended.get_or_insert(next);
                    }
                    return if is_doubled { next + 1 } else { at + 1 };
                }
                // The rest of a reply without its brace.
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

    /// The object that begins at `start`, and the position after it.
    fn object(&mut self, element: &[u8], start: usize, is_seed: bool) -> (Part, usize) {
        let mut scanner = Scanner::new();
        let damaged_at = match scanner.scan(element, start, true) {
            // A seed that lost its last brace has swallowed the replies.
            Scanned::Done(end) if is_seed && replies_key(&element[..end], start).is_some() => start,
            // The replies may follow before the damage became visible.
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

/// Where the next reply begins, searching from `from`.
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

/// The position of `"replies": [`, searching from `from`.
fn replies_key(element: &[u8], from: usize) -> Option<usize> {
    let found = memchr::memmem::find_iter(element.get(from..)?, b"\"replies\"").map(|length| from + length);
    found.into_iter().find(|at| {
        let colon = past_space(element, at + b"\"replies\"".len());
        element.get(colon) == Some(&b':') && element.get(past_space(element, colon + 1)) == Some(&b'[')
    })
}

/// The end of the part before `end`, without trailing separators.
fn trimmed(element: &[u8], start: usize, end: usize) -> usize {
    let is_between = |byte: &u8| *byte <= b' ' || matches!(byte, b',' | b']' | b'[');
    element[start..end].iter().rposition(|byte| !is_between(byte)).map_or(start + 1, |last| start + last + 1)
}

fn past_space(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().position(|byte| *byte > b' ').map_or(bytes.len(), |length| from + length)
}
