//! The members of the root object.

use super::{JsonFramer, LONGEST_KEY, State, beginning, head, more_or, skip};
use crate::framing::{FrameKind, Step};
use crate::json::damage::{is_bad, opened_array};
use crate::json::members::{closing_quote, is_key};
use crate::json::scan::{Scanned, Scanner};
use crate::json::space::{after_space, is_space};

impl JsonFramer {
    pub(super) fn root(&mut self, window: &[u8], at_end: bool) -> Step {
        let is_separator = |byte: &u8| is_space(*byte) || *byte == b',';
        let Some(start) = window.iter().position(|byte| !is_separator(byte)) else { return skip(window.len(), at_end) };
        match window[start] {
            b'}' => {
                self.state = State::Closed;
                self.root.is_closed = true;
                Step::Skip(start + 1)
            }
            _ if start > 0 => Step::Skip(start),
            b'"' => self.member(window, at_end),
            // The damaged byte may be the opening quote of an array's key.
            byte if is_bad(byte) => {
                let (near, may_grow) = beginning(window, at_end);
                match opened_array(self.grammar, near) {
                    Some((array, end)) => self.open(array, end),
                    None => more_or(may_grow, head(1)),
                }
            }
            _ => self.root_astray(window, at_end),
        }
    }

    /// Handles bytes in the root object that are neither a key nor its end. They may be a key that
    /// lost its opening quote: then a quote, a colon and a value follow.
    pub(super) fn root_astray(&mut self, window: &[u8], at_end: bool) -> Step {
        self.root.is_complete = false;
        let (near, may_grow) = beginning(window, at_end);
        let may_end = |byte: &u8| matches!(byte, b'"' | b'}') || is_bad(*byte);
        let last_token = |bytes: &[u8]| bytes.iter().rposition(|byte| !is_space(*byte)).unwrap_or(0);
        let Some(end) = near[1..].iter().position(may_end).map(|length| length + 1) else {
            // The last token stays in the window: it decides whether the next quote closes a key or
            // opens one.
            return match last_token(near) {
                0 => more_or(may_grow, head(near.len())),
                last => head(last),
            };
        };
        // After a comma, the quote opens the next key instead of closing a lost one.
        let closes_key = near[end] == b'"' && near[last_token(&near[..end])] != b',';
        let colon = after_space(near, end + 1);
        if !closes_key || near.get(colon).is_some_and(|byte| *byte != b':') {
            return head(end);
        }
        let value = after_space(near, (colon + 1).min(near.len()));
        if value == near.len() {
            return more_or(may_grow, head(end));
        }
        self.state = State::Other(Scanner::strict());
        head(value)
    }

    /// Enters an array whose bracket ends at `end`.
    pub(super) fn open(&mut self, array: usize, end: usize) -> Step {
        self.see(array);
        self.last_array = Some(array);
        self.state = State::Between { array, after_element: false };
        head(end)
    }

    pub(super) fn see(&mut self, array: usize) {
        self.root.has_comments |= self.grammar.arrays[array].kind == FrameKind::Comment;
    }

    /// Handles a key of the root object and its value.
    pub(super) fn member(&mut self, window: &[u8], at_end: bool) -> Step {
        let (near, may_grow) = beginning(window, at_end);
        if near.iter().take(LONGEST_KEY).any(|byte| is_bad(*byte)) {
            match opened_array(self.grammar, near) {
                Some((array, end)) => return self.open(array, end),
                None if may_grow => return Step::NeedMore { open: None },
                None => {}
            }
        }
        let undecided = || more_or(may_grow, head(1));
        let Some(key_end) = closing_quote(near, 1) else { return undecided() };
        let colon = after_space(near, key_end + 1);
        let Some(byte) = near.get(colon) else { return undecided() };
        if *byte != b':' {
            // Not a key, but leftovers of damage, perhaps of a key whose own quote is damaged.
            self.root.is_complete = false;
            return head(near[..key_end].iter().position(|byte| is_bad(*byte)).unwrap_or(key_end + 1));
        }
        let value = after_space(near, colon + 1);
        let Some(first) = near.get(value) else { return undecided() };
        let key = &near[1..key_end];
        if let Some(array) = self.grammar.array(key) {
            if *first == b'[' {
                return self.open(array, value + 1);
            }
            self.see(array);
        }
        let is_scalar = self.grammar.scalars.iter().any(|name| is_key(key, name));
        self.root.is_complete &= is_scalar || self.grammar.array(key).is_some();
        if is_scalar {
            match Scanner::new().scan(near, value) {
                Scanned::Done(end) => return head(end),
                Scanned::More if may_grow => return Step::NeedMore { open: None },
                Scanned::More | Scanned::Damaged(_) => {}
            }
        }
        self.state = State::Other(Scanner::strict());
        Step::Skip(value)
    }

    /// Skips a value of the root object that is not needed.
    pub(super) fn other(&mut self, window: &[u8], at_end: bool) -> Step {
        let State::Other(scanner) = &mut self.state else { return Step::Damaged { at: 0 } };
        match scanner.scan(window, std::mem::take(&mut self.looked)) {
            // A quote at the end stays: if damage follows it, it is inspected again (below).
            Scanned::More if window.ends_with(b"\"") && !at_end => {
                self.looked = 1;
                skip(window.len() - 1, at_end)
            }
            Scanned::More => skip(window.len(), at_end),
            Scanned::Done(end) => {
                self.state = State::Root;
                if end > 0 { Step::Skip(end) } else { self.root(window, at_end) }
            }
            // After damage, opening and closing quotes are indistinguishable. Only an array is
            // certain.
            Scanned::Damaged(end) => {
                self.root.is_complete = false;
                self.state = State::Closed;
                // The quote that seemed to close a string may open the array's key.
                let quote = end.saturating_sub(1);
                let end = if window.get(quote) == Some(&b'"') { quote } else { end };
                if end > 0 { Step::Skip(end) } else { self.closed(window, at_end) }
            }
        }
    }
}
