//! The HTTP client of every process.

#[cfg(feature = "tls")]
use rustls::crypto::ring;

/// Why a build without TLS refuses what needs it.
pub(crate) const NO_TLS: &str =
    "needs TLS, which this build lacks: build it with `cargo build --release -p rethread --features distributed`";

/// The builder of an HTTP client, with the TLS provider that this process uses. Every client is
/// built from this: one that is not has no provider, and panics.
pub fn http_client() -> reqwest::ClientBuilder {
    // The first caller in the process chooses; the others find it chosen.
    #[cfg(feature = "tls")]
    let _ = ring::default_provider().install_default();
    reqwest::Client::builder()
}

/// Whether this build can speak the scheme of an address; if not, the end of a sentence about the
/// address says why.
pub fn check_scheme(url: &str) -> Result<(), &'static str> {
    let is_https = url.trim_start().get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
    if is_https && !cfg!(feature = "tls") { Err(NO_TLS) } else { Ok(()) }
}
