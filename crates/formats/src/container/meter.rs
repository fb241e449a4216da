//! Limits what a packed upload unpacks to, and separates faults of the upload from damage.

use std::io::{self, Read, Seek, SeekFrom};

use super::refusals::bomb;
use crate::error::PlanError;
use crate::input::{Limits, ReadSeek};

/// A packed upload may unpack to this size whatever the ratio.
const FREE_BYTES: u64 = 64 << 20;

/// What can go wrong while a document is read, besides damage in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The upload itself cannot be read.
    #[error("the upload cannot be read")]
    Upload(#[source] io::Error),
    /// It unpacks to too much.
    #[error("the upload unpacks to too much")]
    Bomb,
}

impl Fault {
    /// The fault behind an error that passed through a decoder. `Err` returns an error that is the
    /// decoder's own.
    pub(crate) fn behind(error: io::Error) -> Result<Self, io::Error> {
        error.downcast::<Self>()
    }
}

impl PlanError {
    /// Unwraps an error that passed through a decoder. `Err` returns an error that is the decoder's
    /// own.
    pub(crate) fn behind(error: io::Error) -> Result<Self, io::Error> {
        Fault::behind(error).map(|fault| match fault {
            Fault::Upload(error) => Self::Io(error),
            Fault::Bomb => Self::Refused(bomb()),
        })
    }
}

/// An upload whose errors are distinguishable from those of the decoder above it.
pub(crate) struct Watched<'u>(pub &'u mut dyn ReadSeek);

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            _ => io::Error::other(Fault::Upload(error)),
        })
    }
}

impl Seek for Watched<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        // A position before the start comes from a damaged archive, not from a failing disk.
        self.0.seek(position).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => error,
            _ => io::Error::other(Fault::Upload(error)),
        })
    }
}

/// Counts the unpacked bytes of all documents of an upload.
#[derive(Debug)]
pub(crate) struct Meter {
    unpacked: u64,
    most: u64,
}

impl Meter {
    /// A meter for a packed upload of this size.
    pub(crate) fn new(size_bytes: u64, limits: &Limits) -> Self {
        let by_ratio = size_bytes.saturating_mul(limits.unpacked_ratio).max(FREE_BYTES);
        Self { unpacked: 0, most: limits.unpacked_bytes.min(by_ratio) }
    }

    /// Bytes counted so far.
    pub(crate) const fn unpacked(&self) -> u64 {
        self.unpacked
    }

    /// Rewinds the count, because what was counted since then is read again.
    pub(crate) const fn go_back(&mut self, unpacked: u64) {
        self.unpacked = unpacked;
    }

    /// Counts the bytes read from `inner`.
    pub(crate) fn over<R>(&mut self, inner: R) -> Metered<'_, R> {
        Metered { inner, meter: self }
    }
}

/// A document whose bytes are counted.
pub(crate) struct Metered<'m, R> {
    inner: R,
    meter: &'m mut Meter,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.meter.unpacked = self.meter.unpacked.saturating_add(length as u64);
        if self.meter.unpacked > self.meter.most {
            return Err(io::Error::other(Fault::Bomb));
        }
        Ok(length)
    }
}
