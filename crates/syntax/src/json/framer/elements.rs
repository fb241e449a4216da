//! The elements of an array.

use rethread_model::Reason;

use super::{JsonFramer, KEPT_BYTES, State, UNDECIDED_BYTES, beginning, head, more_or, skip};
use crate::framing::{Frame, Step};
use crate::json::grammar::Shape;
use crate::json::resync::{self, Found};
use crate::json::scan::{Scanned, Scanner};
use crate::json::space::{after_space, is_space};

impl JsonFramer {
    pub(super) fn between(&mut self, array: usize, after_element: bool, window: &[u8], at_end: bool) -> Step {
        let comma = |bytes: &[u8]| bytes.contains(&b',');
        let is_separator = |byte: &u8| is_space(*byte) || *byte == b',';
        let Some(start) = window.iter().position(|byte| !is_separator(byte)) else {
            let may_grow = window.len() < UNDECIDED_BYTES && !at_end;
            return match (may_grow, self.shape) {
                (true, _) => Step::NeedMore { open: None },
                (false, Shape::Lines) if window.is_empty() => Step::End { closed: true, open: None },
                (false, _) => skip(window.len(), at_end),
            };
        };
        match window[start] {
            b'{' if start == 0 => {
                self.state = State::Element { array, scanner: Scanner::new() };
                self.looked = 0;
                self.element(window, at_end)
            }
            // A missing comma becomes a head frame, so that the surveyor reports it.
            b'{' if after_element && !comma(&window[..start]) && self.shape != Shape::Lines => {
                self.state = State::Between { array, after_element: false };
                head(start)
            }
            b']' if self.shape != Shape::Lines => {
                self.root.is_closed = self.shape == Shape::Array;
                self.state = if self.root.is_closed { State::Closed } else { State::Root };
                Step::Skip(start + 1)
            }
            _ if start > 0 => Step::Skip(start),
            b'"' => self.text_between(array, window, at_end),
            // Junk: resume at the next byte that can begin something.
            _ => head(memchr::memchr3(b'{', b']', b'"', &window[1..]).map_or(window.len(), |length| length + 1)),
        }
    }

    /// Handles a string where an element should be. The array may lack its closing bracket, so that
    /// this is the key of the next array; or this is the first key of an element that lost its
    /// brace.
    pub(super) fn text_between(&mut self, array: usize, window: &[u8], at_end: bool) -> Step {
        let (near, may_grow) = beginning(window, at_end);
        let Some(length) = memchr::memchr(b'"', &near[1..]) else {
            return more_or(may_grow, head(1));
        };
        let key = &near[1..=length];
        // The closing bracket of the array is missing.
        if self.shape == Shape::Object && self.grammar.array(key).is_some() {
            self.state = State::Root;
            return self.member(window, at_end);
        }
        // The opening brace of the element is missing.
        if self.grammar.arrays[array].keys.iter().any(|known| known.as_bytes() == key) {
            let colon = after_space(near, length + 2);
            if colon == near.len() && may_grow {
                return Step::NeedMore { open: None };
            }
            if near.get(colon) == Some(&b':') {
                self.state = State::Damaged { array };
                self.looked = colon;
                return self.damaged(array, window, at_end);
            }
        }
        head(length + 2)
    }

    pub(super) fn element(&mut self, window: &[u8], at_end: bool) -> Step {
        let State::Element { array, scanner } = &mut self.state else { return Step::Damaged { at: 0 } };
        let array = *array;
        match scanner.scan(window, self.looked) {
            Scanned::Done(end) => self.ended(array, end, None),
            Scanned::More => {
                self.looked = window.len();
                self.unfinished(array, window, at_end)
            }
            Scanned::Damaged(at) => {
                self.state = State::Damaged { array };
                self.looked = resync::start(window, at);
                self.damaged(array, window, at_end)
            }
        }
    }

    pub(super) fn damaged(&mut self, array: usize, window: &[u8], at_end: bool) -> Step {
        // Start after the element's own brace, so that it is not found again.
        let from = self.looked.max(1);
        match resync::search(self.grammar, self.shape, array, window, from, at_end) {
            Found::Element(next) => self.ended(array, resync::trimmed(window, next), Some(Reason::UnreadableRecord)),
            Found::Array(next) => {
                let step = self.ended(array, resync::trimmed(window, next), Some(Reason::UnreadableRecord));
                self.state = State::Root;
                step
            }
            // A slice ends with a record, a document with closing brackets.
            Found::Nothing(_) if at_end && !self.is_slice => match resync::before_closing(self.shape, window) {
                Some(end) => self.ended(array, end, Some(Reason::UnreadableRecord)),
                None => self.unfinished(array, window, at_end),
            },
            Found::Nothing(looked) => {
                self.looked = looked;
                self.unfinished(array, window, at_end)
            }
        }
    }

    pub(super) fn ended(&mut self, array: usize, end: usize, damage: Option<Reason>) -> Step {
        // A file with people or pages has comments.
        self.root.is_complete = false;
        self.state = State::Between { array, after_element: true };
        self.looked = 0;
        if std::mem::take(&mut self.passing) {
            return Step::Skip(end);
        }
        Step::Frame(Frame { kind: self.grammar.arrays[array].kind, start: 0, end, damage })
    }

    /// Handles a window that ends in the element.
    pub(super) fn unfinished(&mut self, array: usize, window: &[u8], at_end: bool) -> Step {
        let open = (!self.passing).then_some((self.grammar.arrays[array].kind, 0));
        if at_end {
            return Step::End { closed: false, open };
        }
        // Keep the bytes that the search inspects before the next record.
        let passed = self.looked.min(window.len()).saturating_sub(KEPT_BYTES);
        if self.passing && passed > 0 {
            self.looked -= passed;
            return Step::Skip(passed);
        }
        Step::NeedMore { open }
    }
}
