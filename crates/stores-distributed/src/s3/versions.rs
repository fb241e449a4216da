//! The versions of objects that readers have seen.

use std::collections::VecDeque;

use parking_lot::Mutex;

/// The number of objects remembered. More than are read at the same time; what was evicted is
/// learned again.
const CAPACITY: usize = 128;

/// One version of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) etag: String,
    pub(super) size_bytes: u64,
    /// The size of this version was returned to a caller, which relies on it.
    pub(super) size_was_told: bool,
}

/// The versions of the most recently used objects.
#[derive(Debug, Default)]
pub(super) struct Versions(Mutex<VecDeque<(String, Version)>>);

impl Versions {
    pub(super) fn get(&self, object: &str) -> Option<Version> {
        let mut versions = self.0.lock();
        let found = versions.iter().position(|(name, _)| name == object)?;
        let entry = versions.remove(found)?;
        let version = entry.1.clone();
        versions.push_front(entry);
        Some(version)
    }

    pub(super) fn remember(&self, object: &str, version: Version) {
        let mut versions = self.0.lock();
        versions.retain(|(name, _)| name != object);
        versions.push_front((object.to_owned(), version));
        versions.truncate(CAPACITY);
    }

    pub(super) fn forget(&self, object: &str) {
        self.0.lock().retain(|(name, _)| name != object);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_long_is_forgotten_first() {
        let versions = Versions::default();
        let version = |size_bytes| Version { etag: format!("\"{size_bytes}\""), size_bytes, size_was_told: false };
        versions.remember("first", version(1));
        versions.remember("second", version(2));
        for other in 0..CAPACITY - 1 {
            assert_eq!(versions.get("first"), Some(version(1)));
            versions.remember(&format!("other {other}"), version(3));
        }
        assert_eq!((versions.get("first"), versions.get("second")), (Some(version(1)), None));
        versions.forget("first");
        assert_eq!(versions.get("first"), None);
    }
}
