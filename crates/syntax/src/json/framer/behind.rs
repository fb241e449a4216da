//! What follows the root.

use super::{JsonFramer, KEPT_BYTES, State, behind, head};
use crate::framing::Step;
use crate::json::grammar::{ROOT, Shape};
use crate::json::resync::{self, Found};
use crate::json::space::after_space;

impl JsonFramer {
    /// Handles bytes after the root's last bracket, or after damage that looked like it. In the
    /// second case the rest of a record follows, and more records.
    pub(super) fn closed(&mut self, window: &[u8], at_end: bool) -> Step {
        let next = after_space(window, 0);
        // What the planner took for another document is in no slice.
        let begins_anew = !self.is_slice && self.root.is_closed && matches!(window.get(next), Some(b'{' | b'['));
        if begins_anew && self.grammar.array(ROOT.as_bytes()).is_some() {
            // The new document's shape would have to be detected from scratch.
            self.state = State::Behind;
            return behind(window, at_end);
        }
        if begins_anew {
            // Another document follows this one.
            self.boundary = true;
            self.root.is_closed = false;
            self.shape = Shape::Object;
            self.state = State::BeforeRoot;
            return if next > 0 { Step::Skip(next) } else { self.before_root(window, at_end) };
        }
        let opening = resync::array(self.grammar, window, at_end).filter(|_| self.shape == Shape::Object);
        // What precedes the next array can only belong to the last one.
        let (reach, is_whole) = opening.unwrap_or((window.len(), at_end));
        if let Some(array) = self.last_array {
            let found = resync::search(self.grammar, self.shape, array, &window[..reach], 0, is_whole);
            if let Found::Element(start) = found {
                self.state = State::Between { array, after_element: false };
                return head(start);
            }
        }
        match opening {
            Some((0, true)) => {
                self.state = State::Root;
                self.member(window, at_end)
            }
            Some((start, true)) => Step::Skip(start),
            _ if !at_end => match reach.saturating_sub(KEPT_BYTES) {
                0 => Step::NeedMore { open: None },
                passed => Step::Skip(passed),
            },
            _ if !window.is_empty() => Step::Skip(window.len()),
            _ if self.root.has_comments || self.is_slice || self.root.is_complete => {
                Step::End { closed: true, open: None }
            }
            // There must be comments, and damage hides them.
            _ => Step::Damaged { at: 0 },
        }
    }
}
