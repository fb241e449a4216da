//! Frames well-formed XML with quick-xml's events.

mod content;
mod cut;
mod open;
mod records;
mod rules;

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use self::open::OpenElements;
use super::dialect::{Dialect, Extent, Shape};
use super::handover::Handover;
use crate::framing::{FrameKind, Step};
use crate::names::Scope;

pub(super) use self::rules::{attribute_value, attributes, unescape};

/// A longer tag is an attack or damage. The lenient framer skips it as text.
const LONGEST_TAG: usize = 32 * 1024;

/// A comment outside records is scanned at once. A longer one counts as unclosed.
const LONGEST_COMMENT: usize = super::section::BLOCK_BYTES;

/// A record larger than this, or over the limit, counts as unclosed if the lenient framer finds its
/// end within this many bytes. Otherwise everything after it would be lost with it.
const LARGE: usize = 4 << 20;

/// The document is not well-formed, or contains a construct that is not supported.
#[derive(Debug)]
pub(super) struct Broken {
    /// Position in the window.
    pub at: usize,
    /// Whether the only error is that the document ends there.
    pub is_end: bool,
    /// Where the lenient framer continues.
    pub handover: Handover,
}

/// The position in the window of a well-formedness error.
type At = usize;

/// Frames a document or a slice as long as it is well-formed.
///
/// quick-xml checks the syntax of tags, attributes and comments. What it leaves to its callers is
/// checked here: names and namespaces, end tags (an event may lie in another window than its start
/// tag), references, characters, `]]>` in text, and content outside the root. Detection refuses a
/// document type; here it counts as not well-formed.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(super) struct StrictFramer {
    dialect: &'static Dialect,
    elements: OpenElements,
    /// The window before it was scanned.
    at: usize,
    /// The characters of the window before it are allowed in XML.
    checked: usize,
    record: Option<OpenRecord>,
    /// Whether the lenient framer was already consulted about the record.
    is_asked: bool,
    /// The terminator of the CDATA section in which `at` lies, while its text is skipped.
    section: Option<&'static [u8]>,
    is_passing_over: bool,
    is_slice: bool,
    is_begun: bool,
    is_root_closed: bool,
    /// Whether the window begins where the document begins.
    is_at_start: bool,
    /// Number of elements open around the last reported frame.
    frame_depth: usize,
}

/// A record that has begun.
#[derive(Debug, Clone, Copy)]
struct OpenRecord {
    shape: &'static Shape,
    start: usize,
    /// Number of elements open around it.
    depth: usize,
}

/// Why the events of a window stopped.
enum Pause {
    Step(Step),
    /// The whole window was scanned.
    Done,
    /// What begins at `self.at` does not end in the window.
    Cut,
}

impl StrictFramer {
    pub(super) fn of_document(dialect: &'static Dialect) -> Self {
        Self::new(dialect, OpenElements::new(dialect))
    }

    /// A framer for a slice inside these open elements; see [`Self::open_tags`].
    pub(super) fn of_slice(dialect: &'static Dialect, open_tags: &str) -> Option<Self> {
        let elements = OpenElements::from_tags(dialect, open_tags)?;
        Some(Self { is_slice: true, is_begun: true, ..Self::new(dialect, elements) })
    }

    fn new(dialect: &'static Dialect, elements: OpenElements) -> Self {
        Self {
            dialect,
            elements,
            at: 0,
            checked: 0,
            record: None,
            is_asked: false,
            section: None,
            is_passing_over: false,
            is_slice: false,
            is_begun: false,
            is_root_closed: false,
            is_at_start: true,
            frame_depth: 0,
        }
    }

    /// The start tags of the elements around the last reported frame, with their namespaces.
    pub(super) fn open_tags(&self) -> String {
        self.elements.tags(self.frame_depth)
    }

    /// The names in scope at the start of the current record, or of the last reported frame.
    pub(super) fn scope(&self) -> Scope<'_> {
        self.elements.scope(self.record.map_or(self.frame_depth, |record| record.depth))
    }

    /// See [`crate::framing::Framer::pass_over`].
    pub(super) const fn pass_over(&mut self) {
        self.is_passing_over = true;
    }

    /// See [`crate::framing::Framer::next`].
    pub(super) fn next(&mut self, window: &[u8], at_end: bool) -> Result<Step, Broken> {
        let step = self.look(window, at_end)?;
        // Positions are relative to the window, which moves by the length of the step.
        let gone = match &step {
            Step::Frame(frame) => frame.end,
            Step::Skip(length) => *length,
            _ => 0,
        };
        self.is_at_start &= gone == 0;
        self.at = self.at.saturating_sub(gone);
        self.checked = self.checked.saturating_sub(gone);
        Ok(step)
    }

    fn look(&mut self, window: &[u8], at_end: bool) -> Result<Step, Broken> {
        if let Some(record) = self.record.filter(|_| self.is_passing_over)
            && self.is_unclosed(record.shape.kind, window, record.start)
        {
            let handover = Handover { at: record.start, ..self.broken(record.start).handover };
            return Err(Broken { at: record.start, is_end: false, handover });
        }
        // Events are read up to the first illegal character, which ends strict reading.
        let legal = self.legal_length(window, at_end);
        let text = &window[..legal];
        loop {
            if let Some(end) = self.section {
                if let Some(step) = self.leave_section(end, text, window, at_end)? {
                    return Ok(step);
                }
                continue;
            }
            let pause = self.run(text).map_err(|at| self.broken(at))?;
            match pause {
                Pause::Step(Step::Frame(frame)) if frame.end - frame.start >= LARGE => {
                    if self.is_unclosed(frame.kind, window, frame.start) {
                        let handover = Handover { at: frame.start, ..self.broken(frame.start).handover };
                        return Err(Broken { at: frame.start, is_end: false, handover });
                    }
                    return Ok(Step::Frame(frame));
                }
                Pause::Step(step) => return Ok(step),
                Pause::Done if legal == window.len() => return self.wait(window, at_end),
                Pause::Done | Pause::Cut if legal < window.len() => return Err(self.broken(legal)),
                Pause::Done | Pause::Cut => {
                    if let Some(step) = self.cut(window, at_end)? {
                        return Ok(step);
                    }
                }
            }
        }
    }

    /// Whether the record that begins at `start` was never closed, according to the lenient framer.
    /// It is consulted once per record.
    fn is_unclosed(&mut self, kind: FrameKind, window: &[u8], start: usize) -> bool {
        if std::mem::replace(&mut self.is_asked, true) {
            return false;
        }
        let beginning = &window[start.min(window.len())..];
        // The lenient framer ends an unclosed record where the next one begins.
        let mut lenient = (self.dialect.lenient)(&Handover::default());
        let step = lenient.next(&beginning[..beginning.len().min(LARGE)], false);
        matches!(step, Step::Frame(frame) if frame.start == 0 && frame.kind == kind)
    }

    /// The length of the window's prefix in which all characters are allowed in XML.
    fn legal_length(&mut self, window: &[u8], at_end: bool) -> usize {
        let from = self.checked.min(window.len());
        if let Some(found) = rules::illegal_character(&window[from..]) {
            return from + found;
        }
        // The window may cut a character in two.
        self.checked = if at_end { window.len() } else { window.len().saturating_sub(2).max(from) };
        window.len()
    }

    /// Processes the events from `self.at` on.
    fn run(&mut self, text: &[u8]) -> Result<Pause, At> {
        let base = self.at.min(text.len());
        // quick-xml strips a byte order mark wherever it starts to read.
        if text[base..].starts_with("\u{feff}".as_bytes()) {
            self.text("\u{feff}", base)?;
            self.at = base + '\u{feff}'.len_utf8();
            return self.run_from_here(text);
        }
        self.run_from_here(text)
    }

    fn run_from_here(&mut self, text: &[u8]) -> Result<Pause, At> {
        let base = self.at.min(text.len());
        let mut reader = Reader::from_reader(&text[base..]);
        let config = reader.config_mut();
        config.check_comments = true;
        // End names are checked in `end`, because the start tag may be in an earlier window.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        let position = |reader: &Reader<&[u8]>| base + usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let mut here = base;
        loop {
            let event = reader.read_event();
            let after = position(&reader);
            self.at = here;
            let step = match event {
                Ok(Event::Start(tag)) => self.start(&tag, here, after, false)?,
                Ok(Event::Empty(tag)) => self.start(&tag, here, after, true)?,
                Ok(Event::End(tag)) => self.end(tag.name().into_inner(), here, after)?,
                // The next bytes may belong to the text.
                Ok(Event::Text(_)) if after == text.len() => return Ok(Pause::Cut),
                Ok(Event::Text(characters)) => self.text(&characters, here)?,
                Ok(Event::GeneralRef(name)) => self.reference(&name, here)?,
                Ok(Event::CData(_)) => self.inside(here)?,
                Ok(Event::Comment(_)) => self.comment(here, after)?,
                Ok(Event::PI(instruction)) => Self::instruction(instruction.target(), here, after)?,
                Ok(Event::Decl(declaration)) => self.declaration(&declaration, here)?,
                Ok(Event::DocType(_)) => return Err(here),
                Ok(Event::Eof) => return Ok(Pause::Done),
                Err(error) => return cut::by_error(&error, text, here, after),
            };
            if let Some(step) = step {
                return Ok(Pause::Step(step));
            }
            here = after;
            self.at = here;
        }
    }

    /// See [`crate::framing::Framer::is_closed`].
    pub(super) const fn is_closed(&self) -> bool {
        self.is_root_closed && self.record.is_none() && self.at == 0
    }

    /// The whole window was scanned.
    fn wait(&mut self, window: &[u8], at_end: bool) -> Result<Step, Broken> {
        let record = self.record.filter(|_| !self.is_passing_over);
        let open = record.map(|record| (record.shape.kind, record.start));
        if let Some((kind, start)) = open
            && window.len() - start >= LARGE
            && self.is_unclosed(kind, window, start)
        {
            return Err(self.broken(start));
        }
        if !at_end {
            return Ok(match (open, self.at) {
                (Some(_), _) | (None, 0) => Step::NeedMore { open },
                (None, at) => Step::Skip(at),
            });
        }
        let may_end = match record {
            None => self.is_slice || self.is_root_closed || self.is_passing_over,
            // The comment before which it ends is in the next slice.
            Some(record) => self.is_slice && record.shape.extent == Extent::Beginning,
        };
        if may_end { Ok(Step::End { closed: self.is_root_closed, open }) } else { Err(self.ended(window.len())) }
    }

    fn broken(&self, at: usize) -> Broken {
        let record = self.record.filter(|_| !self.is_passing_over);
        let passed_over = self.record.filter(|_| self.is_passing_over).map(|record| record.shape.kind);
        let handover = Handover {
            at: record.map_or(self.at, |record| record.start),
            passed_over: passed_over.filter(|kind| *kind != FrameKind::Head),
            section: self.section,
            root: self.elements.root().map(str::to_owned),
            is_root_closed: self.is_root_closed,
        };
        Broken { at, is_end: false, handover }
    }

    fn ended(&self, at: usize) -> Broken {
        Broken { is_end: true, ..self.broken(at) }
    }
}
