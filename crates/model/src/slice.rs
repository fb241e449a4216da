//! The unit of work of a worker.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Digest;

/// Number of a slice within its job, from 0.
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
    /// In a blob of its own (the upload is compressed).
    Own,
    /// It is a batch that a linked site sent, and so is the blob.
    Batch {
        /// Names the blob: of two requests that bring a batch at once, each has its own.
        sha256: Digest,
    },
}

/// A part of an upload that holds whole records and can be read alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceSpec {
    /// Which one.
    pub number: SliceNumber,
    /// Where its bytes are.
    pub source: SliceSource,
    /// See [`crate::Position::part`].
    pub part: u32,
    /// Byte offset of its first byte in the document.
    pub start: u64,
    /// Byte offset after its last byte.
    pub end: u64,
    /// What a reader must know from elsewhere in the file; made by the planner of the vendor, opaque to everybody else.
    pub head: serde_json::Value,
}

impl SliceSpec {
    /// Bytes to read.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.end - self.start
    }
}

/// A step of a job that writes to the comment store and has a checkpoint there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// What the planner found outside the records.
    Plan,
    /// A slice.
    Slice(SliceNumber),
    /// Linking parents.
    Finish,
}

impl Step {
    /// As a store keeps it: -2, -1, or the slice's number.
    #[must_use]
    pub fn to_number(self) -> i64 {
        match self {
            Self::Finish => -2,
            Self::Plan => -1,
            Self::Slice(number) => i64::from(number.0),
        }
    }
}
