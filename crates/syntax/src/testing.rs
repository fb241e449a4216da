//! What property tests share.

use proptest::test_runner::{Config, RngSeed};

/// The cases of a property test: the same on every run, so that a failure is due to the change that
/// is tested. `PROPTEST_CASES` sets their number, and then they are others on every run.
#[must_use]
pub fn cases(usual: u32) -> Config {
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return Config::default();
    }
    Config { cases: usual, rng_seed: RngSeed::Fixed(0), ..Config::default() }
}
