//! The HTTP client of the scenarios.

/// A client as a user's program would have one.
#[must_use]
pub fn http_client() -> reqwest::Client {
    rethread_runtime::http_client().build().expect("a client")
}
