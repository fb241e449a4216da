//! Finds the elements of the arrays of a JSON document, of a document that is one array, or of JSON
//! Lines.

mod behind;
mod elements;
mod root;
mod start;

use serde_json::Value;

use super::grammar::{Grammar, LINES, ROOT, Shape};
use super::resync::REACH;
use super::scan::Scanner;
use crate::framing::{Frame, FrameKind, Framer, Step};

/// The largest window without a record.
const UNDECIDED_BYTES: usize = 16 * 1024;

/// Skipped bytes that stay in the window: enough to see what precedes the next record.
const KEPT_BYTES: usize = 4 * REACH;

/// The longest array name, including what stands between it and the bracket.
const LONGEST_KEY: usize = 32;

/// The key in a slice's head that names the array that the slice begins in.
const HEAD_ARRAY: &str = "array";

#[derive(Debug)]
enum State {
    /// Before the document's first byte.
    Start,
    /// Before the root's bracket.
    BeforeRoot,
    /// In the root object, before a key or its end.
    Root,
    /// In a value of the root object that is not an array of records.
    Other(Scanner),
    /// In an array of records, between elements.
    Between { array: usize, after_element: bool },
    /// The window begins with an element (or with the rest of one that is skipped).
    Element { array: usize, scanner: Scanner },
    /// Like `Element`, but the element is damaged.
    Damaged { array: usize },
    /// After the root's last bracket, or after damage that looks like it.
    Closed,
    /// In another document after the root.
    Behind,
}

/// A framer for what a [`Grammar`] describes.
#[derive(Debug)]
pub struct JsonFramer {
    grammar: &'static Grammar,
    shape: Shape,
    state: State,
    /// Bytes of the window already scanned; only in an element or another value.
    looked: usize,
    /// The element is too large for memory and is skipped.
    passing: bool,
    is_slice: bool,
    /// The array entered last.
    last_array: Option<usize>,
    /// Another document begins; see [`Framer::take_boundary`].
    boundary: bool,
    root: Root,
}

/// What is known about the root.
#[derive(Debug)]
struct Root {
    /// A key of comments was seen, whatever its value, or none is required.
    has_comments: bool,
    /// Every member is known and empty, and nothing unexpected stands between them, so nothing was
    /// lost.
    is_complete: bool,
    /// Whether the root ended where it should.
    is_closed: bool,
}

/// The head of a slice that begins in this array.
#[cfg(test)]
#[must_use]
pub fn slice_head(array: &str) -> Value {
    serde_json::json!({ HEAD_ARRAY: array })
}

impl JsonFramer {
    /// A framer for a document, or for a slice with this head; see [`Framer::head`].
    pub fn new(grammar: &'static Grammar, head: Option<&Value>) -> Self {
        let name = head.and_then(|head| head.get(HEAD_ARRAY)).and_then(Value::as_str);
        let shape = match name {
            Some(ROOT) => Shape::Array,
            Some(LINES) => Shape::Lines,
            _ => Shape::Object,
        };
        let array = match shape {
            Shape::Lines => grammar.array(ROOT.as_bytes()),
            Shape::Object | Shape::Array => name.and_then(|name| grammar.array(name.as_bytes())),
        };
        let state = array.map_or(State::Start, |array| State::Between { array, after_element: false });
        Self {
            grammar,
            shape,
            state,
            looked: 0,
            passing: false,
            is_slice: head.is_some(),
            last_array: array,
            boundary: false,
            root: Root { has_comments: false, is_complete: true, is_closed: false },
        }
    }
}

impl Framer for JsonFramer {
    fn next(&mut self, window: &[u8], at_end: bool) -> Step {
        match self.state {
            State::Start => self.start(window, at_end),
            State::BeforeRoot => self.before_root(window, at_end),
            State::Root => self.root(window, at_end),
            State::Other(_) => self.other(window, at_end),
            State::Between { array, after_element } => self.between(array, after_element, window, at_end),
            State::Element { .. } => self.element(window, at_end),
            State::Damaged { array } => self.damaged(array, window, at_end),
            State::Closed => self.closed(window, at_end),
            State::Behind => behind(window, at_end),
        }
    }

    fn pass_over(&mut self) {
        self.passing = true;
    }

    fn is_closed(&self) -> bool {
        self.root.is_closed && matches!(self.state, State::Closed | State::Behind)
    }

    fn take_boundary(&mut self) -> bool {
        std::mem::take(&mut self.boundary)
    }

    fn head(&self) -> Option<(&'static str, Value)> {
        let name = match self.shape {
            Shape::Lines => LINES,
            Shape::Object | Shape::Array => self.grammar.arrays[self.last_array?].name,
        };
        Some((HEAD_ARRAY, Value::from(name)))
    }
}

/// The part of a window that may be held before a record begins, and whether a longer window may
/// show more.
fn beginning(window: &[u8], at_end: bool) -> (&[u8], bool) {
    let length = window.len().min(UNDECIDED_BYTES);
    (&window[..length], length < UNDECIDED_BYTES && !at_end)
}

/// Requests more bytes if a longer window could change the step.
fn more_or(may_grow: bool, step: Step) -> Step {
    if may_grow { Step::NeedMore { open: None } } else { step }
}

/// Skips a whole window that holds no record.
const fn skip(length: usize, at_end: bool) -> Step {
    match (length, at_end) {
        (0, true) => Step::End { closed: false, open: None },
        (0, false) => Step::NeedMore { open: None },
        _ => Step::Skip(length),
    }
}

/// Skips a document that follows the root.
const fn behind(window: &[u8], at_end: bool) -> Step {
    match (window.len(), at_end) {
        (0, true) => Step::End { closed: true, open: None },
        (0, false) => Step::NeedMore { open: None },
        (length, _) => Step::Skip(length),
    }
}

/// A head frame at the start of the window, for the surveyor only.
const fn head(end: usize) -> Step {
    Step::Frame(Frame { kind: FrameKind::Head, start: 0, end, damage: None })
}
