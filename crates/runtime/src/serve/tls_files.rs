use std::path::PathBuf;

/// The locations of a certificate and its key, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The configuration section that names the files, for errors.
    pub section: &'static str,
    /// The certificate, followed by any intermediate certificates.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}
