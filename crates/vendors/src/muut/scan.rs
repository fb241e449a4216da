//! Finds the end of a JSON value, and repairs the known errors of Muut's exporter on the way.
//!
//! Reading is strict until it meets one of these, which JSON never has outside strings: `}{` (the
//! comma is missing), `}]{` and `}[{` (the bracket replaces the comma), and `]]` where only one
//! array is open (an extra bracket). White space may stand between the characters.

use rethread_syntax::json::{damaged_key, is_bad, is_key};

/// White space between two tokens, and keys, are scanned no further than this.
pub(super) const REACH: usize = 256;

/// How far a scan came. Positions are relative to the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scanned {
    /// The value ends before this position.
    Done(usize),
    /// The window ends in the value; continue from this position once there are more bytes.
    More(usize),
    /// JSON does not allow this byte here, and it is not a known error.
    Damaged(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Value,
    KeyOrEnd,
    ValueOrEnd,
    Colon,
    CommaOrEnd,
    Text { is_key: bool },
    Escape { is_key: bool },
    Literal,
}

/// The effect of a byte between values.
enum Met {
    Passed,
    Ended,
    Damaged,
    /// More bytes are needed to decide.
    Unknown,
}

/// The state of a scan of one value.
#[derive(Debug)]
pub(super) struct Scanner {
    state: State,
    /// For each open container, whether it is an object.
    open: Vec<bool>,
    /// The last byte between values.
    last: u8,
    /// Where the first repair was made.
    pub mended: Option<usize>,
    /// The value is a thread, so that another thread inside its arrays is recognised.
    is_thread: bool,
}

impl Scanner {
    /// For a value that begins at the next byte that is not white space.
    pub(super) const fn new() -> Self {
        Self { state: State::Value, open: Vec::new(), last: 0, mended: None, is_thread: false }
    }

    /// For a thread.
    pub(super) const fn of_thread() -> Self {
        Self { state: State::Value, open: Vec::new(), last: 0, mended: None, is_thread: true }
    }

    /// Continues the scan from `from`, where the scan of the same, shorter window ended. `at_end`
    /// means that nothing follows the window.
    pub(super) fn scan(&mut self, window: &[u8], from: usize, at_end: bool) -> Scanned {
        let mut at = from;
        while at < window.len() {
            match self.state {
                State::Text { is_key } => {
                    let Some(length) = memchr::memchr2(b'"', b'\\', &window[at..]) else {
                        return Scanned::More(window.len());
                    };
                    at += length + 1;
                    if window[at - 1] == b'\\' {
                        self.state = State::Escape { is_key };
                    } else if is_key {
                        self.state = State::Colon;
                    } else if self.value_ended(b'"') {
                        return Scanned::Done(at);
                    }
                }
                State::Escape { is_key } => {
                    self.state = State::Text { is_key };
                    at += 1;
                }
                State::Literal if is_literal(window[at]) => at += 1,
                State::Literal => {
                    if self.value_ended(b'0') {
                        return Scanned::Done(at);
                    }
                }
                _ if window[at] <= b' ' => at += 1,
                _ => match self.meet(window, at, at_end) {
                    Met::Passed => at += 1,
                    Met::Ended => return Scanned::Done(at + 1),
                    Met::Damaged => return Scanned::Damaged(at),
                    Met::Unknown => return Scanned::More(at),
                },
            }
        }
        Scanned::More(at)
    }

    fn meet(&mut self, window: &[u8], at: usize, at_end: bool) -> Met {
        let byte = window[at];
        let in_object = self.open.last() == Some(&true);
        let in_array = self.open.last() == Some(&false);
        let next = || after(window, at + 1, at_end);
        match (self.state, byte) {
            (State::Value | State::ValueOrEnd, b'"') => self.state = State::Text { is_key: false },
            (State::Value | State::ValueOrEnd, b'{') => return self.open_object(window, at, at_end),
            (State::Value | State::ValueOrEnd, b'[') => return self.push(false),
            (State::Value | State::ValueOrEnd, byte) if is_literal(byte) => self.state = State::Literal,
            (State::KeyOrEnd, b'"') => self.state = State::Text { is_key: true },
            // The comma before the key is missing.
            (State::CommaOrEnd, b'"') if in_object => self.state = State::Text { is_key: true },
            (State::Colon, b':') => self.state = State::Value,
            (State::CommaOrEnd, b',') => self.state = if in_object { State::KeyOrEnd } else { State::ValueOrEnd },
            (State::KeyOrEnd | State::CommaOrEnd, b'}') if in_object => return self.pop(b'}'),
            // `}{`: the comma is missing.
            (State::CommaOrEnd, b'{') if in_array && self.last == b'}' => {
                let met = self.open_object(window, at, at_end);
                if matches!(met, Met::Passed) {
                    self.mended.get_or_insert(at);
                }
                return met;
            }
            // `}]{` or `}[{`: the bracket replaces the comma.
            (State::CommaOrEnd, b']' | b'[') if in_array && self.last == b'}' => match (next(), byte) {
                (Next::Unknown, _) => return Met::Unknown,
                (Next::Byte(b'{'), _) => {
                    self.mended.get_or_insert(at);
                    self.state = State::Value;
                }
                (_, b']') => return self.pop(b']'),
                _ => return Met::Damaged,
            },
            (State::ValueOrEnd | State::CommaOrEnd, b']') if in_array => return self.pop(b']'),
            // An extra bracket after the last array of an object.
            (State::CommaOrEnd, b']') if in_object && self.last == b']' => {
                self.mended.get_or_insert(at);
            }
            _ => return Met::Damaged,
        }
        Met::Passed
    }

    /// An array holds replies, never another thread: a thread that begins there shows that brackets
    /// are missing. Deeper levels of a thread may hold anything.
    fn open_object(&mut self, window: &[u8], at: usize, at_end: bool) -> Met {
        if self.open.last() == Some(&false) && (!self.is_thread || self.open.len() == 2) {
            match begins_thread(&window[at..], at_end) {
                Seen::Yes => return Met::Damaged,
                Seen::TooShort => return Met::Unknown,
                Seen::No => {}
            }
        }
        self.push(true)
    }

    fn push(&mut self, is_object: bool) -> Met {
        self.open.push(is_object);
        self.last = 0;
        self.state = if is_object { State::KeyOrEnd } else { State::ValueOrEnd };
        Met::Passed
    }

    fn pop(&mut self, byte: u8) -> Met {
        self.open.pop();
        if self.value_ended(byte) { Met::Ended } else { Met::Passed }
    }

    fn value_ended(&mut self, last: u8) -> bool {
        self.state = State::CommaOrEnd;
        self.last = last;
        self.open.is_empty()
    }
}

/// What follows white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Byte(u8),
    /// Nothing relevant.
    Nothing,
    /// The window is too short to decide.
    Unknown,
}

/// The next byte that is not white space.
pub(super) fn after(window: &[u8], from: usize, at_end: bool) -> Next {
    let rest = window.get(from..).unwrap_or_default();
    let near = &rest[..rest.len().min(REACH)];
    match near.iter().find(|byte| **byte > b' ') {
        Some(byte) => Next::Byte(*byte),
        None if near.len() < REACH && !at_end => Next::Unknown,
        None => Next::Nothing,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Yes,
    No,
    TooShort,
}

/// Whether `bytes`, which start with `{`, begin a thread.
pub(super) fn begins_thread(bytes: &[u8], at_end: bool) -> Seen {
    begins_with_key(bytes, &THREAD_KEYS, at_end)
}

/// The keys of a thread.
const THREAD_KEYS: [&str; 2] = ["seed", "replies"];

/// Whether the string at the start of `bytes` is the first key of a thread (or of a reply, by
/// `keys`) whose brace, at `brace` in the window, is damaged.
pub(super) fn lacks_brace(window: &[u8], quote: usize, keys: &[&str], at_end: bool) -> Option<usize> {
    let (byte, brace) = before(window, quote).or_else(|| quote.checked_sub(1).map(|at| (window[at], at)))?;
    // A control character counts as white space, so only the one right before the key is
    // considered.
    let brace = if is_bad(window[quote - 1]) { quote - 1 } else { brace };
    let is_separated = || matches!(before(window, brace), Some((b',' | b'[' | b'}', _)));
    let is_key = || keys.iter().any(|key| window[quote + 1..].starts_with(key.as_bytes()));
    let is_lost = (is_bad(byte) || is_bad(window[brace])) && is_separated() && is_key();
    (is_lost && follows_colon(&window[quote..], at_end)).then_some(brace)
}

/// Whether a colon follows the string.
fn follows_colon(bytes: &[u8], at_end: bool) -> bool {
    let Some(length) = memchr::memchr(b'"', &bytes[1..bytes.len().min(REACH)]) else { return false };
    matches!(after(bytes, length + 2, at_end), Next::Byte(b':'))
}

/// Whether `bytes`, which start with `{`, begin an object whose first key is one of these.
pub(super) fn begins_with_key(bytes: &[u8], keys: &[&str], at_end: bool) -> Seen {
    let too_short = if at_end || bytes.len() > 4 * REACH { Seen::No } else { Seen::TooShort };
    let Some(quote) = token(bytes, 1) else { return too_short };
    if bytes[quote] != b'"' {
        // A control character in its place counts as white space.
        let is_damaged = |at: usize| keys.iter().any(|key| damaged_key(key, &bytes[at..]).is_some());
        return if is_damaged(quote) || is_damaged(quote - 1) { Seen::Yes } else { Seen::No };
    }
    let text = &bytes[quote + 1..];
    let is_damaged = |key: &&str| damaged_key(key, &bytes[quote..]).is_some();
    if keys.iter().any(is_damaged) {
        return Seen::Yes;
    }
    let Some(length) = memchr::memchr(b'"', &text[..text.len().min(REACH)]) else { return too_short };
    if !keys.iter().any(|key| is_key(&text[..length], key)) {
        return Seen::No;
    }
    match token(bytes, quote + length + 2) {
        Some(colon) if bytes[colon] == b':' => Seen::Yes,
        Some(_) => Seen::No,
        None => too_short,
    }
}

fn token(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.iter().take(REACH).position(|byte| *byte > b' ').map(|length| from + length)
}

/// The last byte before `at` that is not white space, and its position.
pub(super) fn before(window: &[u8], at: usize) -> Option<(u8, usize)> {
    let from = at.saturating_sub(REACH);
    let place = window[from..at].iter().rposition(|byte| *byte > b' ')?;
    Some((window[from + place], from + place))
}

/// The bytes of numbers and words.
const fn is_literal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}
