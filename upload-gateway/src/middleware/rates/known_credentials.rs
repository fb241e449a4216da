//! Remembers which credentials were valid.

use std::collections::HashSet;

/// Number of valid credentials to remember; at most twice as many are kept.
pub(super) const REMEMBERED: usize = 10_000;

/// The hash of a token or of a session. It cannot be predicted from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint(pub(super) u64);

/// Credentials that were valid when last seen, in two generations. The older one is dropped when
/// the younger one is full.
#[derive(Debug, Default)]
pub(super) struct KnownCredentials {
    pub(super) young: HashSet<Fingerprint>,
    pub(super) old: HashSet<Fingerprint>,
}

impl KnownCredentials {
    pub(super) fn knows(&self, credentials: Fingerprint) -> bool {
        self.young.contains(&credentials) || self.old.contains(&credentials)
    }

    pub(super) fn remember(&mut self, credentials: Fingerprint) {
        if self.young.len() >= REMEMBERED {
            // Starts a new generation; credentials in use are learned again.
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(credentials);
    }

    pub(super) fn forget(&mut self, credentials: Fingerprint) {
        self.young.remove(&credentials);
        self.old.remove(&credentials);
    }
}
