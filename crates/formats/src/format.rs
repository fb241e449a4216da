//! What a vendor's format must bring: a framer, which finds where records begin and end, a surveyor, which looks at
//! them once while the file is planned, and a reader, which reads the frames of a slice.
//!
//! The planner and the slice reader are the same for all vendors; see [`crate::plan`] and [`crate::read_slice`].

use rethread_model::{Finding, FrameCounts, ImportOptions, JobError, Position, Reason, Refused, Timestamp, Vendor};
use serde_json::Value;

use crate::reader::Portion;
use crate::sites::DocumentSites;
use crate::xml::Scope;

/// The format of a vendor's files.
pub(crate) fn of(vendor: Vendor) -> &'static dyn Format {
    match vendor {
        Vendor::Disqus => &crate::disqus::Disqus,
        Vendor::WordPress => &crate::wordpress::WordPress,
        Vendor::Commento => &crate::commento::Commento,
        Vendor::Hyvor => &crate::hyvor::Hyvor,
        Vendor::Muut => &crate::muut::Muut,
        Vendor::IntenseDebate => &crate::intensedebate::IntenseDebate,
        Vendor::JustComments => &crate::justcomments::JustComments,
    }
}

/// A vendor's format. Has no state; what it makes has.
pub(crate) trait Format: Sync {
    /// A framer for a whole document (`head` is `None`) or for a slice with this head.
    fn framer(&self, head: Option<&Value>) -> Box<dyn Framer + Send>;

    /// A surveyor for an upload, which may hold several documents.
    fn surveyor(&self) -> Box<dyn Surveyor>;

    /// Whether a [`FrameKind::Thread`] only says what the frames after it belong to. No slice ends with one then: a reader,
    /// who does not see what follows, could not tell it from the end of a damaged record.
    fn threads_only_lead(&self) -> bool {
        false
    }

    /// A reader for the slice with this head.
    fn reader<'a>(&self, head: &'a Value, options: &'a ImportOptions) -> Box<dyn FrameReader + Send + 'a>;
}

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// Something that only the surveyor needs, such as the root's start tag. A slice never begins with one; readers,
    /// who may meet one inside a slice, pass over it.
    Head,
    /// A conversation (or a page).
    Thread,
    /// Comments that follow belong to no conversation until one begins.
    ThreadEnd,
    /// A person.
    Author,
    /// A comment.
    Comment,
}

impl FrameKind {
    /// Counts one of this kind. Heads are not counted: a slice holds them only by chance.
    pub(crate) const fn count_in(self, counts: &mut FrameCounts) {
        match self {
            Self::Head => {}
            Self::Thread => counts.threads += 1,
            Self::ThreadEnd => counts.thread_ends += 1,
            Self::Author => counts.authors += 1,
            Self::Comment => counts.comments += 1,
        }
    }
}

/// A record and where it lies in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub kind: FrameKind,
    pub start: usize,
    pub end: usize,
    /// What framing had to repair (at most one thing is told). Only a comment's is reported.
    pub damage: Option<Reason>,
}

/// What a framer says about the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// The next record. The next window begins at its end.
    Frame(Frame),
    /// The first so many bytes (at least one) hold no record. The next window begins after them.
    Skip(usize),
    /// The next window begins where this one does and is longer, or is the last. Never said of the last window, and,
    /// where no record has begun, only of windows shorter than 64 KiB: longer ones are to be skipped piece by piece.
    NeedMore {
        /// The record that begins in the window and does not end in it.
        open: Option<(FrameKind, usize)>,
    },
    /// Said of the last window only: there is no further record, except perhaps one that has begun.
    End {
        /// Whether the document ended as it should (its root was closed); otherwise it is truncated.
        closed: bool,
        /// The record that begins in the window and does not end in it. To a slice reader, it ends with the slice,
        /// which the planner made end there.
        open: Option<(FrameKind, usize)>,
    },
    /// The document cannot be framed any further from this place in the window on (code `damaged`).
    Damaged {
        /// Where in the window.
        at: usize,
    },
}

/// Finds the records of a document (or of a slice), in order, in windows of any size, the same ones whatever the sizes.
///
/// `window` begins where the step before told, with the first byte of the document at first. `at_end` says that nothing
/// follows the window. A framer keeps how far it has looked, so that growing a window costs only what was added.
pub(crate) trait Framer {
    /// The next step.
    fn next(&mut self, window: &[u8], at_end: bool) -> Step;

    /// Said after `NeedMore` with an open record that is too large to be held: drop it. From now until it has ended, the
    /// framer says `Skip` instead of `NeedMore` (at least one byte of each window of 64 KiB or more), then goes on as usual.
    fn pass_over(&mut self);

    /// Whether the document's root has ended, so that what follows the last step is not of this document any more.
    fn is_closed(&self) -> bool {
        false
    }

    /// Said after `End` with an open record to which this is the end: what framing had to repair in it. The same as the
    /// record's frame tells when the document goes on after it.
    fn damage_of_open(&self) -> Option<Reason> {
        None
    }

    /// Asked for after each step: what was found out about the document itself, and where in that step's window.
    fn take_finding(&mut self) -> Option<(usize, Reason)> {
        None
    }

    /// The names in scope in the frame that was told last, where those are to be resolved.
    fn scope(&self) -> Option<Scope<'_>> {
        None
    }

    /// What a framer must know of the document before the frame that was told last, for a slice that begins with it; the
    /// member of the slice's head, and its value.
    fn head(&self) -> Option<(&'static str, Value)> {
        None
    }
}

/// See [`Surveyor::file_head`].
pub(crate) const FILE_HEAD: &str = "file";

/// See [`Surveyor::slice_heads`].
pub(crate) const SLICE_HEAD: &str = "slice";
/// The member of a slice's head that says that the slice comes from an archive whose checksum does not match.
pub(crate) const UNVERIFIED_HEAD: &str = "unverified";

/// What the frames of an upload say together.
#[derive(Debug)]
pub(crate) struct Survey {
    /// For people, such as `root element disqus, 2,519 threads`.
    pub evidence: String,
    /// Repairs outside of records, once a file each.
    pub findings: Vec<Finding>,
}

/// Detection at frames while the file is planned.
pub(crate) trait Surveyor {
    /// What a reader must know of the file before the frame that comes next, for a slice that begins with it.
    fn head(&mut self) -> Value;

    /// Takes note of a frame. Called for each in file order, after `head` where one was asked for.
    fn see(&mut self, frame: Framed<'_>);

    /// Describes a record that is too large, by its first bytes (up to 64 KiB). `None` when it is no comment.
    fn refuse(&mut self, beginning: Framed<'_>) -> Option<Refused>;

    /// What every reader of the upload should know and only its end tells. Asked for once, before `finish`; becomes the
    /// member [`FILE_HEAD`] of every slice's head.
    fn file_head(&mut self) -> Value {
        Value::Null
    }

    /// What each slice's reader should know that came to light only after [`Surveyor::head`] was asked for it: in the order in
    /// which heads were asked for. Asked for once, at the end; becomes the member [`SLICE_HEAD`] of the slice's head.
    fn slice_heads(&mut self) -> Vec<Value> {
        Vec::new()
    }

    /// The time of a comment that was seen just now, or of the newest of those in its frame; see [`crate::newest`].
    fn time_of(&self, comment: &[u8]) -> Option<Timestamp>;

    /// A document ended; what follows is another one of the same upload. Tells whose the document is.
    fn end_of_document(&mut self) -> DocumentSites;

    /// The end of the upload. The error says why it cannot be imported after all (an unknown version, say).
    fn finish(self: Box<Self>) -> Result<Survey, JobError>;
}

/// A frame to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Framed<'a> {
    pub kind: FrameKind,
    pub bytes: &'a [u8],
    pub at: Position,
    pub damage: Option<Reason>,
    /// The names in scope, where the frame is to be read as the standard says; else it is read leniently.
    pub scope: Option<Scope<'a>>,
}

/// Reads the frames of a slice, in order.
pub(crate) trait FrameReader {
    /// Adds the records and findings of the frame to `portion` (leaves `portion.end` alone). At most one finding for each
    /// record and reason. Threads as the vendor has them: [`rethread_model::MappingRules`] apply the admin's mapping rules to them.
    fn read(&mut self, frame: Framed<'_>, portion: &mut Portion);
}

/// A refusal of the whole file. `message` is a sentence for people: what is wrong, and what to do.
pub(crate) fn refusal(code: &str, message: impl Into<String>, offset: Option<u64>) -> JobError {
    JobError { code: code.to_owned(), message: message.into(), offset }
}
