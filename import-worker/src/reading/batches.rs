//! Reads a slice as a sequence of batches.

use std::collections::BTreeMap;
use std::io::{self, Read};

use rethread_formats::{Portion, read_slice};
use rethread_model::{Finding, FrameCounts, ImportOptions, Located, Origin, Record, SliceMismatch, SliceSpec, Vendor};
use tokio::sync::mpsc;

use super::blob_reader::BlobReader;
use super::threads::Waiter;

/// The contents of one batch.
#[derive(Debug, Default)]
pub(crate) struct Portions {
    /// Records of the slice's own origin, in file order.
    pub(crate) records: Vec<Located<Record>>,
    /// Records of other origins.
    pub(crate) other_origins: BTreeMap<Origin, Vec<Located<Record>>>,
    /// Repairs.
    pub(crate) findings: Vec<Finding>,
    /// The frames that the records were read from.
    pub(crate) frames: FrameCounts,
    /// Byte offset in the document after the last portion.
    pub(crate) position: u64,
    /// Whether this is the last batch of the slice.
    pub(crate) complete: bool,
    /// Number of records, across all origins.
    pub(crate) count: usize,
}

impl Portions {
    /// Adds the contents of a frame. `own` is the origin of records that name none.
    fn add(&mut self, portion: Portion, own: Option<&Origin>) {
        self.findings.extend(portion.findings);
        let (Some((last, others)), true) = (portion.origins.split_last(), !portion.records.is_empty()) else {
            self.count += portion.records.len();
            self.records.extend(portion.records);
            return;
        };
        for origin in others {
            self.of(origin, own).extend(portion.records.iter().cloned());
        }
        self.count += portion.records.len() * portion.origins.len();
        self.of(last, own).extend(portion.records);
    }

    fn of(&mut self, origin: &Origin, own: Option<&Origin>) -> &mut Vec<Located<Record>> {
        if own == Some(origin) { &mut self.records } else { self.other_origins.entry(origin.clone()).or_default() }
    }
}

/// Why a slice was not read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The blob cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The contents do not match the plan.
    #[error(transparent)]
    Mismatch(#[from] SliceMismatch),
}

/// A slice and how to read it.
pub(crate) struct Reading {
    pub(crate) vendor: Vendor,
    pub(crate) spec: SliceSpec,
    pub(crate) options: ImportOptions,
    /// The blob that holds the slice, positioned at the slice's first byte.
    pub(crate) blob: BlobReader,
    /// Everything before this offset is already written.
    pub(crate) resume_at: Option<u64>,
    /// Minimum number of records in a batch.
    pub(crate) batch_records: usize,
}

impl Reading {
    /// Reads the slice to its end, or until the receiver is dropped. Blocks. One batch waits while
    /// the next is built, so reading and writing overlap and memory stays bounded. `buffer` holds
    /// the bytes and is reused between slices.
    ///
    /// Bytes that differ from the planned ones are never parsed, and a slice whose frames do not
    /// match the plan never completes. Both checks cover the whole slice: wherever writing resumes,
    /// the slice is read from its start.
    pub(crate) fn run(
        mut self,
        buffer: &mut Vec<u8>,
        waiter: &Waiter,
        batches: &mpsc::Sender<Result<Portions, ReadError>>,
    ) {
        // Sending fails once the receiver is gone, either deliberately or because its
        // worker stopped.
        let give = |batch| {
            let batches = batches.clone();
            waiter.on(async move { batches.send(batch).await.is_ok() }).unwrap_or(false)
        };
        let read = self.fetch(buffer).and_then(|()| self.send(buffer, give));
        if let Some(last) = read.transpose() {
            give(last);
        }
    }

    fn fetch(&mut self, buffer: &mut Vec<u8>) -> Result<(), ReadError> {
        buffer.clear();
        (&mut self.blob).take(self.spec.size_bytes()).read_to_end(buffer)?;
        Ok(self.spec.verify_bytes(buffer)?)
    }

    /// Sends every batch but the last, which it returns. Returns `None` once the receiver is gone.
    fn send(
        &self,
        bytes: &[u8],
        give: impl Fn(Result<Portions, ReadError>) -> bool,
    ) -> Result<Option<Portions>, ReadError> {
        let mut next = Portions { position: self.resume_at.unwrap_or(self.spec.start), ..Portions::default() };
        let mut reader = read_slice(self.vendor, &self.spec, &self.options, bytes);
        let mut counted = FrameCounts::default();
        while let Some(portion) = reader.next() {
            // Written by an earlier attempt: read again only to verify the frames.
            if self.resume_at.is_some_and(|resume_at| portion.end <= resume_at) {
                counted = reader.frames();
                continue;
            }
            next.frames = reader.frames();
            // The reader counts from the start of the slice; a batch holds only its own frames.
            next.frames -= counted;
            next.position = portion.end;
            next.add(portion, self.spec.origin.as_ref());
            if next.count >= self.batch_records {
                counted = reader.frames();
                let following = Portions { position: next.position, ..Portions::default() };
                if !give(Ok(std::mem::replace(&mut next, following))) {
                    return Ok(None);
                }
            }
        }
        self.spec.verify_frames(reader.frames())?;
        next.position = self.spec.end;
        next.complete = true;
        Ok(Some(next))
    }
}
