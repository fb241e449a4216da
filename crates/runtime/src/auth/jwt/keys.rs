//! A cache of a provider's keys.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey};
use parking_lot::RwLock;
use rethread_model::Clock;
use tokio::sync::{Mutex, MutexGuard};

use super::key_set::KeySet;
use super::source::Source;
use crate::auth::AuthError;
use crate::{ConfigError, JwksPlace};

/// Keys older than this are read again on next use, so that a key withdrawn by the provider does
/// not stay valid forever.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// Keys that could not be refreshed for this long are no longer accepted.
const USABLE: SignedDuration = SignedDuration::from_hours(24);

/// Anyone can send a token with an unknown key, so the provider is queried at most once a minute.
const BETWEEN_READS: SignedDuration = SignedDuration::from_mins(1);

/// Without any keys no token is accepted, so the first read is retried sooner.
const BETWEEN_FIRST_READS: SignedDuration = SignedDuration::from_secs(5);

/// Keys that are read on demand: on first use, when they are old, and when a token names an
/// unknown one.
#[derive(Debug)]
pub(super) struct Keys {
    source: Source,
    clock: Arc<dyn Clock>,
    kept: RwLock<Option<Kept>>,
    /// When the source was last queried. Locked during a query, so that there is only one at
    /// a time.
    asked_at: Mutex<Option<Timestamp>>,
}

#[derive(Debug, Clone)]
struct Kept {
    set: Arc<KeySet>,
    read_at: Timestamp,
}

impl Keys {
    /// Reads a file at once, because an invalid file is a configuration error. A URL is queried on
    /// first use, so that a process can start while the provider is down.
    pub(super) fn new(place: &JwksPlace, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        let wrong = |key: &str, problem: String| ConfigError::Value { key: format!("auth.jwt.{key}"), problem };
        let read_at = clock.now();
        let kept = match place {
            JwksPlace::Url(_) => None,
            JwksPlace::File(path) => {
                let document = std::fs::read(path).map_err(|error| error.to_string());
                let set = document.and_then(|document| KeySet::parse(&document));
                let set = set.map_err(|error| {
                    wrong("jwks_file", format!("names {}, which cannot be used: {error}", path.display()))
                })?;
                Some(Kept { set: Arc::new(set), read_at })
            }
        };
        let asked_at = kept.as_ref().map(|kept| kept.read_at);
        let source = Source::new(place).map_err(|error| wrong("jwks_url", error))?;
        Ok(Self { source, clock, kept: RwLock::new(kept), asked_at: Mutex::new(asked_at) })
    }

    /// The key that a token names, for its signature algorithm; `None` when the provider has no
    /// such key. Fails when the provider's keys could not be read.
    pub(super) async fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Option<DecodingKey>, AuthError> {
        let found = self.usable().and_then(|kept| kept.set.find(id, algorithm).cloned().map(|key| (key, kept.read_at)));
        if let Some((key, read_at)) = found {
            if self.clock.now().duration_since(read_at) < FRESH {
                return Ok(Some(key));
            }
            // While another request reads the keys, this one uses the cached ones.
            if let Ok(asked_at) = self.asked_at.try_lock() {
                self.read(asked_at).await;
            }
        } else {
            self.read(self.asked_at.lock().await).await;
        }
        let kept = self.usable().ok_or(AuthError::Keys)?;
        Ok(kept.set.find(id, algorithm).cloned())
    }

    fn usable(&self) -> Option<Kept> {
        let kept = self.kept.read().clone()?;
        (self.clock.now().duration_since(kept.read_at) < USABLE).then_some(kept)
    }

    /// Reads the keys, unless that was tried recently. A failure leaves the keys unchanged.
    async fn read(&self, mut asked_at: MutexGuard<'_, Option<Timestamp>>) {
        let now = self.clock.now();
        let pause = if self.usable().is_some() { BETWEEN_READS } else { BETWEEN_FIRST_READS };
        if asked_at.is_some_and(|asked_at| now.duration_since(asked_at) < pause) {
            return;
        }
        *asked_at = Some(now);
        match self.source.read().await.and_then(|document| KeySet::parse(&document)) {
            Ok(set) => *self.kept.write() = Some(Kept { set: Arc::new(set), read_at: now }),
            Err(problem) => tracing::warn!(problem, "the identity provider's keys cannot be read"),
        }
    }
}
