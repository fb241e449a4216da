//! Rate limits of clients.
//!
//! Three counts are kept: per address, per token, and authentication attempts per address. An
//! attempt is a sign-in, or a request with credentials that were not seen to be valid here. So
//! guessing, and looking up tokens that do not exist, is limited to a few attempts, whereas a valid
//! caller pays once.
//!
//! Memory is bounded: counts are kept for hashes of addresses and tokens, of which there are
//! `limiter::SLOTS`, and only while they differ from those of a new client. Two clients that share
//! a slot share its count.

mod known_credentials;
mod limiter;
#[cfg(test)]
mod tests;

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use parking_lot::Mutex;
use rethread_runtime::{GatewayConfig, network_of};

use known_credentials::{Fingerprint, KnownCredentials};
use limiter::Limiter;

/// The limit that was exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TooMuch {
    OfAddress,
    OfToken,
    SignIns,
}

/// A rejection, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateLimited {
    pub(crate) what: TooMuch,
    pub(crate) wait: Duration,
}

/// The keys under which a request is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestKey {
    pub(crate) address: IpAddr,
    pub(crate) credentials: Option<Fingerprint>,
    pub(crate) is_sign_in: bool,
}

/// The rate limits of this process.
#[derive(Debug)]
pub(crate) struct Rates<C: Clock = MonotonicClock> {
    addresses: Limiter<C>,
    tokens: Limiter<C>,
    sign_ins: Limiter<C>,
    good: Mutex<KnownCredentials>,
    hasher: RandomState,
}

impl Rates {
    pub(crate) fn new(config: &GatewayConfig) -> Self {
        Self::with_clock(config, &MonotonicClock)
    }
}

impl<C: Clock + Clone> Rates<C> {
    fn with_clock(config: &GatewayConfig, clock: &C) -> Self {
        let limiter = |per_minute| Limiter::new(per_minute, clock.clone());
        Self {
            addresses: limiter(config.rate_per_address),
            tokens: limiter(config.rate_per_token),
            sign_ins: limiter(config.sign_ins_per_address),
            good: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    /// The fingerprint of the client's credentials.
    pub(crate) fn fingerprint(&self, credentials: &[u8]) -> Fingerprint {
        Fingerprint(self.hasher.hash_one(credentials))
    }

    /// Counts a request. Rejects it when there were too many.
    pub(crate) fn admit(&self, asked: RequestKey) -> Result<(), RateLimited> {
        let address = self.hasher.hash_one(network_of(asked.address));
        let too_many = |what| move |wait| RateLimited { what, wait };
        self.addresses.count(address).map_err(too_many(TooMuch::OfAddress))?;
        let known = asked.credentials.filter(|credentials| self.good.lock().knows(*credentials));
        // Unknown credentials count as an attempt to sign in.
        if asked.is_sign_in || (asked.credentials.is_some() && known.is_none()) {
            self.sign_ins.count(address).map_err(too_many(TooMuch::SignIns))?;
        }
        match known {
            Some(Fingerprint(token)) => self.tokens.count(token).map_err(too_many(TooMuch::OfToken)),
            None => Ok(()),
        }
    }

    /// Records whether credentials were valid.
    pub(crate) fn learn(&self, credentials: Fingerprint, are_good: bool) {
        let mut good = self.good.lock();
        if are_good { good.remember(credentials) } else { good.forget(credentials) }
    }
}
