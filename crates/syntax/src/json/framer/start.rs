//! The start of a document, from which its shape is derived.

use super::{JsonFramer, LONGEST_KEY, State, beginning, head, skip};
use crate::framing::Step;
use crate::json::damage::{is_bad, opened_array};
use crate::json::grammar::{ROOT, Shape};
use crate::json::members::members;
use crate::json::space::after_space;

impl JsonFramer {
    /// Detection accepts a damaged first byte only in place of a brace: the root's or the first
    /// line's.
    pub(super) fn start(&mut self, window: &[u8], at_end: bool) -> Step {
        let first = after_space(window, 0);
        if first > 0 || window.is_empty() {
            return skip(first, at_end);
        }
        if !is_bad(window[0]) {
            self.state = State::BeforeRoot;
            return self.before_root(window, at_end);
        }
        // Unless an array's key follows, the damaged brace began a line.
        if let Some(array) = self.grammar.array(ROOT.as_bytes()) {
            let (near, may_grow) = beginning(window, at_end);
            let key = after_space(near, 1);
            if near.len() < key + LONGEST_KEY && may_grow {
                return Step::NeedMore { open: None };
            }
            if opened_array(self.grammar, &near[key..near.len().min(key + LONGEST_KEY)]).is_none() {
                self.enter_root(Shape::Lines, array);
                return Step::Skip(1);
            }
        }
        self.state = State::Root;
        Step::Skip(1)
    }

    /// Finds the root's bracket and derives the document's shape from it.
    pub(super) fn before_root(&mut self, window: &[u8], at_end: bool) -> Step {
        let Some(array) = self.grammar.array(ROOT.as_bytes()) else {
            let Some(root) = memchr::memchr(b'{', window) else { return skip(window.len(), at_end) };
            self.state = State::Root;
            return Step::Skip(root + 1);
        };
        let Some(root) = memchr::memchr2(b'{', b'[', window) else { return skip(window.len(), at_end) };
        if root > 0 {
            return Step::Skip(root);
        }
        let is_array = window[0] == b'[';
        let shape = if is_array { Some(Shape::Array) } else { self.shape_of_object(array, window, at_end) };
        match shape {
            None => Step::NeedMore { open: None },
            Some(Shape::Object) => {
                self.state = State::Root;
                Step::Skip(1)
            }
            Some(Shape::Array) => {
                self.enter_root(Shape::Array, array);
                head(1)
            }
            Some(Shape::Lines) => {
                self.enter_root(Shape::Lines, array);
                self.between(array, false, window, at_end)
            }
        }
    }

    /// Enters the records of a document without a root object.
    pub(super) fn enter_root(&mut self, shape: Shape, array: usize) {
        self.shape = shape;
        self.root.has_comments = true;
        self.last_array = Some(array);
        self.state = State::Between { array, after_element: false };
    }

    /// Whether the object at the window's start holds arrays of records or is itself a record.
    /// `None` to request more bytes.
    pub(super) fn shape_of_object(&self, array: usize, window: &[u8], at_end: bool) -> Option<Shape> {
        let (near, may_grow) = beginning(window, at_end);
        let id = self.grammar.arrays[array].keys.first().map_or(&b""[..], |key| key.as_bytes());
        if opened_array(self.grammar, &near[after_space(near, 1)..]).is_some() {
            return Some(Shape::Object);
        }
        // The first telling key decides: an array of the grammar, or the id of a record.
        for member in members(near) {
            let is_cut = member.start >= near.len();
            if is_cut && may_grow {
                return None;
            }
            if self.grammar.array(&member.key).is_some() && near.get(member.start) == Some(&b'[') {
                return Some(Shape::Object);
            }
            if *member.key == *id {
                return Some(Shape::Lines);
            }
        }
        if may_grow {
            return None;
        }
        // Damage precedes the key that would decide.
        let holds = |key: &[u8]| {
            let quoted = [b"\"", key, b"\""].concat();
            memchr::memmem::find(near, &quoted).is_some()
        };
        let holds_array = self.grammar.arrays.iter().any(|array| holds(array.name.as_bytes()));
        Some(if holds(id) && !holds_array { Shape::Lines } else { Shape::Object })
    }
}
