//! One pass over one document.

use std::io::{self, Read};

use rethread_model::JobError;
use serde_json::{Map, Value};

use super::cutter::Cutter;
use super::window::Window;
use super::{Limits, PlanError};
use crate::evidence::grouped;
use crate::format::{Frame, FrameKind, Framed, Framer, Step, Surveyor, refusal};

/// So much of a record that is too large is looked at.
const BEGINNING_BYTES: usize = 64 * 1024;

/// A framer that has found no record within so many bytes must have passed over some.
const MOST_UNDECIDED: usize = 64 * 1024;

/// What a pass works with.
pub(super) struct Pass<'p, 's> {
    pub framer: Box<dyn Framer + Send>,
    pub surveyor: &'p mut dyn Surveyor,
    pub cutter: &'p mut Cutter<'s>,
    pub limits: &'p Limits,
}

impl Pass<'_, '_> {
    /// Runs from the start of the window to the end of the document. What makes the rest unreadable, if anything.
    pub(super) fn run(mut self, window: &mut Window, document: &mut dyn Read) -> Result<Option<JobError>, PlanError> {
        let (is_whole, damaged_at) = loop {
            let step = self.framer.next(window.bytes(), window.is_last());
            if let Some((at, reason)) = self.framer.take_finding() {
                self.cutter.find(window.offset() + at as u64, reason);
            }
            match step {
                Step::Frame(frame) => {
                    self.frame(&frame, window)?;
                    window.drop_front(frame.end);
                }
                Step::Skip(length) if length > 0 => {
                    self.cutter.pass(&window.bytes()[..length])?;
                    window.drop_front(length);
                }
                Step::NeedMore { open } if !window.is_last() => {
                    let length = window.bytes().len();
                    match open {
                        Some((kind, start)) if length - start > self.limits.record_bytes => {
                            self.refuse(kind, start, length, window)?;
                            self.framer.pass_over();
                        }
                        None if length > MOST_UNDECIDED + self.limits.record_bytes => {
                            break (false, Some(window.offset()));
                        }
                        _ => window.fill(document)?,
                    }
                }
                Step::End { closed, .. } => break (closed, None),
                Step::Damaged { at } => break (false, Some(window.offset() + at as u64)),
                Step::Skip(_) | Step::NeedMore { .. } => break (false, Some(window.offset())),
            }
        };
        self.cutter.close()?;
        let breakage = window.take_breakage();
        Ok(match (damaged_at, breakage) {
            (Some(offset), _) => Some(damaged(offset)),
            (None, Some(error)) if error.kind() != io::ErrorKind::UnexpectedEof => Some(damaged(window.end())),
            (None, Some(_)) => Some(truncated(window.end())),
            (None, None) if !is_whole => Some(truncated(window.end())),
            (None, None) => None,
        })
    }

    fn frame(&mut self, frame: &Frame, window: &Window) -> Result<(), PlanError> {
        if frame.end - frame.start > self.limits.record_bytes {
            return self.refuse(frame.kind, frame.start, frame.end, window);
        }
        self.cutter.pass(&window.bytes()[..frame.start])?;
        let bytes = &window.bytes()[frame.start..frame.end];
        let start = window.offset() + frame.start as u64;
        match frame.kind {
            FrameKind::Head => self.cutter.pass(bytes)?,
            FrameKind::ThreadEnd if !self.cutter.is_open() => {}
            FrameKind::Thread | FrameKind::ThreadEnd | FrameKind::Author | FrameKind::Comment => {
                if !self.cutter.is_open() {
                    let head = self.head();
                    self.cutter.begin(start, head);
                }
                self.cutter.add(frame.kind, bytes)?;
            }
        }
        let at = self.cutter.position(start);
        self.surveyor.see(Framed { kind: frame.kind, bytes, at, damage: frame.damage, scope: self.framer.scope() });
        Ok(())
    }

    /// What the reader of a slice that begins with the frame at hand must know.
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

    /// A record that is too large is in no slice.
    fn refuse(&mut self, kind: FrameKind, start: usize, end: usize, window: &Window) -> Result<(), PlanError> {
        self.cutter.close()?;
        let beginning = &window.bytes()[start..end.min(start + BEGINNING_BYTES)];
        let at = self.cutter.position(window.offset() + start as u64);
        let beginning = Framed { kind, bytes: beginning, at, damage: None, scope: self.framer.scope() };
        let refused = self.surveyor.refuse(beginning);
        self.cutter.refuse(window.offset() + start as u64, refused);
        Ok(())
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
