//! Cuts slices.

use std::collections::BTreeMap;
use std::io;

use rethread_model::{
    Checksummer, FileFacts, Finding, FrameCounts, ImportOptions, JobError, Located, Origin, Position, Reason, Record,
    Refused, SliceContent, SliceNumber, SliceSource, SliceSpec, Timestamp, Vendor,
};
use rethread_syntax::FrameKind;
use rethread_vendors::{DocumentSites, FILE_HEAD, SLICE_HEAD, UNVERIFIED_HEAD};
use serde_json::{Map, Value};

use super::output::{Plan, SliceSink};
use crate::input::Limits;
use crate::people::People;
use crate::reader::read_slice;
use crate::sites::Sites;

/// A slice ends before a longer stretch without records.
const LONGEST_GAP: usize = 64 * 1024;

/// Collects records into slices.
pub(super) struct Slicer<'s> {
    sink: &'s mut dyn SliceSink,
    source: SliceSource,
    slice_bytes: u64,
    join: Option<Join<'s>>,
    part: u32,
    threads_only_lead: bool,
    document_bytes: u64,
    open: Option<Open>,
    /// Slices begun so far.
    begun: usize,
    slices: Vec<SliceSpec>,
    /// [`Open::begun_before`] of each slice.
    begun_before: Vec<usize>,
    findings: Vec<Finding>,
    refused: Vec<Located<Refused>>,
}

/// Joins e-mail addresses to the people of the slices. Only packed uploads have such lists, and
/// their slices are in memory.
#[derive(Clone, Copy)]
pub(super) struct Join<'p> {
    pub people: &'p People,
    pub vendor: Vendor,
    pub options: &'p ImportOptions,
}

impl Join<'_> {
    /// Adds to the slice's head the addresses that its reader will need. Reading the slice exactly
    /// as the reader will is slower than searching for names, but exact: no person is missed,
    /// whatever damage the reader repairs.
    fn write_to(self, spec: &mut SliceSpec, bytes: &[u8]) {
        let mut authors = BTreeMap::new();
        for portion in read_slice(self.vendor, spec, self.options, bytes) {
            for located in portion.records {
                if let Record::Author(author) = located.value {
                    authors.entry(author.key.clone()).or_insert(author);
                }
            }
        }
        self.people.write_to(&mut spec.head, authors.values());
    }
}

/// The open slice.
struct Open {
    /// Slices begun before this one, including those that stayed empty.
    begun_before: usize,
    head: Value,
    start: u64,
    /// Length up to the end of its last record.
    length: u64,
    /// Bytes skipped since the last record. They join the slice with the next record, so that
    /// positions in the slice match positions in the document.
    gap: Vec<u8>,
    /// Frames in the gap that only lead to another record.
    gap_frames: FrameCounts,
    /// Checksum of the slice's bytes.
    summer: Checksummer,
    frames: FrameCounts,
    /// The slice's bytes, if they must be stored.
    bytes: Vec<u8>,
}

impl Open {
    fn append(&mut self, bytes: &[u8], are_stored: bool) {
        self.length += bytes.len() as u64;
        self.summer.update(bytes);
        if are_stored {
            self.bytes.extend_from_slice(bytes);
        }
    }
}

impl<'s> Slicer<'s> {
    pub(super) fn new(sink: &'s mut dyn SliceSink, limits: &Limits) -> Self {
        let slice_bytes = limits.slice_bytes as u64;
        let (slices, findings, refused) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            sink,
            source: SliceSource::Upload,
            slice_bytes,
            join: None,
            part: 0,
            threads_only_lead: false,
            document_bytes: 0,
            open: None,
            begun: 0,
            slices,
            begun_before: Vec::new(),
            findings,
            refused,
        }
    }

    /// Joins this list to all slices from now on.
    pub(super) fn join(&mut self, join: Join<'s>) {
        self.join = Some(join);
    }

    /// Starts a new document, with the findings made at its beginning. `source` is where its slices
    /// are stored.
    pub(super) fn begin_document(
        &mut self,
        part: u32,
        source: SliceSource,
        threads_only_lead: bool,
        findings: Vec<Finding>,
    ) {
        self.part = part;
        self.source = source;
        self.threads_only_lead = threads_only_lead;
        self.findings.extend(findings);
    }

    /// Records how many bytes of the document could be read.
    pub(super) const fn end_document(&mut self, bytes: u64) {
        self.document_bytes += bytes;
    }

    /// Adds a finding about the document.
    pub(super) fn find(&mut self, offset: u64, reason: Reason) {
        let at = self.position(offset);
        self.findings.push(Finding { at, reason, source_id: None });
    }

    /// Marks the slices of this document, or of all documents, as unverified.
    pub(super) fn mark_unverified(&mut self, part: Option<u32>) {
        for slice in self.slices.iter_mut().filter(|slice| part.is_none_or(|part| part == slice.part)) {
            if slice.head.is_null() {
                slice.head = Value::Object(Map::new());
            }
            if let Value::Object(head) = &mut slice.head {
                head.insert(UNVERIFIED_HEAD.to_owned(), Value::Bool(true));
            }
        }
    }

    pub(super) const fn position(&self, offset: u64) -> Position {
        Position { part: self.part, offset }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Begins a slice.
    pub(super) fn begin(&mut self, start: u64, head: Value) {
        let (gap, gap_frames, frames) = (Vec::new(), FrameCounts::default(), FrameCounts::default());
        let (summer, begun_before) = (Checksummer::default(), self.begun);
        self.begun += 1;
        self.open =
            Some(Open { begun_before, head, start, length: 0, gap, gap_frames, summer, frames, bytes: Vec::new() });
    }

    /// Adds a record to the slice. Ends the slice if it is large enough.
    pub(super) fn add(&mut self, kind: FrameKind, record: &[u8]) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        // The thread joins the slice only with the record that it leads to.
        if kind == FrameKind::Thread && self.threads_only_lead {
            kind.count_in(&mut open.gap_frames);
            return self.pass(record);
        }
        let are_stored = self.source == SliceSource::Own;
        open.frames += std::mem::take(&mut open.gap_frames);
        let gap = std::mem::take(&mut open.gap);
        open.append(&gap, are_stored);
        open.append(record, are_stored);
        kind.count_in(&mut open.frames);
        if open.length >= self.slice_bytes { self.close() } else { Ok(()) }
    }

    /// Skips bytes that are not a record.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        if open.gap.len() + bytes.len() > LONGEST_GAP {
            return self.close();
        }
        open.gap.extend_from_slice(bytes);
        Ok(())
    }

    /// Ends the slice at its last record.
    pub(super) fn close(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take().filter(|open| open.length > 0) else { return Ok(()) };
        let number = SliceNumber(u32::try_from(self.slices.len()).unwrap_or(u32::MAX));
        if self.source == SliceSource::Own {
            self.sink.put(number, &open.bytes)?;
        }
        let end = open.start + open.length;
        let content = SliceContent { frames: open.frames, checksum: open.summer.checksum() };
        let mut spec = SliceSpec {
            number,
            source: self.source,
            part: self.part,
            start: open.start,
            end,
            origin: None,
            newest_comment_at: None,
            content,
            head: open.head,
        };
        if let Some(join) = self.join {
            join.write_to(&mut spec, &open.bytes);
        }
        self.slices.push(spec);
        self.begun_before.push(open.begun_before);
        Ok(())
    }

    /// Leaves out an oversized record; `refused` describes it if it is a comment.
    pub(super) fn refuse(&mut self, offset: u64, refused: Option<Refused>) {
        let at = self.position(offset);
        match refused {
            Some(value) => self.refused.push(Located { value, at }),
            None => self.findings.push(Finding { at, reason: Reason::RecordTooLarge, source_id: None }),
        }
    }

    /// Adds to the heads what is known only at the end of the upload: to all slices, and to each
    /// one.
    pub(super) fn set_heads(&mut self, of_file: &Value, of_slices: &[Value]) {
        // Surveyors were asked for a head by every slice begun, including those that stayed empty.
        for (slice, begun_before) in self.slices.iter_mut().zip(&self.begun_before) {
            add_to_head(&mut slice.head, FILE_HEAD, of_file);
            add_to_head(&mut slice.head, SLICE_HEAD, of_slices.get(*begun_before).unwrap_or(&Value::Null));
        }
    }

    /// Sets the site of each slice and the newest comment of that site (`newest` is per document).
    /// Adds to its head what became known at the end of its document.
    pub(super) fn set_sites(&mut self, documents: &[DocumentSites], sites: &Sites, newest: &[Option<Timestamp>]) {
        let mut newest_of = BTreeMap::<&Option<Origin>, Option<Timestamp>>::new();
        for (origin, time) in sites.of_documents.iter().zip(newest) {
            let newest = newest_of.entry(origin).or_default();
            *newest = (*newest).max(*time);
        }
        for slice in &mut self.slices {
            let document = usize::try_from(slice.part).unwrap_or(usize::MAX);
            if let Some(said) = documents.get(document) {
                add_to_head(&mut slice.head, FILE_HEAD, &said.head);
            }
            slice.origin = sites.of_documents.get(document).cloned().flatten();
            slice.newest_comment_at = newest_of.get(&slice.origin).copied().flatten();
        }
    }

    /// Returns the plan.
    pub(super) fn finish(mut self, facts: FileFacts, findings: Vec<Finding>, defect: Option<JobError>) -> Plan {
        self.findings.extend(findings);
        self.findings.sort();
        let in_slices: u64 = self.slices.iter().map(SliceSpec::size_bytes).sum();
        let bytes_outside = self.document_bytes.saturating_sub(in_slices);
        let bytes_total = in_slices + bytes_outside;
        let Self { slices, findings, refused, .. } = self;
        let site_needed = None;
        Plan { facts, slices, findings, refused, bytes_total, bytes_outside, defect, site_needed }
    }
}

/// Adds a member to a slice's head, unless it is empty. A `null` head becomes an object.
fn add_to_head(head: &mut Value, name: &str, member: &Value) {
    if member.is_null() {
        return;
    }
    if head.is_null() {
        *head = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(members) = head {
        members.insert(name.to_owned(), member.clone());
    }
}
