//! What is read of a slice at a time.

use std::io::{self, Read};

use rethread_formats::read_slice;
use rethread_model::{Finding, ImportOptions, Located, Record, SliceSpec, Vendor};
use tokio::sync::mpsc;

use crate::blob_reader::BlobReader;

/// What one batch will hold.
#[derive(Debug, Default)]
pub(crate) struct Portions {
    /// In file order.
    pub(crate) records: Vec<Located<Record>>,
    /// Repairs.
    pub(crate) findings: Vec<Finding>,
    /// Byte offset in the document after the last portion.
    pub(crate) position: u64,
    /// Whether the slice ends here.
    pub(crate) complete: bool,
}

/// A slice and how to read it.
pub(crate) struct Reading {
    pub(crate) vendor: Vendor,
    pub(crate) spec: SliceSpec,
    pub(crate) options: ImportOptions,
    /// The blob that holds it; stands at its first byte.
    pub(crate) blob: BlobReader,
    /// Everything before this offset is written already.
    pub(crate) resume_at: Option<u64>,
    /// Records in a batch, at the least.
    pub(crate) batch_records: usize,
}

impl Reading {
    /// Reads to the end, or until nobody takes batches any more. Blocks. One batch waits while the next is made, so that
    /// reading and writing overlap and memory stays bounded. `buffer` is for the bytes; it is kept between slices.
    pub(crate) fn run(mut self, buffer: &mut Vec<u8>, batches: &mpsc::Sender<io::Result<Portions>>) {
        buffer.clear();
        if let Err(error) = (&mut self.blob).take(self.spec.size_bytes()).read_to_end(buffer) {
            // Refused only when the receiver has stopped already.
            let _ = batches.blocking_send(Err(error));
            return;
        }
        let mut next = Portions { position: self.resume_at.unwrap_or(self.spec.start), ..Portions::default() };
        for portion in read_slice(self.vendor, &self.spec, &self.options, buffer) {
            if self.resume_at.is_some_and(|resume_at| portion.end <= resume_at) {
                continue;
            }
            next.records.extend(portion.records);
            next.findings.extend(portion.findings);
            next.position = portion.end;
            if next.records.len() >= self.batch_records {
                let following = Portions { position: next.position, ..Portions::default() };
                if batches.blocking_send(Ok(std::mem::replace(&mut next, following))).is_err() {
                    return;
                }
            }
        }
        next.position = self.spec.end;
        next.complete = true;
        // Refused only when the receiver stopped early on purpose.
        let _ = batches.blocking_send(Ok(next));
    }
}
