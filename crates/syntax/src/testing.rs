//! What property tests share.

use proptest::test_runner::Config;

/// Number of cases of a property test, unless `PROPTEST_CASES` sets another.
#[must_use]
pub fn cases(usual: u32) -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    if asked { Config::default() } else { Config::with_cases(usual) }
}
