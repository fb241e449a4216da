//! What is read of a slice at a time.

use std::collections::BTreeMap;
use std::io::{self, Read};

use rethread_formats::{Portion, read_slice};
use rethread_model::{Finding, FrameCounts, ImportOptions, Located, Origin, Record, SliceMismatch, SliceSpec, Vendor};
use tokio::sync::mpsc;

use crate::blob_reader::BlobReader;
use crate::threads::Waiter;

/// What one batch will hold.
#[derive(Debug, Default)]
pub(crate) struct Portions {
    /// Those of the slice's origin, in file order.
    pub(crate) records: Vec<Located<Record>>,
    /// Those of others.
    pub(crate) other_origins: BTreeMap<Origin, Vec<Located<Record>>>,
    /// Repairs.
    pub(crate) findings: Vec<Finding>,
    /// The frames that they were read from.
    pub(crate) frames: FrameCounts,
    /// Byte offset in the document after the last portion.
    pub(crate) position: u64,
    /// Whether the slice ends here.
    pub(crate) complete: bool,
    /// Records of all origins.
    pub(crate) count: usize,
}

impl Portions {
    /// Adds what was read of a frame; `own` is the origin of what names none.
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
    /// Its blob cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is not what was planned.
    #[error(transparent)]
    Mismatch(#[from] SliceMismatch),
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
    ///
    /// Nothing is read of bytes that are not those that were planned, and a slice in which other frames are found does not
    /// end. Both are asked of the whole slice, wherever reading resumes: it is read from its start again.
    pub(crate) fn run(
        mut self,
        buffer: &mut Vec<u8>,
        waiter: &Waiter,
        batches: &mpsc::Sender<Result<Portions, ReadError>>,
    ) {
        // Refused when the receiver has stopped, on purpose or with its worker.
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

    /// Sends all batches but the last, which is returned; `None` when nobody takes any.
    fn send(
        &self,
        bytes: &[u8],
        give: impl Fn(Result<Portions, ReadError>) -> bool,
    ) -> Result<Option<Portions>, ReadError> {
        let mut next = Portions { position: self.resume_at.unwrap_or(self.spec.start), ..Portions::default() };
        let mut reader = read_slice(self.vendor, &self.spec, &self.options, bytes);
        let mut counted = FrameCounts::default();
        while let Some(portion) = reader.next() {
            if self.resume_at.is_some_and(|resume_at| portion.end <= resume_at) {
                counted = reader.frames();
                continue;
            }
            next.frames = reader.frames();
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
