//! Detects whether stored bytes have changed.

use std::fmt;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

/// XXH3 (64 bits) of some bytes. It detects loss and damage, not deliberate collisions: an attacker
/// with write access to the blob store needs no collision. It takes about a tenth of the time of
/// SHA-256, and far less than framing the same bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Checksum(u64);

impl Checksum {
    /// The checksum of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxhash_rust::xxh3::xxh3_64(bytes))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Computes the checksum of bytes that arrive in pieces.
#[derive(Clone, Default)]
pub struct Checksummer(Xxh3Default);

impl Checksummer {
    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The checksum of everything added so far.
    #[must_use]
    pub fn checksum(&self) -> Checksum {
        Checksum(self.0.digest())
    }
}

impl fmt::Debug for Checksummer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.checksum(), f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The value is that of the reference implementation, on which stored slices rely.
    #[test]
    fn nothing_has_the_checksum_of_the_reference() {
        assert_eq!(format!("{:?}", Checksum::of(b"")), "2d06800538d394c2");
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..700), 0..8)) {
            let mut summer = Checksummer::default();
            for piece in &pieces {
                summer.update(piece);
            }
            prop_assert_eq!(summer.checksum(), Checksum::of(&pieces.concat()));
        }
    }
}
