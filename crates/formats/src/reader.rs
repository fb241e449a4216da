//! Reads slices.

mod addresses;
mod pages;
#[cfg(test)]
mod tests;

use rethread_model::{Finding, FrameCounts, ImportOptions, Position, Reason, Record, SliceSpec, Vendor};
use rethread_syntax::{Framed, Frames};
use rethread_vendors::{FrameReader, Portion, UNVERIFIED_HEAD, format_of};

use crate::people;
use pages::Pages;

/// Yields the portions of a slice in file order. Reading the same slice again gives the same
/// portions.
pub struct SliceReader<'a>(Portions<'a>);

/// Reads a slice. `bytes` are those from `spec.start` to `spec.end`. Never fails and never panics,
/// whatever the bytes: unreadable content becomes a finding.
#[must_use]
pub fn read_slice<'a>(
    vendor: Vendor,
    spec: &'a SliceSpec,
    options: &'a ImportOptions,
    bytes: &'a [u8],
) -> SliceReader<'a> {
    let format = format_of(vendor);
    SliceReader(Portions {
        frames: Frames::new(format.framer(Some(&spec.head)), bytes),
        reader: format.reader(&spec.head, options),
        pages: Pages::new(vendor, options),
        is_unverified: spec.head.get(UNVERIFIED_HEAD).is_some(),
        spec,
        bytes,
    })
}

impl SliceReader<'_> {
    /// The frames of the portions yielded so far. After the last one, compare them with what the
    /// planner saw ([`SliceSpec::verify_frames`]).
    #[must_use]
    pub const fn frames(&self) -> FrameCounts {
        self.0.frames.counts()
    }
}

impl Iterator for SliceReader<'_> {
    type Item = Portion;

    fn next(&mut self) -> Option<Portion> {
        self.0.next()
    }
}

impl std::fmt::Debug for SliceReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SliceReader")
    }
}

/// The frames of a slice, read one by one.
struct Portions<'a> {
    frames: Frames<'a>,
    reader: Box<dyn FrameReader + Send + 'a>,
    pages: Pages,
    /// See [`UNVERIFIED_HEAD`].
    is_unverified: bool,
    spec: &'a SliceSpec,
    bytes: &'a [u8],
}

impl Iterator for Portions<'_> {
    type Item = Portion;

    fn next(&mut self) -> Option<Portion> {
        let frame = self.frames.next()?;
        let offset = |place: usize| self.spec.start + place as u64;
        let mut portion =
            Portion { end: offset(frame.end), records: Vec::new(), findings: Vec::new(), origins: Vec::new() };
        let at = Position { part: self.spec.part, offset: offset(frame.start) };
        let bytes = &self.bytes[frame.start..frame.end];
        let scope = self.frames.scope();
        self.reader.read(Framed { kind: frame.kind, bytes, at, damage: frame.damage, scope }, &mut portion);
        addresses::clean_addresses(&mut portion);
        for record in &mut portion.records {
            match &mut record.value {
                Record::Thread(thread) => {
                    let origin = portion.origins.first().or(self.spec.origin.as_ref());
                    self.pages.place(thread, origin);
                }
                Record::Author(author) => people::join(&self.spec.head, author),
                Record::Comment(_) | Record::Refused(_) => {}
            }
        }
        if self.is_unverified {
            let comments = portion.records.iter().filter_map(|record| match &record.value {
                Record::Comment(comment) => Some((record.at, comment.source_id.clone())),
                _ => None,
            });
            let finding = |(at, id)| Finding { at, reason: Reason::UnverifiedBytes, source_id: Some(id) };
            portion.findings.extend(comments.map(finding).collect::<Vec<_>>());
        }
        Some(portion)
    }
}
