//! The SHA-256 of a blob, computed while the blob is read for another purpose.

use sha2::{Digest as _, Sha256};

/// Hashes bytes as they are read, provided they continue what was hashed so far. Reading from the
/// start resets the digest, so it always covers the bytes that were used last.
#[derive(Default)]
pub(super) struct BlobDigest {
    hash: Sha256,
    up_to: u64,
}

impl BlobDigest {
    /// Records that these bytes were read, beginning at `start`.
    pub(super) fn take(&mut self, start: u64, bytes: &[u8]) {
        if start == 0 {
            *self = Self::default();
        }
        let skip = self.up_to.checked_sub(start).and_then(|skip| usize::try_from(skip).ok());
        let Some(new) = skip.and_then(|skip| bytes.get(skip..)) else { return };
        self.hash.update(new);
        self.up_to += new.len() as u64;
    }

    /// The offset up to which the blob is hashed.
    pub(super) const fn up_to(&self) -> u64 {
        self.up_to
    }

    /// The digest in hexadecimal.
    pub(super) fn finish(self) -> String {
        base16ct::lower::encode_string(&self.hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> String {
        base16ct::lower::encode_string(&Sha256::digest(bytes))
    }

    #[test]
    fn what_is_read_in_whatever_order_is_taken_once() {
        let blob = b"0123456789";
        let mut digest = BlobDigest::default();
        // The end first, as for a zip; then twice from the start, in overlapping pieces.
        for range in [6..10, 0..3, 0..4, 2..6, 9..10] {
            digest.take(range.start as u64, &blob[range]);
        }
        assert_eq!(digest.up_to(), 6);
        digest.take(6, &blob[6..]);
        assert_eq!((digest.up_to(), digest.finish()), (10, of(blob)));
    }

    #[test]
    fn the_last_reading_counts() {
        let mut digest = BlobDigest::default();
        digest.take(0, b"as it was");
        digest.take(0, b"as it is");
        assert_eq!(digest.finish(), of(b"as it is"));
    }
}
