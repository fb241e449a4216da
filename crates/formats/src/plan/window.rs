//! The part of a document that is in memory.

use std::io::{self, Read};

use super::PlanError;

/// So much is read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// A window that moves over a document and grows where a record does not fit.
#[derive(Debug, Default)]
pub(super) struct Window {
    buffer: Vec<u8>,
    /// Everything before it in the buffer was dropped.
    from: usize,
    /// Offset of the window in the document.
    offset: u64,
    is_last: bool,
    /// Why the document could not be read to its end.
    breakage: Option<io::Error>,
}

impl Window {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.from..]
    }

    /// The offset of its first byte in the document.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// The offset after its last byte.
    pub(super) fn end(&self) -> u64 {
        self.offset + self.bytes().len() as u64
    }

    /// Whether the document ends, or cannot be read any further, after it.
    pub(super) const fn is_last(&self) -> bool {
        self.is_last
    }

    /// Whether the document's packing broke off or is damaged after it.
    pub(super) const fn is_broken(&self) -> bool {
        self.breakage.is_some()
    }

    /// See [`Self::is_broken`].
    pub(super) fn take_breakage(&mut self) -> Option<io::Error> {
        self.breakage.take()
    }

    /// Moves its start forward.
    pub(super) fn drop_front(&mut self, length: usize) {
        let length = length.min(self.buffer.len() - self.from);
        self.from += length;
        self.offset += length as u64;
    }

    /// Adds the next chunk of the document. Damage in the packing ends the document; trouble with the upload is an error.
    pub(super) fn fill(&mut self, document: &mut dyn Read) -> Result<(), PlanError> {
        let length = self.bytes().len();
        self.fill_to(document, length + CHUNK_BYTES)
    }

    /// Adds to it until it has this length, or is the last.
    pub(super) fn fill_to(&mut self, document: &mut dyn Read, length: usize) -> Result<(), PlanError> {
        self.buffer.drain(..self.from);
        self.from = 0;
        let wanted = length.saturating_sub(self.buffer.len());
        if wanted == 0 || self.is_last {
            return Ok(());
        }
        // Whatever is read before an error is kept.
        self.buffer.reserve(wanted);
        let read = document.take(wanted as u64).read_to_end(&mut self.buffer);
        match read {
            Ok(read) => self.is_last = read < wanted,
            Err(error) => match PlanError::behind(error) {
                Ok(error) => return Err(error),
                Err(damage) => {
                    self.is_last = true;
                    self.breakage = Some(damage);
                }
            },
        }
        Ok(())
    }
}
