//! Compression of exports.

use std::io::{self, Write as _};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Compresses with gzip, or leaves everything as it is.
#[derive(Debug)]
pub struct Pack(Option<GzEncoder<Vec<u8>>>);

impl Pack {
    /// Begins a file.
    #[must_use]
    pub fn new(gzip: bool) -> Self {
        Self(gzip.then(|| GzEncoder::new(Vec::new(), Compression::default())))
    }

    /// What is to be written now for these bytes; perhaps nothing yet.
    pub fn pack(&mut self, bytes: &[u8]) -> io::Result<Bytes> {
        let Some(gzip) = &mut self.0 else { return Ok(Bytes::copy_from_slice(bytes)) };
        gzip.write_all(bytes)?;
        Ok(std::mem::take(gzip.get_mut()).into())
    }

    /// What is to be written at the end.
    pub fn finish(self) -> io::Result<Bytes> {
        self.0.map_or_else(|| Ok(Bytes::new()), |gzip| gzip.finish().map(Bytes::from))
    }
}
