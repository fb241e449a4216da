//! Finds the end of a JSON value, byte by byte, without recursion and across windows.

use super::space::is_space;

/// How far a scan came. Positions are relative to the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scanned {
    /// The value ends before this position.
    Done(usize),
    /// The window ends in the value.
    More,
    /// JSON does not allow this byte here.
    Damaged(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value must follow.
    Value,
    /// A key must follow, or the end of the object (`{}`, or an extra comma).
    KeyOrEnd,
    /// A value must follow, or the end of the array.
    ValueOrEnd,
    /// After a key.
    Colon,
    /// After a value: a comma or the end. A missing comma before a key is accepted.
    CommaOrEnd,
    Text {
        is_key: bool,
    },
    /// After a backslash.
    Escape {
        is_key: bool,
    },
    /// A number or a word.
    Literal,
}

/// The state of a scan of one value.
#[derive(Debug, Clone)]
pub(super) struct Scanner {
    state: State,
    depth: usize,
    /// One bit for each open container, outermost first: set for objects.
    objects: Vec<u64>,
    /// Whether a control character between tokens is damage.
    is_strict: bool,
}

impl Scanner {
    /// For a value that begins at the next byte that is not white space.
    pub(super) const fn new() -> Self {
        Self { state: State::Value, depth: 0, objects: Vec::new(), is_strict: false }
    }

    /// For a value that is not read. There, a control character between tokens may be the damaged
    /// bracket that ends the value.
    pub(super) const fn strict() -> Self {
        Self { state: State::Value, depth: 0, objects: Vec::new(), is_strict: true }
    }

    /// Continues the scan. `from` is where the scan of the same, shorter window ended.
    pub(super) fn scan(&mut self, window: &[u8], from: usize) -> Scanned {
        let mut at = from;
        while at < window.len() {
            match self.state {
                State::Text { is_key } => match memchr::memchr2(b'"', b'\\', &window[at..]) {
                    None => return Scanned::More,
                    Some(length) => {
                        at += length + 1;
                        let is_end = window[at - 1] == b'"';
                        if !is_end {
                            self.state = State::Escape { is_key };
                        } else if is_key {
                            self.state = State::Colon;
                        } else if self.value_ended() {
                            return Scanned::Done(at);
                        }
                    }
                },
                State::Escape { is_key } => {
                    self.state = State::Text { is_key };
                    at += 1;
                }
                State::Literal => match window[at..].iter().position(|byte| !is_literal(*byte)) {
                    None => return Scanned::More,
                    Some(length) => {
                        at += length;
                        if self.value_ended() {
                            return Scanned::Done(at);
                        }
                    }
                },
                _ => {
                    let byte = window[at];
                    // Control characters are removed before the value is read.
                    if byte > b' ' {
                        match self.structure(byte) {
                            Some(true) => return Scanned::Done(at + 1),
                            Some(false) => {}
                            None => return Scanned::Damaged(at),
                        }
                    } else if self.is_strict && !is_space(byte) {
                        return Scanned::Damaged(at);
                    }
                    at += 1;
                }
            }
        }
        Scanned::More
    }

    /// Handles a byte between values. `true` if the outermost value ends with it; `None` if it is
    /// not allowed there.
    fn structure(&mut self, byte: u8) -> Option<bool> {
        match (self.state, byte) {
            (State::Value | State::ValueOrEnd, b'"') => self.state = State::Text { is_key: false },
            (State::Value | State::ValueOrEnd, b'{') => self.open(true),
            (State::Value | State::ValueOrEnd, b'[') => self.open(false),
            (State::Value | State::ValueOrEnd, byte) if is_literal(byte) => self.state = State::Literal,
            (State::KeyOrEnd, b'"') => self.state = State::Text { is_key: true },
            // The comma before the key is missing.
            (State::CommaOrEnd, b'"') if self.inside(true) => self.state = State::Text { is_key: true },
            (State::Colon, b':') => self.state = State::Value,
            (State::CommaOrEnd, b',') if self.inside(true) => self.state = State::KeyOrEnd,
            (State::CommaOrEnd, b',') => self.state = State::ValueOrEnd,
            (State::KeyOrEnd | State::CommaOrEnd | State::ValueOrEnd, b'}') if self.inside(true) => {
                return Some(self.close());
            }
            (State::ValueOrEnd | State::CommaOrEnd, b']') if self.inside(false) => return Some(self.close()),
            _ => return None,
        }
        Some(false)
    }

    fn open(&mut self, is_object: bool) {
        // One bit per level keeps deep nesting cheap.
        let (word, bit) = (self.depth / 64, 1 << (self.depth % 64));
        if word == self.objects.len() {
            self.objects.push(0);
        }
        if is_object {
            self.objects[word] |= bit;
        } else {
            self.objects[word] &= !bit;
        }
        self.depth += 1;
        self.state = if is_object { State::KeyOrEnd } else { State::ValueOrEnd };
    }

    fn close(&mut self) -> bool {
        self.depth -= 1;
        self.value_ended()
    }

    fn value_ended(&mut self) -> bool {
        self.state = State::CommaOrEnd;
        self.depth == 0
    }

    /// Whether the innermost container is an object (or an array).
    fn inside(&self, object: bool) -> bool {
        let Some(innermost) = self.depth.checked_sub(1) else { return false };
        (self.objects[innermost / 64] >> (innermost % 64) & 1 == 1) == object
    }
}

/// The bytes of numbers and words. The reader decides which of them are valid JSON.
const fn is_literal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}
