//! Keys outside threads.

use super::UNDECIDED_BYTES;
use super::ends::thread_after;
use crate::muut::scan::{Next, Seen, after};

/// A key and its value.
pub(super) struct Member {
    /// The position of the key's closing quote.
    pub end: usize,
    /// Where the value begins.
    pub value: usize,
}

/// What begins at a quote.
pub(super) enum Key {
    Found(Member),
    TooShort,
    /// Not a key. Its first quote may be the last one of another string, so only that quote is
    /// skipped.
    None,
}

/// The key at the start of the window, if the window holds its value's first byte.
pub(super) fn key(window: &[u8], at_end: bool) -> Key {
    let near = &window[..window.len().min(UNDECIDED_BYTES)];
    let too_short = || if near.len() < UNDECIDED_BYTES && !at_end { Key::TooShort } else { Key::None };
    let mut end = 1;
    loop {
        let Some(length) = near.get(end..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) else {
            return too_short();
        };
        end += length;
        if near[end] == b'"' {
            break;
        }
        end += 2;
    }
    let place =
        |from: usize| near.get(from..).and_then(|rest| rest.iter().position(|byte| *byte > b' ').map(|at| from + at));
    let Some(colon) = place(end + 1) else { return too_short() };
    if near[colon] != b':' {
        return Key::None;
    }
    place(colon + 1).map_or_else(too_short, |value| Key::Found(Member { end, value }))
}

/// Whether a key with its value at `value` is a remnant of a thread. A channel can have any name,
/// and holds threads or nothing.
pub(super) fn left_over(key: &[u8], window: &[u8], value: usize, at_end: bool) -> Seen {
    let is_array = window[value] == b'[';
    match key {
        b"seed" | b"replies" if !is_array => Seen::Yes,
        b"replies" => match (after(window, value + 1, at_end), thread_after(window, value + 1, at_end)) {
            (Next::Unknown, _) | (_, Seen::TooShort) => Seen::TooShort,
            (Next::Byte(b']'), _) | (_, Seen::Yes) => Seen::No,
            _ => Seen::Yes,
        },
        _ => Seen::No,
    }
}
