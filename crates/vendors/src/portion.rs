//! What a reader yields for one frame.

use rethread_model::{Finding, Located, Origin, Record};

/// The records of one frame of a slice (a `<post>`, an element of `comments`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// Byte offset in the document after the frame. Everything before it has been yielded.
    pub end: u64,
    /// The records.
    pub records: Vec<Located<Record>>,
    /// What was repaired.
    pub findings: Vec<Finding>,
    /// The sites of the records; empty if it is the slice's
    /// ([`SliceSpec::origin`](rethread_model::SliceSpec::origin)). Several for a person who is
    /// known to all of them.
    pub origins: Vec<Origin>,
}
