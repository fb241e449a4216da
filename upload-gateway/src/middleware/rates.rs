//! Rate limits of clients.
//!
//! Three counts are kept: per address, per token, and authentication attempts per address. An
//! attempt is a sign-in, or a request with credentials that were not seen to be valid here. So
//! guessing, and looking up tokens that do not exist, is limited to a few attempts, whereas a valid
//! caller pays once.
//!
//! Memory is bounded: counts are kept for hashes of addresses and tokens, of which there are
//! [`SLOTS`], and only while they differ from those of a new client. Two clients that share a slot
//! share its count.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use parking_lot::Mutex;
use rethread_runtime::{GatewayConfig, network_of};

/// Maximum number of counts of one kind; a power of two.
const SLOTS: u64 = 1 << 17;

/// Expired counts are removed once there are this many counts.
const SWEEP_FROM: usize = 10_000;

/// Minimum number of requests between two removals, since each scans all counts.
const SWEEP_EVERY: u32 = 10_000;

/// Number of valid credentials to remember; at most twice as many are kept.
const REMEMBERED: usize = 10_000;

/// The hash of a token or of a session. It cannot be predicted from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint(u64);

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

/// Counts of one kind.
#[derive(Debug)]
struct Limiter<C: Clock> {
    counts: RateLimiter<u64, HashMapStateStore<u64>, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    since_sweep: Mutex<u32>,
}

impl<C: Clock + Clone> Limiter<C> {
    fn new(per_minute: u32, clock: C) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        let counts = RateLimiter::hashmap_with_clock(quota, clock.clone());
        Self { counts, clock, since_sweep: Mutex::new(0) }
    }

    /// Counts one more for `hash`, or returns how long to wait.
    fn count(&self, hash: u64) -> Result<(), Duration> {
        self.sweep();
        self.counts.check_key(&(hash % SLOTS)).map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }

    fn sweep(&self) {
        let mut since_sweep = self.since_sweep.lock();
        *since_sweep += 1;
        if *since_sweep >= SWEEP_EVERY {
            *since_sweep = 0;
            if self.counts.len() >= SWEEP_FROM {
                self.counts.retain_recent();
                self.counts.shrink_to_fit();
            }
        }
    }
}

/// Credentials that were valid when last seen, in two generations. The older one is dropped when
/// the younger one is full.
#[derive(Debug, Default)]
struct KnownCredentials {
    young: HashSet<Fingerprint>,
    old: HashSet<Fingerprint>,
}

impl KnownCredentials {
    fn knows(&self, credentials: Fingerprint) -> bool {
        self.young.contains(&credentials) || self.old.contains(&credentials)
    }

    fn remember(&mut self, credentials: Fingerprint) {
        if self.young.len() >= REMEMBERED {
            // Starts a new generation; credentials in use are learned again.
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(credentials);
    }

    fn forget(&mut self, credentials: Fingerprint) {
        self.young.remove(&credentials);
        self.old.remove(&credentials);
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    const ANN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const BEN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn rates() -> (Rates<FakeRelativeClock>, FakeRelativeClock) {
        let config = GatewayConfig {
            rate_per_address: 100,
            rate_per_token: 50,
            sign_ins_per_address: 5,
            ..GatewayConfig::default()
        };
        let clock = FakeRelativeClock::default();
        (Rates::with_clock(&config, &clock), clock)
    }

    fn asked(address: IpAddr, credentials: Option<Fingerprint>) -> RequestKey {
        RequestKey { address, credentials, is_sign_in: false }
    }

    /// How many of a thousand such requests pass at once, and the rejection of the next.
    fn passing(rates: &Rates<FakeRelativeClock>, asked: RequestKey) -> (usize, RateLimited) {
        let mut passed = 0;
        loop {
            match rates.admit(asked) {
                Ok(()) => passed += 1,
                Err(too_many) => return (passed, too_many),
            }
            assert!(passed < 1000);
        }
    }

    #[test]
    fn an_address_is_held_to_its_rate_and_gets_it_back_with_time() {
        let (rates, clock) = rates();
        let (passed, too_many) = passing(&rates, asked(ANN, None));
        assert_eq!((passed, too_many.what), (100, TooMuch::OfAddress));
        assert!(too_many.wait <= Duration::from_millis(600), "{too_many:?}");
        assert_eq!(rates.admit(asked(BEN, None)), Ok(()), "others are not concerned");
        clock.advance(too_many.wait);
        assert_eq!(rates.admit(asked(ANN, None)), Ok(()));
    }

    #[test]
    fn credentials_that_are_not_known_are_held_to_few_attempts() {
        let (rates, _) = rates();
        let guesses = (0..20_u8).map(|guess| rates.admit(asked(ANN, Some(rates.fingerprint(&[guess])))));
        let refused: Vec<_> = guesses.filter_map(Result::err).collect();
        assert_eq!(refused.len(), 15);
        assert!(refused.iter().all(|refused| refused.what == TooMuch::SignIns), "{refused:?}");
        assert!(rates.admit(RequestKey { is_sign_in: true, ..asked(ANN, None) }).is_err());
        assert_eq!(rates.admit(asked(ANN, None)), Ok(()), "who shows nothing attempts nothing");
    }

    #[test]
    fn who_was_let_in_is_held_to_the_rate_of_the_token() {
        let (rates, _) = rates();
        let token = rates.fingerprint(b"rt_1");
        assert_eq!(rates.admit(asked(ANN, Some(token))), Ok(()));
        rates.learn(token, true);
        let (passed, too_many) = passing(&rates, asked(ANN, Some(token)));
        assert_eq!((passed, too_many.what), (50, TooMuch::OfToken));
        assert!(rates.admit(asked(BEN, Some(token))).is_err(), "wherever it is used from");

        rates.learn(token, false);
        let (passed, too_many) = passing(&rates, asked(BEN, Some(token)));
        assert_eq!((passed, too_many.what), (5, TooMuch::SignIns), "a token that was withdrawn is as good as unknown");
    }

    #[test]
    fn memory_is_bounded() {
        let (rates, clock) = rates();
        for number in 0..300_000_u32 {
            let address = IpAddr::from(std::net::Ipv4Addr::from(number));
            let _ = rates.admit(asked(address, Some(Fingerprint(number.into()))));
            rates.learn(Fingerprint(number.into()), true);
        }
        assert!(rates.addresses.counts.len() <= usize::try_from(SLOTS).unwrap());
        let remembered = {
            let good = rates.good.lock();
            good.young.len() + good.old.len()
        };
        assert!(remembered <= 2 * REMEMBERED, "{remembered}");
        clock.advance(Duration::from_mins(2));
        for _ in 0..SWEEP_EVERY {
            let _ = rates.admit(asked(ANN, None));
        }
        assert!(rates.addresses.counts.len() < 10, "{}", rates.addresses.counts.len());
    }
}
