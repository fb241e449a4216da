//! What planning yields.

use std::io;

use rethread_model::{FileFacts, Finding, JobError, Located, Refused, SliceNumber, SliceSpec};

/// Receives the decompressed slices of a compressed upload, in order.
pub trait SliceSink {
    /// Stores the bytes of a slice.
    fn put(&mut self, number: SliceNumber, bytes: &[u8]) -> io::Result<()>;
}

/// The result of planning.
#[derive(Debug)]
pub struct Plan {
    /// The vendor and the site of the file.
    pub facts: FileFacts,
    /// The slices, in file order.
    pub slices: Vec<SliceSpec>,
    /// Repairs outside records.
    pub findings: Vec<Finding>,
    /// Records that are in no slice, such as those over the size limit.
    pub refused: Vec<Located<Refused>>,
    /// Readable bytes of the (decompressed) documents.
    pub bytes_total: u64,
    /// The part of `bytes_total` that is in no slice and is read only by the planner: heads, bytes
    /// between records, oversized records.
    pub bytes_outside: u64,
    /// What makes the file unreadable after the last slice, if anything.
    pub defect: Option<JobError>,
    /// Why the file can be checked but not imported: its site is unknown
    /// ([`FileFacts::site_needed`]).
    pub site_needed: Option<JobError>,
}
