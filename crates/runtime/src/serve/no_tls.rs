//! Stands in for TLS in a build without it.

use std::convert::Infallible;
use std::future::Ready;
use std::io;

use super::TlsFiles;
use crate::ConfigError;
use crate::http_client::NO_TLS;

/// The stream of an encrypted connection.
pub type TlsStream<S> = S;

impl TlsFiles {
    /// Refuses, since this build cannot use them.
    pub fn check(&self) -> Result<(), ConfigError> {
        Err(self.refused())
    }

    fn refused(&self) -> ConfigError {
        ConfigError::Value { key: format!("{}.tls_certificate", self.section), problem: NO_TLS.to_owned() }
    }
}

/// Never exists: a configuration that asks for it is refused.
#[derive(Debug, Clone)]
pub struct Tls(Infallible);

impl Tls {
    /// Refuses, as [`TlsFiles::check`] does.
    pub fn open(files: TlsFiles, _protocol: &str) -> Result<Self, ConfigError> {
        Err(files.refused())
    }

    /// Never runs.
    pub fn accept<S>(&self, _stream: S) -> Ready<io::Result<TlsStream<S>>> {
        match self.0 {}
    }
}
