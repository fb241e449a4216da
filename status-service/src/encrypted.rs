//! TLS connections.

use std::io;
use std::time::Duration;

use futures::future::ready;
use futures::stream::{self, Stream, StreamExt as _};
use rethread_runtime::{Tls, TlsStream};
use tokio::net::{TcpListener, TcpStream};

/// Concurrent handshakes; further connections wait to be accepted.
const HANDSHAKES: usize = 256;

/// The time limit of a handshake.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// The pause after the system failed to accept a connection.
const AFTER_REFUSED_ACCEPT: Duration = Duration::from_millis(200);

/// Yields the connections of `listener` whose handshake succeeded.
pub(crate) fn encrypted(listener: TcpListener, tls: Tls) -> impl Stream<Item = io::Result<TlsStream<TcpStream>>> {
    let accepted = stream::unfold(listener, |listener| async move { Some((accept(&listener).await, listener)) });
    let shaken = accepted.map(move |stream| {
        let tls = tls.clone();
        async move {
            stream.set_nodelay(true)?;
            let shaken = tokio::time::timeout(HANDSHAKE_WITHIN, tls.accept(stream)).await;
            shaken.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        }
    });
    shaken.buffer_unordered(HANDSHAKES).filter(|shaken: &io::Result<_>| {
        if let Err(error) = shaken {
            tracing::debug!(%error, "a TLS handshake failed");
        }
        ready(shaken.is_ok())
    })
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "the system refused to accept a connection");
                tokio::time::sleep(AFTER_REFUSED_ACCEPT).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use rethread_runtime::{TlsFiles, bind};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::ServerName;
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    use super::*;

    #[tokio::test]
    async fn who_does_not_shake_hands_holds_up_nobody() {
        let directory = tempfile::tempdir().unwrap();
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let in_directory = |name: &str| directory.path().join(name);
        let files = TlsFiles { section: "status_service", certificate: in_directory("cert"), key: in_directory("key") };
        std::fs::write(&files.certificate, cert.pem()).unwrap();
        std::fs::write(&files.key, signing_key.serialize_pem()).unwrap();
        let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut connections = Box::pin(encrypted(listener, Tls::open(files, "h2").unwrap()));

        let mut roots = RootCertStore::empty();
        roots.add(cert.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let client = TlsConnector::from(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()));
        let _silent = TcpStream::connect(address).await.unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let (connected, came) = tokio::join!(client.connect(name, stream), connections.next());
        let (theirs, ours) = (connected.unwrap(), came.unwrap().unwrap());
        assert_eq!(ours.get_ref().0.peer_addr().unwrap(), theirs.get_ref().0.local_addr().unwrap());
    }
}
