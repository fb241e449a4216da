//! One pass over a document.

use std::io::Read;

use memchr::memmem;
use rethread_model::{JobError, Reason, Timestamp};
use rethread_syntax::{Frame, FrameKind, Framed, Framer, Step};
use rethread_vendors::evidence::grouped;
use rethread_vendors::{Surveyor, refusal};
use serde_json::{Map, Value};

use super::slicer::Slicer;
use super::window::{Breakage, Window};
use crate::error::PlanError;
use crate::input::Limits;
use crate::newest::Newest;

/// The part of an oversized record that is inspected.
const BEGINNING_BYTES: usize = 64 * 1024;

/// A framer that finds no record within this many bytes has probably missed some.
const MOST_UNDECIDED: usize = 64 * 1024;

/// The inputs of a pass.
pub(super) struct Pass<'p, 's> {
    pub framer: Box<dyn Framer + Send>,
    pub surveyor: &'p mut dyn Surveyor,
    pub slicer: &'p mut Slicer<'s>,
    pub limits: &'p Limits,
    /// Whether the document is packed.
    pub is_packed: bool,
    pub newest: Newest,
}

/// How a document ended.
#[derive(Debug)]
pub(super) struct Ending {
    /// What makes the rest unreadable, if anything.
    pub defect: Option<JobError>,
    /// Whether its archive was altered.
    pub is_altered: bool,
    /// The time of its newest comment.
    pub newest_comment_at: Option<Timestamp>,
}

impl Pass<'_, '_> {
    /// Runs from the start of the window to the end of the document.
    pub(super) fn run(mut self, window: &mut Window, document: &mut dyn Read) -> Result<Ending, PlanError> {
        let mut is_end_seen = false;
        let (is_whole, damaged_at) = loop {
            if !is_end_seen && self.framer.is_closed() {
                is_end_seen = self.look_behind(window, document)?;
            }
            let step = self.framer.next(window.bytes(), window.is_last());
            if self.framer.take_boundary() {
                self.slicer.close()?;
            }
            if let Some((at, reason)) = self.framer.take_finding() {
                self.slicer.find(window.offset() + at as u64, reason);
            }
            match step {
                Step::Frame(frame) => {
                    self.frame(&frame, window)?;
                    window.drop_front(frame.end);
                }
                Step::Skip(length) if length > 0 => {
                    self.slicer.pass(&window.bytes()[..length])?;
                    window.drop_front(length);
                }
                Step::NeedMore { open } if !window.is_last() => {
                    let length = window.bytes().len();
                    match open {
                        // The record is too large for memory: report it and skip the rest.
                        Some((kind, start)) if length - start > self.limits.record_bytes => {
                            self.refuse(kind, start, length, window)?;
                            self.framer.pass_over();
                        }
                        // Stop instead of growing the window without a bound.
                        None if length > MOST_UNDECIDED + self.limits.record_bytes => {
                            break (false, Some(window.offset()));
                        }
                        _ => window.fill(document)?,
                    }
                }
                Step::End { closed, .. } => break (closed, None),
                Step::Damaged { at } => break (false, Some(window.offset() + at as u64)),
                // The framer makes no progress in the last window.
                Step::Skip(_) | Step::NeedMore { .. } => break (false, Some(window.offset())),
            }
        };
        self.slicer.close()?;
        // The checksum of the packing follows the data.
        if self.is_packed {
            window.skip_rest(document)?;
        }
        let defect = match (damaged_at, window.breakage()) {
            (Some(offset), _) => Some(damaged(offset)),
            (None, Some(Breakage::Altered)) if !is_whole => Some(damaged(window.end())),
            (None, Some(Breakage::Cut)) => Some(truncated(window.end())),
            (None, None) if !is_whole => Some(truncated(window.end())),
            (None, Some(Breakage::Altered) | None) => None,
        };
        let is_altered = window.breakage() == Some(Breakage::Altered);
        Ok(Ending { defect, is_altered, newest_comment_at: self.newest.found() })
    }

    /// Classifies what follows the document's end. Returns `false` if nothing significant is in the
    /// window yet.
    fn look_behind(&mut self, window: &mut Window, document: &mut dyn Read) -> Result<bool, PlanError> {
        while window.bytes().len() < MOST_UNDECIDED && !window.is_last() {
            window.fill(document)?;
        }
        let rest = window.bytes();
        let at = past_insignificant(rest);
        let reason = match &rest[at..] {
            [] => return Ok(window.is_last()),
            [b'<', next, ..] if next.is_ascii_alphabetic() || matches!(next, b'?' | b'!') => Reason::SecondDocument,
            [b'{' | b'[', ..] => Reason::SecondDocument,
            // Leftovers of damage in this document are reported by its readers.
            [b'"' | b',' | b'}' | b']', ..] => return Ok(true),
            _ => Reason::TrailingJunk,
        };
        self.slicer.find(window.offset() + at as u64, reason);
        Ok(true)
    }

    fn frame(&mut self, frame: &Frame, window: &Window) -> Result<(), PlanError> {
        if frame.end - frame.start > self.limits.record_bytes {
            return self.refuse(frame.kind, frame.start, frame.end, window);
        }
        self.slicer.pass(&window.bytes()[..frame.start])?;
        let bytes = &window.bytes()[frame.start..frame.end];
        let start = window.offset() + frame.start as u64;
        match frame.kind {
            FrameKind::Head => self.slicer.pass(bytes)?,
            FrameKind::ThreadEnd if !self.slicer.is_open() => {}
            FrameKind::Thread | FrameKind::ThreadEnd | FrameKind::Author | FrameKind::Comment => {
                if !self.slicer.is_open() {
                    let head = self.head();
                    self.slicer.begin(start, head);
                }
                self.slicer.add(frame.kind, bytes)?;
            }
        }
        let at = self.slicer.position(start);
        self.surveyor.see(Framed { kind: frame.kind, bytes, at, damage: frame.damage, scope: self.framer.scope() });
        if frame.kind == FrameKind::Comment {
            self.newest.see(self.surveyor.time_of(bytes));
        }
        Ok(())
    }

    /// The head for a slice that begins with the current frame.
    fn head(&mut self) -> Value {
        let head = self.surveyor.head();
        let Some((member, value)) = self.framer.head() else { return head };
        let mut members = match head {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        members.insert(member.to_owned(), value);
        Value::Object(members)
    }

    /// Records an oversized record, which is in no slice.
    fn refuse(&mut self, kind: FrameKind, start: usize, end: usize, window: &Window) -> Result<(), PlanError> {
        self.slicer.close()?;
        let beginning = &window.bytes()[start..end.min(start + BEGINNING_BYTES)];
        let at = self.slicer.position(window.offset() + start as u64);
        let beginning = Framed { kind, bytes: beginning, at, damage: None, scope: self.framer.scope() };
        let refused = self.surveyor.refuse(beginning);
        self.slicer.refuse(window.offset() + start as u64, refused);
        Ok(())
    }
}

/// The position after what may follow any document: white space, padding, the parenthesis that Muut
/// wraps files in, comments and processing instructions.
fn past_insignificant(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let is_padding = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0 | 0x1a | b')' | b';');
        at += bytes[at..].iter().take_while(|byte| is_padding(byte)).count();
        let rest = &bytes[at..];
        let end: &[u8] = if rest.starts_with(b"<!--") {
            b"-->"
        } else if rest.starts_with(b"<?") && !rest.starts_with(b"<?xml") {
            b"?>"
        } else {
            return at;
        };
        match memmem::find(rest, end) {
            Some(length) => at += length + end.len(),
            None => return at,
        }
    }
}

fn truncated(offset: u64) -> JobError {
    let message = format!(
        "The file breaks off at byte {}, before its end. Everything before that was read. Download or export it again and \
         upload the whole file; what is here already is not doubled.",
        grouped(offset)
    );
    refusal("truncated", message, Some(offset))
}

fn damaged(offset: u64) -> JobError {
    let message = format!(
        "The file is damaged at byte {} and cannot be read any further. Everything before that was read. Download or \
         export it again and upload the new file; what is here already is not doubled.",
        grouped(offset)
    );
    refusal("damaged", message, Some(offset))
}
