//! Where threads begin and end, by what is between them.

use rethread_syntax::json::is_bad;

use crate::muut::scan::{Next, REACH, Seen, after, before, begins_thread};

/// Whether a thread begins after white space.
pub(super) fn thread_after(window: &[u8], from: usize, at_end: bool) -> Seen {
    match after(window, from, at_end) {
        Next::Unknown => Seen::TooShort,
        Next::Byte(b'{') => {
            let brace = memchr::memchr(b'{', &window[from..]).map_or(from, |length| from + length);
            begins_thread(&window[brace..], at_end)
        }
        Next::Byte(_) | Next::Nothing => Seen::No,
    }
}

/// The end of the thread before another one, which begins at `start`, perhaps right after another
/// channel's path.
pub(super) fn end_before(window: &[u8], start: usize) -> usize {
    let bracket = match before(window, start) {
        // The bracket is damaged.
        Some((b':', _)) => Some(start),
        Some((byte, place)) if byte == b'[' || is_bad(byte) => Some(place),
        Some(_) | None => None,
    };
    trimmed(window, bracket.and_then(|bracket| path_before(window, bracket)).unwrap_or(start))
}

/// Where `"path":` begins before the bracket at `bracket`.
fn path_before(window: &[u8], bracket: usize) -> Option<usize> {
    let (_, colon) = before(window, bracket).filter(|(byte, _)| *byte == b':')?;
    let (_, end) = before(window, colon).filter(|(byte, _)| *byte == b'"')?;
    let from = end.saturating_sub(4 * REACH);
    let start = memchr::memrchr(b'"', &window[from..end]).map(|length| from + length)?;
    let name = &window[start + 1..end];
    (name != b"replies" && start > 0).then_some(start)
}

/// The end of the thread before `end`, without what separates it from the next.
pub(super) fn trimmed(window: &[u8], end: usize) -> usize {
    let is_between = |byte: &u8| *byte <= b' ' || matches!(byte, b',' | b']' | b'[');
    window[..end].iter().rposition(|byte| !is_between(byte)).map_or(1, |last| last + 1)
}

/// Where the last thread ends if the document ends as it should: with the brackets of the channel,
/// of `threads` and of the document.
pub(super) fn closed_end(window: &[u8]) -> Option<usize> {
    let is_passed = |byte: &u8| *byte <= b' ' || matches!(byte, b')' | b';');
    let end = window.iter().rposition(|byte| !is_passed(byte))? + 1;
    let threads = window[..end].strip_suffix(b"}")?.trim_ascii_end();
    let channel = threads.strip_suffix(b"}")?.trim_ascii_end().strip_suffix(b"]")?;
    (!channel.is_empty()).then(|| trimmed(window, channel.len()))
}
