//! The HTTP client of every process.

use rustls::crypto::ring;

/// The builder of an HTTP client, with the TLS provider that this process uses. Every client is
/// built from this: one that is not has no provider, and panics.
pub fn http_client() -> reqwest::ClientBuilder {
    // The first caller in the process chooses; the others find it chosen.
    let _ = ring::default_provider().install_default();
    reqwest::Client::builder()
}
