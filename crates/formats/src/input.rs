//! An upload, and the limits on what it may hold.

use std::io;

use rethread_model::Timestamp;

/// The input of the planner.
pub trait ReadSeek: io::Read + io::Seek {}

impl<T: io::Read + io::Seek> ReadSeek for T {}

/// Limits on untrusted input.
#[derive(Debug, Clone)]
pub struct Limits {
    /// A slice ends with the first record that brings it to this size.
    pub slice_bytes: usize,
    /// A larger record is skipped and reported as a finding.
    pub record_bytes: usize,
    /// A compressed upload that unpacks to more bytes is refused.
    pub unpacked_bytes: u64,
    /// A compressed upload that unpacks to more than this multiple of its size is refused, once it
    /// exceeds 64 MiB.
    pub unpacked_ratio: u64,
    /// When the file was received. Later comment dates say nothing about when the file was made.
    pub received_at: Option<Timestamp>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            slice_bytes: 8 << 20,
            record_bytes: 16 << 20,
            unpacked_bytes: 1 << 40,
            unpacked_ratio: 200,
            received_at: None,
        }
    }
}
