//! The parts of a vendor's format: a framer, which finds where records begin and end; a surveyor,
//! which inspects them once while the file is planned; and a reader, which reads the frames of a
//! slice.
//!
//! The planner and the slice reader are the same for all vendors; see [`crate::plan`] and
//! [`crate::read_slice`].

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

/// A vendor's format. It is stateless; the objects it creates have state.
pub(crate) trait Format: Sync {
    /// A framer for a whole document (`head` is `None`) or for a slice with this head.
    fn framer(&self, head: Option<&Value>) -> Box<dyn Framer + Send>;

    /// A surveyor for an upload, which may hold several documents.
    fn surveyor(&self) -> Box<dyn Surveyor>;

    /// Whether a [`FrameKind::Thread`] only states what the frames after it belong to. Then no
    /// slice ends with one: a reader, which does not see the next slice, could not distinguish it
    /// from the end of a damaged record.
    fn threads_only_lead(&self) -> bool {
        false
    }

    /// A reader for the slice with this head.
    fn reader<'a>(&self, head: &'a Value, options: &'a ImportOptions) -> Box<dyn FrameReader + Send + 'a>;
}

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
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

/// A record and its position in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub kind: FrameKind,
    pub start: usize,
    pub end: usize,
    /// What framing repaired (at most one repair is reported). Used only for comments.
    pub damage: Option<Reason>,
}

/// The result of one framing step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
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
pub(crate) trait Framer {
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

/// See [`Surveyor::file_head`].
pub(crate) const FILE_HEAD: &str = "file";

/// See [`Surveyor::slice_heads`].
pub(crate) const SLICE_HEAD: &str = "slice";
/// The member of a slice's head which states that the slice comes from an archive with a wrong
/// checksum.
pub(crate) const UNVERIFIED_HEAD: &str = "unverified";

/// The result of surveying an upload.
#[derive(Debug)]
pub(crate) struct Survey {
    /// For people, such as `root element disqus, 2,519 threads`.
    pub evidence: String,
    /// Repairs outside records, once per file each.
    pub findings: Vec<Finding>,
}

/// Inspects frames while the file is planned.
pub(crate) trait Surveyor {
    /// What a reader must know about the file before the next frame, for a slice that begins with
    /// it.
    fn head(&mut self) -> Value;

    /// Handles a frame. Called for each in file order, after `head` if that was called.
    fn see(&mut self, frame: Framed<'_>);

    /// Describes an oversized record by its first bytes (up to 64 KiB). `None` if it is not a
    /// comment.
    fn refuse(&mut self, beginning: Framed<'_>) -> Option<Refused>;

    /// What every reader of the upload needs and only its end reveals. Called once, before
    /// `finish`; becomes the member [`FILE_HEAD`] of every slice's head.
    fn file_head(&mut self) -> Value {
        Value::Null
    }

    /// What each slice's reader needs and was not known when [`Surveyor::head`] was called for it,
    /// in the order of those calls. Called once, at the end; becomes the member [`SLICE_HEAD`] of
    /// the slice's head.
    fn slice_heads(&mut self) -> Vec<Value> {
        Vec::new()
    }

    /// The time of a comment that was just seen, or of the newest one in its frame; see
    /// [`crate::newest`].
    fn time_of(&self, comment: &[u8]) -> Option<Timestamp>;

    /// Ends a document; the next frame is from another one of the same upload. Returns the
    /// document's sites.
    fn end_of_document(&mut self) -> DocumentSites;

    /// Ends the upload. The error states why it cannot be imported after all (an unknown version,
    /// for example).
    fn finish(self: Box<Self>) -> Result<Survey, JobError>;
}

/// A frame to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Framed<'a> {
    pub kind: FrameKind,
    pub bytes: &'a [u8],
    pub at: Position,
    pub damage: Option<Reason>,
    /// The names in scope if the frame must be read strictly; without them it is read leniently.
    pub scope: Option<Scope<'a>>,
}

/// Reads the frames of a slice, in order.
pub(crate) trait FrameReader {
    /// Adds the records and findings of the frame to `portion` (but does not change `portion.end`).
    /// At most one finding for each record and reason. Threads are as the vendor has them:
    /// [`rethread_model::MappingRules`] apply the admin's mapping rules to them.
    fn read(&mut self, frame: Framed<'_>, portion: &mut Portion);
}

/// A refusal of the whole file. `message` is a sentence for people that states the problem and the
/// remedy.
pub(crate) fn refusal(code: &str, message: impl Into<String>, offset: Option<u64>) -> JobError {
    JobError { code: code.to_owned(), message: message.into(), offset }
}
