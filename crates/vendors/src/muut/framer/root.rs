//! What is around the threads.

use rethread_syntax::json::is_key;
use rethread_syntax::{Frame, FrameKind, Step};

use super::ends::thread_after;
use super::key::{Key, key};
use super::{MuutFramer, State, head, skip};
use crate::muut::scan::{Scanned, Scanner, Seen, begins_thread};

impl MuutFramer {
    pub(super) fn start(&mut self, window: &[u8], at_end: bool) -> Step {
        match memchr::memchr2(b'{', b'(', window) {
            Some(0) if window[0] == b'(' => head(1),
            Some(0) => {
                self.state = State::Root { depth: 1 };
                Step::Skip(1)
            }
            Some(place) => Step::Skip(place),
            None => skip(window.len(), at_end, false),
        }
    }

    pub(super) fn root(&mut self, depth: i32, window: &[u8], at_end: bool) -> Step {
        let is_passed = |byte: &u8| *byte <= b' ' || matches!(byte, b',' | b')' | b';');
        let Some(start) = window.iter().position(|byte| !is_passed(byte)) else {
            return skip(window.len(), at_end, depth <= 0);
        };
        if start > 0 {
            return Step::Skip(start);
        }
        match window[0] {
            b'"' => self.member(depth, window, at_end),
            // Extra brackets may hide `threads`, so threads are recognised by their own keys.
            b'{' => match begins_thread(window, at_end) {
                Seen::TooShort => Step::NeedMore { open: None },
                Seen::Yes => self.threads(true, false, window, at_end),
                Seen::No => self.pass(depth + 1, 1),
            },
            b'}' => self.pass(depth - 1, 1),
            _ => head(1),
        }
    }

    pub(super) fn pass(&mut self, depth: i32, length: usize) -> Step {
        self.state = State::Root { depth };
        Step::Skip(length)
    }

    /// Handles a key outside `threads` and its value.
    pub(super) fn member(&mut self, depth: i32, window: &[u8], at_end: bool) -> Step {
        let key = match key(window, at_end) {
            Key::Found(key) => key,
            Key::TooShort => return Step::NeedMore { open: None },
            Key::None => return head(1),
        };
        match window[key.value] {
            b'{' if is_key(&window[1..key.end], "threads") => {
                self.state = State::Threads { is_channel_open: false, needs_comma: false };
                Step::Skip(key.value + 1)
            }
            b'{' => match begins_thread(&window[key.value..], at_end) {
                Seen::TooShort => Step::NeedMore { open: None },
                Seen::Yes => self.channel(key.value),
                // `threads` may be damaged, or inside another object.
                Seen::No => self.pass(depth + 1, key.value + 1),
            },
            b'[' => match thread_after(window, key.value + 1, at_end) {
                Seen::TooShort => Step::NeedMore { open: None },
                Seen::Yes => self.channel(key.value + 1),
                Seen::No => self.pass_value(depth, key.value),
            },
            _ => self.pass_value(depth, key.value),
        }
    }

    pub(super) fn pass_value(&mut self, depth: i32, start: usize) -> Step {
        self.state = State::Other { depth, scanner: Scanner::new() };
        Step::Skip(start)
    }

    /// Handles `"path": [`, which ends at `end`.
    pub(super) fn channel(&mut self, end: usize) -> Step {
        self.state = State::Threads { is_channel_open: true, needs_comma: false };
        Step::Frame(Frame { kind: FrameKind::Thread, start: 0, end, damage: None })
    }

    pub(super) fn other(&mut self, window: &[u8], at_end: bool) -> Step {
        let State::Other { depth, scanner } = &mut self.state else { return Step::Damaged { at: 0 } };
        let depth = *depth;
        match scanner.scan(window, 0, at_end) {
            Scanned::More(0) => skip(0, at_end, false),
            Scanned::More(length) => Step::Skip(length),
            Scanned::Done(end) | Scanned::Damaged(end) => {
                self.state = State::Root { depth };
                if end > 0 { Step::Skip(end) } else { self.root(depth, window, at_end) }
            }
        }
    }
}
