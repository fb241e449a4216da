//! TLS with rustls, with a certificate that can be renewed while the process runs.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use super::TlsFiles;
use crate::ConfigError;

/// The minimum time between two checks of the files. A handshake triggers the check, so an idle
/// server does no work.
const LOOK_EVERY: Duration = Duration::from_secs(10);

impl TlsFiles {
    /// Reads the files. The error names the setting and says what is wrong with its file.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.read(&ring::default_provider()).map(drop)
    }

    fn read(&self, provider: &CryptoProvider) -> Result<CertifiedKey, ConfigError> {
        let chain: Result<Vec<CertificateDer<'static>>, _> =
            CertificateDer::pem_file_iter(&self.certificate).and_then(Iterator::collect);
        let chain = chain.map_err(|error| self.wrong("tls_certificate", &self.certificate, &error))?;
        if chain.is_empty() {
            return Err(self.wrong("tls_certificate", &self.certificate, &"it holds no certificate in PEM"));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| match error {
            rustls::pki_types::pem::Error::NoItemsFound => {
                self.wrong("tls_key", &self.key, &"it holds no private key in PEM")
            }
            error => self.wrong("tls_key", &self.key, &error),
        })?;
        CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                self.wrong("tls_key", &self.key, &"it is not the key of the certificate")
            }
            error => self.wrong("tls_certificate", &self.certificate, &error),
        })
    }

    fn wrong(&self, key: &str, file: &Path, problem: &dyn std::fmt::Display) -> ConfigError {
        let problem = format!("names {}, which cannot be used: {problem}", file.display());
        ConfigError::Value { key: format!("{}.{key}", self.section), problem }
    }

    /// A value that changes when a file is replaced. An unreadable file counts as changed.
    fn version(&self) -> Version {
        let version = |file: &Path| {
            let found = std::fs::metadata(file).ok()?;
            Some((found.modified().ok()?, found.len()))
        };
        [version(&self.certificate), version(&self.key)]
    }
}

/// The stream of an encrypted connection.
pub type TlsStream<S> = tokio_rustls::server::TlsStream<S>;

type Version = [Option<(SystemTime, u64)>; 2];

/// Upgrades connections to TLS. Cheap to clone.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tls").field(&self.0.config().alpn_protocols).finish()
    }
}

impl Tls {
    /// Reads the files, and reloads them when they are replaced. A new pair that cannot be used
    /// is ignored with a warning. TLS 1.2 and 1.3. `protocol` is the application protocol, such
    /// as `http/1.1`.
    pub fn open(files: TlsFiles, protocol: &str) -> Result<Self, ConfigError> {
        Self::looking_every(LOOK_EVERY, files, protocol)
    }

    fn looking_every(interval: Duration, files: TlsFiles, protocol: &str) -> Result<Self, ConfigError> {
        let provider = Arc::new(ring::default_provider());
        let version = files.version();
        let key = Arc::new(files.read(&provider)?);
        let key = Mutex::new(Current { key, version, looked_at: Instant::now() });
        let renewed = Renewed { files, interval, provider: Arc::clone(&provider), current: key };
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = versions.map_err(|error| ConfigError::Value {
            key: renewed.files.section.to_owned(),
            problem: format!("cannot have TLS: {error}"),
        })?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::new(renewed));
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Performs the handshake. The caller limits its duration.
    pub fn accept<S>(&self, stream: S) -> tokio_rustls::Accept<S>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        self.0.accept(stream)
    }
}

/// The certificate in use.
#[derive(Debug)]
struct Renewed {
    files: TlsFiles,
    interval: Duration,
    provider: Arc<CryptoProvider>,
    current: Mutex<Current>,
}

#[derive(Debug)]
struct Current {
    key: Arc<CertifiedKey>,
    version: Version,
    looked_at: Instant,
}

impl ResolvesServerCert for Renewed {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut current = self.current.lock();
        if current.looked_at.elapsed() >= self.interval {
            current.looked_at = Instant::now();
            let version = self.files.version();
            if version != current.version {
                match self.files.read(&self.provider) {
                    Ok(key) => {
                        tracing::info!("{}: the TLS certificate was renewed", self.files.section);
                        (current.key, current.version) = (Arc::new(key), version);
                    }
                    // The other file may be replaced in a moment; the next check retries.
                    Err(error) => tracing::warn!("the TLS certificate stays as it was: {error}"),
                }
            }
        }
        Some(Arc::clone(&current.key))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::Path;

    use rcgen::{CertifiedKey as Generated, generate_simple_self_signed};
    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, RootCertStore};
    use tokio_rustls::TlsConnector;

    use super::*;

    /// Writes a certificate for `localhost` and its key, and returns a client that trusts only
    /// this certificate.
    pub(in crate::serve) fn issue(directory: &Path) -> (TlsFiles, TlsConnector) {
        let Generated { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let files =
            TlsFiles { section: "gateway", certificate: directory.join("cert.pem"), key: directory.join("key.pem") };
        std::fs::write(&files.certificate, cert.pem()).unwrap();
        std::fs::write(&files.key, signing_key.serialize_pem()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(cert.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let client = builder.with_root_certificates(roots).with_no_client_auth();
        (files, TlsConnector::from(Arc::new(client)))
    }

    pub(in crate::serve) fn server_name() -> ServerName<'static> {
        ServerName::try_from("localhost").unwrap()
    }

    async fn is_trusted(tls: &Tls, client: &TlsConnector) -> bool {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let (_, connected) = tokio::join!(tls.accept(ours), client.connect(server_name(), theirs));
        connected.is_ok()
    }

    #[tokio::test]
    async fn a_certificate_that_is_replaced_is_shown_and_a_broken_one_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let (files, first) = issue(directory.path());
        let tls = Tls::looking_every(Duration::ZERO, files.clone(), "http/1.1").unwrap();
        assert!(is_trusted(&tls, &first).await);

        let key = std::fs::read(&files.key).unwrap();
        std::fs::write(&files.key, "-----BEGIN nothing").unwrap();
        assert!(is_trusted(&tls, &first).await, "the pair that was read stays");
        std::fs::write(&files.key, key).unwrap();

        let (_, second) = issue(directory.path());
        assert!(is_trusted(&tls, &second).await);
        assert!(!is_trusted(&tls, &first).await);
    }

    #[test]
    fn what_is_wrong_with_the_files_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let (files, _) = issue(directory.path());
        files.check().unwrap();
        let told = |files: &TlsFiles| files.check().unwrap_err().to_string();

        let missing = TlsFiles { certificate: directory.path().join("nowhere.pem"), ..files.clone() };
        assert!(told(&missing).contains("gateway.tls_certificate"), "{}", told(&missing));
        assert!(told(&missing).contains("nowhere.pem"), "{}", told(&missing));
        let swapped = TlsFiles { certificate: files.key.clone(), key: files.certificate.clone(), ..files.clone() };
        assert!(told(&swapped).contains("no certificate in PEM"), "{}", told(&swapped));
        let no_key = TlsFiles { key: files.certificate.clone(), ..files.clone() };
        assert!(told(&no_key).contains("gateway.tls_key") && told(&no_key).contains("no private key"));

        let other = tempfile::tempdir().unwrap();
        let (others, _) = issue(other.path());
        let mixed = TlsFiles { key: others.key, ..files };
        assert!(told(&mixed).contains("not the key of the certificate"), "{}", told(&mixed));
    }
}
