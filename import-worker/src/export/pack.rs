//! Compression of exports.

use std::io::{self, Write as _};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Compresses with gzip, or passes everything through.
#[derive(Debug)]
pub struct Pack(Option<GzEncoder<Vec<u8>>>);

impl Pack {
    /// Starts a file.
    #[must_use]
    pub fn new(gzip: bool) -> Self {
        Self(gzip.then(|| GzEncoder::new(Vec::new(), Compression::default())))
    }

    /// Takes these bytes and returns what to write now; possibly nothing yet.
    pub fn pack(&mut self, bytes: &[u8]) -> io::Result<Bytes> {
        let Some(gzip) = &mut self.0 else { return Ok(Bytes::copy_from_slice(bytes)) };
        gzip.write_all(bytes)?;
        Ok(std::mem::take(gzip.get_mut()).into())
    }

    /// Returns what to write at the end.
    pub fn finish(self) -> io::Result<Bytes> {
        self.0.map_or_else(|| Ok(Bytes::new()), |gzip| gzip.finish().map(Bytes::from))
    }
}
