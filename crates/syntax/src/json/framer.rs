//! Finds the elements of the arrays of a JSON document, of a document that is one array, or of JSON
//! Lines.

use rethread_model::Reason;
use serde_json::Value;

use super::damage::{is_bad, opened_array};
use super::resync::{self, Found, REACH};
use super::scan::{Scanned, Scanner};
use super::{Grammar, LINES, ROOT, after_space, closing_quote, is_key, is_space, members};
use crate::framing::{Frame, FrameKind, Framer, Step};

/// The largest window without a record.
const UNDECIDED_BYTES: usize = 16 * 1024;

/// Skipped bytes that stay in the window: enough to see what precedes the next record.
const KEPT_BYTES: usize = 4 * REACH;

/// The longest array name, including what stands between it and the bracket.
const LONGEST_KEY: usize = 32;

/// The key in a slice's head that names the array that the slice begins in.
const HEAD_ARRAY: &str = "array";

/// The shape of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An object with arrays of records.
    Object,
    /// An array of records.
    Array,
    /// Records, one after another.
    Lines,
}

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
    /// A framer for a document, or for a slice whose head [`slice_head`] made.
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

    /// Detection accepts a damaged first byte only in place of a brace: the root's or the first
    /// line's.
    fn start(&mut self, window: &[u8], at_end: bool) -> Step {
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
    fn before_root(&mut self, window: &[u8], at_end: bool) -> Step {
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
    fn enter_root(&mut self, shape: Shape, array: usize) {
        self.shape = shape;
        self.root.has_comments = true;
        self.last_array = Some(array);
        self.state = State::Between { array, after_element: false };
    }

    /// Whether the object at the window's start holds arrays of records or is itself a record.
    /// `None` to request more bytes.
    fn shape_of_object(&self, array: usize, window: &[u8], at_end: bool) -> Option<Shape> {
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

    fn root(&mut self, window: &[u8], at_end: bool) -> Step {
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
    fn root_astray(&mut self, window: &[u8], at_end: bool) -> Step {
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
    fn open(&mut self, array: usize, end: usize) -> Step {
        self.see(array);
        self.last_array = Some(array);
        self.state = State::Between { array, after_element: false };
        head(end)
    }

    fn see(&mut self, array: usize) {
        self.root.has_comments |= self.grammar.arrays[array].kind == FrameKind::Comment;
    }

    /// Handles a key of the root object and its value.
    fn member(&mut self, window: &[u8], at_end: bool) -> Step {
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

    fn between(&mut self, array: usize, after_element: bool, window: &[u8], at_end: bool) -> Step {
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
    fn text_between(&mut self, array: usize, window: &[u8], at_end: bool) -> Step {
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

    fn element(&mut self, window: &[u8], at_end: bool) -> Step {
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

    fn damaged(&mut self, array: usize, window: &[u8], at_end: bool) -> Step {
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

    fn ended(&mut self, array: usize, end: usize, damage: Option<Reason>) -> Step {
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
    fn unfinished(&mut self, array: usize, window: &[u8], at_end: bool) -> Step {
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

    /// Handles bytes after the root's last bracket, or after damage that looked like it. In the
    /// second case the rest of a record follows, and more records.
    fn closed(&mut self, window: &[u8], at_end: bool) -> Step {
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

    /// Skips a value of the root object that is not needed.
    fn other(&mut self, window: &[u8], at_end: bool) -> Step {
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
