//! The SHA-256 of a blob, worked out while it is read for something else.

use sha2::{Digest as _, Sha256};

/// Takes what is read as it comes: what follows what it has. What is read from the beginning again counts anew, so that
/// the digest is that of the bytes that were used last.
#[derive(Default)]
pub(super) struct BlobDigest {
    hash: Sha256,
    up_to: u64,
}

impl BlobDigest {
    /// These bytes were read from `start` on.
    pub(super) fn take(&mut self, start: u64, bytes: &[u8]) {
        if start == 0 {
            *self = Self::default();
        }
        let skip = self.up_to.checked_sub(start).and_then(|skip| usize::try_from(skip).ok());
        let Some(new) = skip.and_then(|skip| bytes.get(skip..)) else { return };
        self.hash.update(new);
        self.up_to += new.len() as u64;
    }

    /// Up to where it has the blob.
    pub(super) const fn up_to(&self) -> u64 {
        self.up_to
    }

    /// In hexadecimal.
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
        // The end first, as of a zip; then from the beginning, twice, with pieces that overlap.
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
