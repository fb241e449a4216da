//! Reads slices.

use rethread_model::{Finding, ImportOptions, Located, MappingRules, Position, Record, SliceSpec, Vendor};

use crate::format::{self, Frame, FrameKind, FrameReader, Framed, Framer, Step};
use crate::people;

/// The records of one frame of a slice (a `<post>`, an element of `comments`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// Byte offset in the document after the frame: everything before it has been yielded.
    pub end: u64,
    /// The records.
    pub records: Vec<Located<Record>>,
    /// What was repaired.
    pub findings: Vec<Finding>,
}

/// Yields the portions of a slice in file order. Reading the same slice again gives the same portions.
pub struct SliceReader<'a>(Box<dyn Iterator<Item = Portion> + Send + 'a>);

/// Reads a slice. `bytes` are those from `spec.start` to `spec.end`. Never fails and never panics, whatever the bytes:
/// what cannot be read is a finding.
#[must_use]
pub fn read_slice<'a>(
    vendor: Vendor,
    spec: &'a SliceSpec,
    options: &'a ImportOptions,
    bytes: &'a [u8],
) -> SliceReader<'a> {
    let format = format::of(vendor);
    SliceReader(Box::new(Frames {
        framer: format.framer(Some(&spec.head)),
        reader: format.reader(&spec.head, options),
        rules: MappingRules::new(&options.mapping),
        spec,
        bytes,
        from: 0,
    }))
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
struct Frames<'a> {
    framer: Box<dyn Framer + Send>,
    reader: Box<dyn FrameReader + Send + 'a>,
    rules: MappingRules,
    spec: &'a SliceSpec,
    bytes: &'a [u8],
    /// Everything before it was read.
    from: usize,
}

impl Frames<'_> {
    /// The next frame that holds a record, its places counted from `from`.
    fn frame(&mut self) -> Option<Frame> {
        while self.from < self.bytes.len() {
            let window = &self.bytes[self.from..];
            match self.framer.next(window, true) {
                Step::Frame(frame) if frame.kind == FrameKind::Head => self.from += frame.end,
                Step::Frame(frame) => return Some(frame),
                Step::Skip(length) if length > 0 => self.from += length,
                Step::End { open: Some((kind, start)), .. } => {
                    let damage = self.framer.damage_of_open();
                    let frame = Frame { kind, start, end: window.len(), damage };
                    return Some(frame).filter(|frame| frame.kind != FrameKind::Head);
                }
                Step::Skip(_) | Step::NeedMore { .. } | Step::End { .. } | Step::Damaged { .. } => return None,
            }
        }
        None
    }
}

impl Iterator for Frames<'_> {
    type Item = Portion;

    fn next(&mut self) -> Option<Portion> {
        let frame = self.frame()?;
        let window = &self.bytes[self.from..];
        let offset = |place: usize| self.spec.start + (self.from + place) as u64;
        let mut portion = Portion { end: offset(frame.end), records: Vec::new(), findings: Vec::new() };
        let at = Position { part: self.spec.part, offset: offset(frame.start) };
        let framed = Framed { kind: frame.kind, bytes: &window[frame.start..frame.end], at, damage: frame.damage };
        self.reader.read(framed, &mut portion);
        for record in &mut portion.records {
            match &mut record.value {
                Record::Thread(thread) => self.rules.apply(thread),
                Record::Author(author) => people::join(&self.spec.head, author),
                Record::Comment(_) | Record::Refused(_) => {}
            }
        }
        self.from += frame.end;
        Some(portion)
    }
}

#[cfg(test)]
mod tests;
