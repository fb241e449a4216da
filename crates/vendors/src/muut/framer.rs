//! Finds the threads of a document.

mod ends;
mod key;
mod root;

use rethread_syntax::json::is_bad;
use rethread_syntax::{Frame, FrameKind, Framer, Step};
use serde_json::Value;

use self::ends::{closed_end, end_before, thread_after};
use self::key::{Key, key, left_over};
use super::HEAD_PATH;
use super::scan::{Next, REACH, Scanned, Scanner, Seen, after, before, begins_thread, lacks_brace};

/// The largest window without a record.
const UNDECIDED_BYTES: usize = 16 * 1024;

/// Skipped bytes that stay in the window: enough to see what precedes the next record.
const KEPT_BYTES: usize = 8 * REACH;

/// A string that lost its quote may have swallowed this much of the next thread.
const SWALLOWED: usize = 64;

#[derive(Debug)]
enum State {
    /// Before the document's brace.
    Start,
    /// In the document's object, or in one around `threads`, with `depth` open braces.
    Root { depth: i32 },
    /// In a value that holds no threads.
    Other { depth: i32, scanner: Scanner },
    /// In `threads`, before a channel's path, a thread or an end of either. One state for all, so
    /// that extra or missing brackets make no difference.
    Threads { is_channel_open: bool, needs_comma: bool },
    /// The window begins with a thread (or with the rest of one that is skipped).
    Thread { scanner: Scanner },
    /// Like `Thread`, but the thread is damaged.
    Lost,
}

/// The framer.
#[derive(Debug)]
pub(super) struct MuutFramer {
    state: State,
    /// Bytes of the window already scanned; only in a thread.
    looked: usize,
    /// The thread is too large for memory and is skipped.
    passing: bool,
    is_slice: bool,
}

impl MuutFramer {
    /// For a document, or for a slice with this head.
    pub(super) fn new(head: Option<&Value>) -> Self {
        let is_channel_open = head.is_some_and(|head| head[HEAD_PATH].is_string());
        let in_threads = State::Threads { is_channel_open, needs_comma: false };
        let state = if head.is_some() { in_threads } else { State::Start };
        Self { state, looked: 0, passing: false, is_slice: head.is_some() }
    }

    fn threads(&mut self, is_channel_open: bool, needs_comma: bool, window: &[u8], at_end: bool) -> Step {
        let is_separator = |byte: &u8| *byte <= b' ' || *byte == b',';
        let set = |needs_comma| State::Threads { is_channel_open, needs_comma };
        let Some(start) = window.iter().position(|byte| !is_separator(byte)) else {
            let may_grow = window.len() < UNDECIDED_BYTES && !at_end;
            self.state = set(needs_comma && may_grow);
            return if may_grow { Step::NeedMore { open: None } } else { skip(window.len(), at_end, false) };
        };
        if start > 0 {
            self.state = set(false);
            // A missing comma becomes a head frame, so that the surveyor reports it.
            let lacks_comma = needs_comma && window[start] == b'{' && !window[..start].contains(&b',');
            return if lacks_comma { head(start) } else { Step::Skip(start) };
        }
        match window[0] {
            b'{' => {
                self.state = State::Thread { scanner: Scanner::of_thread() };
                self.looked = 0;
                self.thread(window, at_end)
            }
            b'"' => self.path(window, at_end),
            b']' => match after(window, 1, at_end) {
                Next::Unknown => Step::NeedMore { open: None },
                // `]{`: the bracket is extra, or replaces a comma.
                Next::Byte(b'{') => {
                    self.state = set(false);
                    head(1)
                }
                Next::Byte(_) | Next::Nothing if is_channel_open => {
                    self.state = State::Threads { is_channel_open: false, needs_comma: false };
                    Step::Skip(1)
                }
                Next::Byte(_) | Next::Nothing => head(1),
            },
            b'}' => self.pass(1, 1),
            _ => {
                self.state = set(false);
                head(1)
            }
        }
    }

    /// Handles a string in `threads`: the path of a channel, or the rest of a thread.
    fn path(&mut self, window: &[u8], at_end: bool) -> Step {
        let key = match key(window, at_end) {
            Key::Found(key) => key,
            Key::TooShort => return Step::NeedMore { open: None },
            Key::None => return head(1),
        };
        let is_left_over = match left_over(&window[1..key.end], window, key.value, at_end) {
            Seen::TooShort => return Step::NeedMore { open: None },
            seen => seen == Seen::Yes,
        };
        if is_left_over {
            self.state = State::Lost;
            self.looked = key.value;
            return self.lost(window, at_end);
        }
        match window[key.value] {
            b'[' => self.channel(key.value + 1),
            // The bracket is damaged.
            b'{' => match begins_thread(&window[key.value..], at_end) {
                Seen::TooShort => Step::NeedMore { open: None },
                Seen::Yes => self.channel(key.value),
                Seen::No => self.pass_value(1, key.value),
            },
            byte if is_bad(byte) && thread_after(window, key.value + 1, at_end) == Seen::Yes => {
                self.channel(key.value + 1)
            }
            // A member after `threads`, whose end is damaged.
            _ => self.pass_value(1, key.value),
        }
    }

    fn thread(&mut self, window: &[u8], at_end: bool) -> Step {
        let State::Thread { scanner } = &mut self.state else { return Step::Damaged { at: 0 } };
        match scanner.scan(window, self.looked, at_end) {
            Scanned::Done(end) => self.ended(end),
            Scanned::More(looked) => {
                self.looked = looked;
                self.unfinished(window, at_end)
            }
            Scanned::Damaged(at) => {
                self.state = State::Lost;
                // The next thread may have begun before the damage became visible.
                self.looked = at.saturating_sub(SWALLOWED);
                self.lost(window, at_end)
            }
        }
    }

    /// Searches the next thread, which begins in the same channel or right after another channel's
    /// path.
    fn lost(&mut self, window: &[u8], at_end: bool) -> Step {
        // Start after the thread's own brace, so that it is not found again.
        let mut at = self.looked.max(1);
        while let Some(length) = memchr::memchr2(b'{', b'"', window.get(at..).unwrap_or_default()) {
            at += length;
            let start = if window[at] == b'{' {
                match begins_thread(&window[at..], at_end) {
                    Seen::TooShort => {
                        self.looked = at;
                        return self.unfinished(window, at_end);
                    }
                    Seen::Yes => Some(at),
                    Seen::No => None,
                }
            } else {
                lacks_brace(window, at, &["seed\"", "replies\""], at_end).filter(|start| *start > 0)
            };
            let previous = start.and_then(|start| before(window, start));
            // After a colon it is a nested value, unless a damaged byte lies between.
            if let (Some(start), Some((previous, place))) = (start, previous)
                && (previous != b':' || window[place..start].iter().any(|byte| is_bad(*byte)))
            {
                return self.ended(end_before(window, start));
            }
            at += 1;
        }
        self.looked = window.len();
        self.unfinished(window, at_end)
    }

    fn ended(&mut self, end: usize) -> Step {
        self.state = State::Threads { is_channel_open: true, needs_comma: true };
        self.looked = 0;
        if std::mem::take(&mut self.passing) {
            return Step::Skip(end);
        }
        Step::Frame(Frame { kind: FrameKind::Comment, start: 0, end, damage: None })
    }

    /// Handles a window that ends in the thread.
    fn unfinished(&mut self, window: &[u8], at_end: bool) -> Step {
        if at_end {
            // A slice ends where a thread does. If a document breaks off in a thread, or its last
            // thread is damaged, the thread's replies are kept.
            let end = if self.is_slice { None } else { closed_end(window) };
            return self.ended(end.unwrap_or(window.len()));
        }
        // Keep the bytes that the search inspects before the next thread.
        let passed = self.looked.min(window.len()).saturating_sub(KEPT_BYTES);
        if self.passing && passed > 0 {
            self.looked -= passed;
            return Step::Skip(passed);
        }
        Step::NeedMore { open: (!self.passing).then_some((FrameKind::Comment, 0)) }
    }
}

impl Framer for MuutFramer {
    fn next(&mut self, window: &[u8], at_end: bool) -> Step {
        let step = match self.state {
            State::Start => self.start(window, at_end),
            State::Root { depth } => self.root(depth, window, at_end),
            State::Other { .. } => self.other(window, at_end),
            State::Threads { is_channel_open, needs_comma } => {
                self.threads(is_channel_open, needs_comma, window, at_end)
            }
            State::Thread { .. } => self.thread(window, at_end),
            State::Lost => self.lost(window, at_end),
        };
        match step {
            // No longer window will come to decide this.
            Step::NeedMore { .. } if at_end => skip(window.len(), at_end, false),
            step => step,
        }
    }

    fn pass_over(&mut self) {
        self.passing = true;
    }

    fn is_closed(&self) -> bool {
        matches!(self.state, State::Root { depth: ..=0 })
    }
}

/// Skips a whole window that holds no record.
const fn skip(length: usize, at_end: bool, closed: bool) -> Step {
    match (length, at_end) {
        (0, true) => Step::End { closed, open: None },
        (0, false) => Step::NeedMore { open: None },
        _ => Step::Skip(length),
    }
}

/// A head frame at the start of the window, for the surveyor only.
const fn head(end: usize) -> Step {
    Step::Frame(Frame { kind: FrameKind::Head, start: 0, end, damage: None })
}
