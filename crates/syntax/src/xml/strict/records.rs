//! The tags of a document, which begin and end records.

use quick_xml::events::BytesStart;

use super::{At, LONGEST_TAG, OpenRecord, StrictFramer};
use crate::framing::{Frame, FrameKind, Step};
use crate::xml::dialect::Extent;

impl StrictFramer {
    pub(super) fn start(
        &mut self,
        tag: &BytesStart<'_>,
        here: usize,
        after: usize,
        is_empty: bool,
    ) -> Result<Option<Step>, At> {
        let depth = self.elements.depth();
        if after - here > LONGEST_TAG || (depth == 0 && self.is_begun) {
            return Err(here);
        }
        if !self.elements.push(tag) {
            return Err(here);
        }
        // A skipped record without an end must not swallow the next one.
        if self.is_passing_over && self.has_left_record() {
            return Err(here);
        }
        // Elements inside a whole record are not framed separately.
        let is_open = self.record.is_some_and(|record| record.shape.extent == Extent::Whole);
        let shape = if is_open { None } else { self.elements.shape() };
        if let Some(record) = self.record.filter(|_| shape.is_some_and(|shape| shape.kind == FrameKind::Comment))
            && let Some(step) = self.emit(record.shape.kind, record.start, here, record.depth)
        {
            // It is read again as the first tag of the next window.
            self.elements.pop();
            return Ok(Some(step));
        }
        self.is_begun = true;
        let begins_thread = !is_empty && shape.is_some_and(|shape| shape.extent == Extent::Beginning);
        if begins_thread && self.record.is_some() {
            // No vendor nests one in another.
            return Err(here);
        }
        if let (Some(shape), None) = (shape, self.record) {
            match shape.extent {
                Extent::StartTag => {
                    if is_empty {
                        self.close();
                    }
                    return Ok(self.emit(shape.kind, here, after, depth));
                }
                Extent::Whole if is_empty => {
                    self.close();
                    return Ok(self.emit(shape.kind, here, after, depth));
                }
                // It is empty.
                Extent::Beginning if is_empty => {}
                Extent::Whole | Extent::Beginning => {
                    self.record = Some(OpenRecord { shape, start: here, depth });
                    self.is_asked = false;
                }
            }
        }
        if is_empty {
            self.close();
            return Ok(self.end_of_root(after));
        }
        Ok(None)
    }

    /// Whether a record was never closed, because the next record of its kind has just begun inside
    /// it.
    pub(super) fn has_left_record(&mut self) -> bool {
        let begun = self.elements.shape().map(|shape| shape.name);
        let has_left = begun.is_some() && begun == self.record.map(|record| record.shape.name);
        if has_left {
            self.record = None;
            self.is_passing_over = false;
        }
        has_left
    }

    pub(super) fn end(&mut self, name: &str, here: usize, after: usize) -> Result<Option<Step>, At> {
        if after - here > LONGEST_TAG || self.elements.name() != Some(name) {
            return Err(here);
        }
        let depth = self.elements.depth() - 1;
        if let Some(record) = self.record.filter(|record| record.depth == depth) {
            if record.shape.extent == Extent::Whole {
                self.close();
                return Ok(self.emit(record.shape.kind, record.start, after, depth));
            }
            if let Some(step) = self.emit(record.shape.kind, record.start, here, depth) {
                return Ok(Some(step));
            }
        }
        let ends_thread = self.elements.shape().is_some_and(|shape| shape.extent == Extent::Beginning);
        self.close();
        Ok(if ends_thread { self.emit(FrameKind::ThreadEnd, here, after, depth) } else { self.end_of_root(after) })
    }

    /// A window ends with the root's end, so that what follows can be inspected.
    pub(super) fn end_of_root(&mut self, after: usize) -> Option<Step> {
        (self.elements.depth() == 0).then(|| {
            self.at = after;
            Step::Skip(after)
        })
    }

    pub(super) fn close(&mut self) {
        self.elements.pop();
        self.is_root_closed |= self.elements.depth() == 0;
    }

    /// The frame from `start` to `end`, where the next window begins. `None` if it is skipped and
    /// no bytes remain.
    pub(super) fn emit(&mut self, kind: FrameKind, start: usize, end: usize, depth: usize) -> Option<Step> {
        self.record = None;
        self.frame_depth = depth;
        self.at = end;
        if std::mem::take(&mut self.is_passing_over) {
            return (end > 0).then_some(Step::Skip(end));
        }
        Some(Step::Frame(Frame { kind, start, end, damage: None }))
    }
}
