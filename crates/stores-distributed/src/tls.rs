//! The provider of cryptography for clients that take that of the process.

/// Makes ring the provider of this process, unless it has one already.
pub(crate) fn choose_provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
