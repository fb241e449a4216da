//! Where the records of a document begin and end, whatever its syntax.

use rethread_model::{FrameCounts, Position, Reason};
use serde_json::Value;

use crate::names::Scope;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// Something that only the surveyor needs, such as the root's start tag. A slice never begins
    /// with one; readers skip those inside a slice.
    Head,
    /// A conversation (or a page).
    Thread,
    /// The comments that follow belong to no conversation until the next one begins.
    ThreadEnd,
    /// A person.
    Author,
    /// A comment.
    Comment,
}

impl FrameKind {
    /// Counts one frame of this kind. Heads are not counted: a slice contains them only by chance.
    pub const fn count_in(self, counts: &mut FrameCounts) {
        match self {
            Self::Head => {}
            Self::Thread => counts.threads += 1,
            Self::ThreadEnd => counts.thread_ends += 1,
            Self::Author => counts.authors += 1,
            Self::Comment => counts.comments += 1,
        }
    }
}

/// A record and its position in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// What it holds.
    pub kind: FrameKind,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What framing repaired (at most one repair is reported). Used only for comments.
    pub damage: Option<Reason>,
}

/// The result of one framing step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The next record. The next window begins at its end.
    Frame(Frame),
    /// The first bytes of the window (at least one) hold no record. The next window begins after
    /// them.
    Skip(usize),
    /// The next window begins where this one does and is longer, or is the last. Never returned for
    /// the last window. Before a record has begun, it is returned only for windows shorter than 64
    /// KiB: longer ones must be skipped piece by piece.
    NeedMore {
        /// The record that begins in the window and does not end in it.
        open: Option<(FrameKind, usize)>,
    },
    /// Returned for the last window only: there are no more records, except perhaps an open one.
    End {
        /// Whether the document ended as it should (its root was closed); otherwise it is
        /// truncated.
        closed: bool,
        /// The record that begins in the window and does not end in it. For a slice reader, it ends
        /// with the slice, because the planner ended the slice there.
        open: Option<(FrameKind, usize)>,
    },
    /// The document cannot be framed beyond this position (code `damaged`).
    Damaged {
        /// Position in the window.
        at: usize,
    },
}

/// Finds the records of a document (or of a slice) in order. The result does not depend on the
/// sizes of the windows.
///
/// `window` begins where the last step said; the first one begins with the first byte of the
/// document. `at_end` means that nothing follows the window. A framer records how far it has
/// scanned, so that growing a window costs only the added bytes.
pub trait Framer {
    /// The next step.
    fn next(&mut self, window: &[u8], at_end: bool) -> Step;

    /// Called after `NeedMore` with an open record that is too large for memory: drop it. Until the
    /// record ends, the framer returns `Skip` instead of `NeedMore` (at least one byte of each
    /// window of 64 KiB or more), then continues as usual.
    fn pass_over(&mut self);

    /// Whether the document's root has ended, so that what follows the last step is outside this
    /// document.
    fn is_closed(&self) -> bool {
        false
    }

    /// Called after `End` with an open record that ends here: what framing repaired in it. Equals
    /// the damage that the record's frame would report if the document continued.
    fn damage_of_open(&self) -> Option<Reason> {
        None
    }

    /// Called after each step: a finding about the document itself, and its position in that step's
    /// window.
    fn take_finding(&mut self) -> Option<(usize, Reason)> {
        None
    }

    /// Asked after each step: whether another document begins at the end of what was framed before.
    /// No slice spans this place, because a slice reader would take the rest for part of the first
    /// document.
    fn take_boundary(&mut self) -> bool {
        false
    }

    /// The names in scope in the last reported frame, if names must be resolved.
    fn scope(&self) -> Option<Scope<'_>> {
        None
    }

    /// The framer's state before the last reported frame, for a slice that begins with it: the
    /// member of the slice's head, and its value.
    fn head(&self) -> Option<(&'static str, Value)> {
        None
    }
}

/// A frame to read.
#[derive(Debug, Clone, Copy)]
pub struct Framed<'a> {
    /// What it holds.
    pub kind: FrameKind,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Where it begins in the document.
    pub at: Position,
    /// See [`Frame::damage`].
    pub damage: Option<Reason>,
    /// The names in scope if the frame must be read strictly; without them it is read leniently.
    pub scope: Option<Scope<'a>>,
}
