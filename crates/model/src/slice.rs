//! The unit of work of a worker.

use std::fmt;
use std::ops::{AddAssign, SubAssign};

use serde::{Deserialize, Serialize};

use crate::{Checksum, Digest, Origin, Timestamp};

/// The index of a slice within its job, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SliceNumber(pub u32);

impl fmt::Display for SliceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the bytes of a slice are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SliceSource {
    /// In the upload itself, from `start` to `end`.
    Upload,
    /// In a separate blob (the upload is compressed).
    Own,
    /// The slice is a batch that a linked site sent, and so is the blob.
    Batch {
        /// Names the blob, so that two concurrent requests with a batch use different ones.
        sha256: Digest,
    },
}

/// The number of frames of each kind: the pieces of a document that a vendor's framer finds,
/// whatever they become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FrameCounts {
    /// Starts of conversations (or pages).
    pub threads: u64,
    /// Ends of conversations.
    pub thread_ends: u64,
    /// People.
    pub authors: u64,
    /// Comments.
    pub comments: u64,
}

impl FrameCounts {
    fn pairs(&mut self, other: Self) -> [(&mut u64, u64); 4] {
        [
            (&mut self.threads, other.threads),
            (&mut self.thread_ends, other.thread_ends),
            (&mut self.authors, other.authors),
            (&mut self.comments, other.comments),
        ]
    }
}

impl AddAssign for FrameCounts {
    fn add_assign(&mut self, other: Self) {
        self.pairs(other).into_iter().for_each(|(own, others)| *own = own.saturating_add(others));
    }
}

impl SubAssign for FrameCounts {
    fn sub_assign(&mut self, other: Self) {
        self.pairs(other).into_iter().for_each(|(own, others)| *own = own.saturating_sub(others));
    }
}

impl fmt::Display for FrameCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { threads, thread_ends, authors, comments } = self;
        write!(f, "{comments} comments, {threads} threads, {thread_ends} ends of threads, {authors} authors")
    }
}

/// What the planner saw in a slice. The slice's reader compares, and does not complete the slice if
/// anything differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SliceContent {
    /// Its frames.
    pub frames: FrameCounts,
    /// The checksum of its bytes.
    pub checksum: Checksum,
}

/// Why a slice is not the one that was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SliceMismatch {
    /// Bytes are missing at its end.
    #[error("of {planned} bytes only {read} are there")]
    Shorter {
        /// The planned size in bytes.
        planned: u64,
        /// The actual size in bytes.
        read: u64,
    },
    /// The size matches, but the bytes differ.
    #[error("the bytes are others")]
    OtherBytes,
    /// The same bytes were framed differently: a bug in Rethread.
    #[error("the planner found {planned}, the reader {read}")]
    OtherFrames {
        /// What was planned.
        planned: FrameCounts,
        /// What was found.
        read: FrameCounts,
    },
}

/// A part of an upload that holds complete records and can be read alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceSpec {
    /// The slice's number.
    pub number: SliceNumber,
    /// Where its bytes are.
    pub source: SliceSource,
    /// See [`crate::Position::part`].
    pub part: u32,
    /// Byte offset of its first byte in the document.
    pub start: u64,
    /// Byte offset after its last byte.
    pub end: u64,
    /// The site of its records, except for those that name another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The time of the newest comment in the upload's documents of that site, as far as the planner
    /// could find it. `None` for a batch, which reports the current state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_comment_at: Option<Timestamp>,
    /// What is in it.
    pub content: SliceContent,
    /// What a reader must know from elsewhere in the file; created by the vendor's surveyor, opaque
    /// to all others.
    pub head: serde_json::Value,
}

impl SliceSpec {
    /// The slice's size in bytes.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.end - self.start
    }

    /// Checks that these are the planned bytes.
    pub fn verify_bytes(&self, bytes: &[u8]) -> Result<(), SliceMismatch> {
        let (planned, read) = (self.size_bytes(), bytes.len() as u64);
        if read < planned {
            return Err(SliceMismatch::Shorter { planned, read });
        }
        if Checksum::of(bytes) == self.content.checksum { Ok(()) } else { Err(SliceMismatch::OtherBytes) }
    }

    /// Checks that all planned frames were read; called at the end of the slice.
    pub fn verify_frames(&self, read: FrameCounts) -> Result<(), SliceMismatch> {
        let planned = self.content.frames;
        if read == planned { Ok(()) } else { Err(SliceMismatch::OtherFrames { planned, read }) }
    }
}

/// A step of a job that writes to the comment store and has a checkpoint there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The planner's findings outside records.
    Plan,
    /// A slice.
    Slice(SliceNumber),
    /// Linking parents.
    Finish,
}

impl Step {
    /// As stored: -2, -1, or the slice's number.
    #[must_use]
    pub fn to_number(self) -> i64 {
        match self {
            Self::Finish => -2,
            Self::Plan => -1,
            Self::Slice(number) => i64::from(number.0),
        }
    }

    /// The step for a stored number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            -2 => Some(Self::Finish),
            -1 => Some(Self::Plan),
            number => u32::try_from(number).ok().map(|number| Self::Slice(SliceNumber(number))),
        }
    }
}
