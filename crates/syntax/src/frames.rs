//! The frames of a slice.

use rethread_model::FrameCounts;

use crate::framing::{Frame, FrameKind, Framer, Step};
use crate::names::Scope;

/// The frames that contain records, in order. Positions are relative to the slice.
pub struct Frames<'a> {
    framer: Box<dyn Framer + Send>,
    bytes: &'a [u8],
    /// The bytes before it were framed.
    from: usize,
    counts: FrameCounts,
}

impl<'a> Frames<'a> {
    /// The frames that a fresh framer finds in the bytes of a slice.
    #[must_use]
    pub fn new(framer: Box<dyn Framer + Send>, bytes: &'a [u8]) -> Self {
        Self { framer, bytes, from: 0, counts: FrameCounts::default() }
    }

    /// The frames yielded so far.
    #[must_use]
    pub const fn counts(&self) -> FrameCounts {
        self.counts
    }

    /// See [`Framer::scope`].
    #[must_use]
    pub fn scope(&self) -> Option<Scope<'_>> {
        self.framer.scope()
    }

    /// Continues after the frame, whose positions were relative to the framer's window.
    const fn pass(&mut self, frame: Frame) -> Frame {
        let placed = Frame { start: self.from + frame.start, end: self.from + frame.end, ..frame };
        self.from = placed.end;
        placed.kind.count_in(&mut self.counts);
        placed
    }
}

impl Iterator for Frames<'_> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        while self.from < self.bytes.len() {
            let window = &self.bytes[self.from..];
            match self.framer.next(window, true) {
                Step::Frame(frame) if frame.kind == FrameKind::Head => self.from += frame.end,
                Step::Frame(frame) => return Some(self.pass(frame)),
                Step::Skip(length) if length > 0 => self.from += length,
                Step::End { open: Some((kind, start)), .. } if kind != FrameKind::Head => {
                    let damage = self.framer.damage_of_open();
                    return Some(self.pass(Frame { kind, start, end: window.len(), damage }));
                }
                Step::Skip(_) | Step::NeedMore { .. } | Step::End { .. } | Step::Damaged { .. } => return None,
            }
        }
        None
    }
}
