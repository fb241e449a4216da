//! gzip of one or more members.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

/// Reads all members. What follows the last one and is no member, such as padding, is passed over.
pub(super) struct Members<R: Read>(State<R>);

enum State<R: Read> {
    Inside(Box<GzDecoder<BufReader<R>>>),
    /// Also the state after an error.
    Done,
}

impl<R: Read> Members<R> {
    pub(super) fn new(inner: R) -> Self {
        Self(State::Inside(Box::new(GzDecoder::new(BufReader::with_capacity(64 * 1024, inner)))))
    }
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let State::Inside(decoder) = &mut self.0 else { return Ok(0) };
            let length = decoder.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            let State::Inside(decoder) = std::mem::replace(&mut self.0, State::Done) else { return Ok(0) };
            let mut inner = decoder.into_inner();
            if inner.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
                self.0 = State::Inside(Box::new(GzDecoder::new(inner)));
            }
        }
    }
}
