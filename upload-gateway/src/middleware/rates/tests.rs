//! Whom the limits hold, and how much they remember.

use governor::clock::FakeRelativeClock;

use super::known_credentials::REMEMBERED;
use super::limiter::{SLOTS, SWEEP_EVERY};
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
