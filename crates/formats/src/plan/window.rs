//! The part of a document that is in memory.

use std::io::{self, Read};

use crate::error::PlanError;

/// Bytes read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// A window that moves over a document and grows when a record does not fit.
#[derive(Debug, Default)]
pub(super) struct Window {
    buffer: Vec<u8>,
    /// Start of the window in the buffer; everything before it was dropped.
    from: usize,
    /// Offset of the window in the document.
    offset: u64,
    is_last: bool,
    breakage: Option<Breakage>,
}

/// Why a document cannot be unpacked to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breakage {
    /// Its archive was cut off; what came before is intact.
    Cut,
    /// Its archive was altered, so none of it can be trusted.
    Altered,
}

impl Breakage {
    /// Classifies an error of the decoder. An I/O error of the upload itself is returned as an
    /// error.
    fn of(error: io::Error) -> Result<Self, PlanError> {
        match PlanError::behind(error) {
            Ok(error) => Err(error),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Self::Cut),
            Err(_) => Ok(Self::Altered),
        }
    }
}

impl Window {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.from..]
    }

    /// The offset of the window's first byte in the document.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// The offset after the window's last byte.
    pub(super) fn end(&self) -> u64 {
        self.offset + self.bytes().len() as u64
    }

    /// Whether nothing after the window can be read: the document ends there or is unreadable.
    pub(super) const fn is_last(&self) -> bool {
        self.is_last
    }

    /// Why the packing cannot be read after the window, if it cannot.
    pub(super) const fn breakage(&self) -> Option<Breakage> {
        self.breakage
    }

    /// Reads the document to its end without inspecting it, so that its checksum is verified.
    pub(super) fn skip_rest(&mut self, document: &mut dyn Read) -> Result<(), PlanError> {
        if !self.is_last {
            let read = io::copy(document, &mut io::sink());
            self.is_last = true;
            if let Err(error) = read {
                self.breakage = Some(Breakage::of(error)?);
            }
        }
        Ok(())
    }

    /// Moves the window's start forward.
    pub(super) fn drop_front(&mut self, length: usize) {
        let length = length.min(self.buffer.len() - self.from);
        self.from += length;
        self.offset += length as u64;
    }

    /// Adds the next chunk of the document. Damage in the packing ends the document; an I/O error
    /// of the upload is returned.
    pub(super) fn fill(&mut self, document: &mut dyn Read) -> Result<(), PlanError> {
        let length = self.bytes().len();
        self.fill_to(document, length + CHUNK_BYTES)
    }

    /// Extends the window to this length, or to the end of the document.
    pub(super) fn fill_to(&mut self, document: &mut dyn Read, length: usize) -> Result<(), PlanError> {
        self.buffer.drain(..self.from);
        self.from = 0;
        let wanted = length.saturating_sub(self.buffer.len());
        if wanted == 0 || self.is_last {
            return Ok(());
        }
        // Bytes read before an error are kept.
        self.buffer.reserve(wanted);
        let read = document.take(wanted as u64).read_to_end(&mut self.buffer);
        match read {
            Ok(read) => self.is_last = read < wanted,
            Err(error) => {
                self.is_last = true;
                self.breakage = Some(Breakage::of(error)?);
            }
        }
        Ok(())
    }
}
