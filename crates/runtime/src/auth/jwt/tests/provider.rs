use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{StatusCode, header};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use parking_lot::Mutex;
use rethread_model::{FixedClock, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::Jwt;
use crate::{HttpLimits, JwksPlace, JwtConfig, Lifecycle, bind, serve_http};

pub(super) const ISSUER: &str = "https://id.example";
pub(super) const AUDIENCE: &str = "rethread";
pub(super) const NOW: i64 = 1_900_000_000;

/// What precedes the seed in the PKCS#8 document of an Ed25519 key (RFC 8410, section 7).
const ED25519_PKCS8: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

pub(super) fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(Timestamp::from_second(NOW).unwrap()))
}

/// A private key of the provider.
pub(super) struct Signer {
    id: &'static str,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl Signer {
    /// A key that no other signer has.
    pub(super) fn ed25519(id: &'static str) -> Self {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let seed = Sha256::digest(LAST.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        let document = [ED25519_PKCS8, &seed[..]].concat();
        Self { id, algorithm: Algorithm::EdDSA, key: EncodingKey::from_ed_der(&document) }
    }

    pub(super) fn p256(id: &'static str) -> Self {
        Self { id, algorithm: Algorithm::ES256, key: EncodingKey::from_ec_der(include_bytes!("p256.der")) }
    }

    pub(super) fn p384(id: &'static str) -> Self {
        Self { id, algorithm: Algorithm::ES384, key: EncodingKey::from_ec_der(include_bytes!("p384.der")) }
    }

    pub(super) fn rsa(id: &'static str, algorithm: Algorithm) -> Self {
        Self { id, algorithm, key: EncodingKey::from_rsa_der(include_bytes!("rsa.der")) }
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        self.sign_as(&Header { kid: Some(self.id.to_owned()), ..Header::new(self.algorithm) }, claims)
    }

    pub(super) fn sign_as(&self, header: &Header, claims: &Value) -> String {
        signed(header, claims, &self.key)
    }

    /// The public half.
    pub(super) fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.id.to_owned());
        serde_json::to_value(jwk).unwrap()
    }
}

pub(super) fn signed(header: &Header, claims: &Value, key: &EncodingKey) -> String {
    encode(header, claims, key).unwrap()
}

pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(header), part(claims))
}

pub(super) fn document(signers: &[&Signer]) -> String {
    json!({"keys": signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>()}).to_string()
}

/// The location of the keys.
pub(super) enum Provider {
    File(NamedTempFile),
    Server { address: SocketAddr, answer: Arc<Mutex<(StatusCode, String)>>, asked: Arc<AtomicUsize> },
}

impl Provider {
    pub(super) fn of_file(signers: &[&Signer]) -> Self {
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), document(signers)).unwrap();
        Self::File(file)
    }

    pub(super) async fn of_server(signers: &[&Signer]) -> Self {
        let answer = Arc::new(Mutex::new((StatusCode::OK, document(signers))));
        let asked = Arc::new(AtomicUsize::new(0));
        let (shown, counted) = (Arc::clone(&answer), Arc::clone(&asked));
        let router = Router::new().route(
            "/keys",
            get(async move || {
                counted.fetch_add(1, Ordering::SeqCst);
                let (status, text) = shown.lock().clone();
                (status, [(header::LOCATION, "/moved")], text)
            }),
        );
        let moved = document(signers);
        let router = router.route("/moved", get(async move || moved));
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { serve_http(listener, router, HttpLimits::default(), None, &Lifecycle::new()).await });
        Self::Server { address, answer, asked }
    }

    pub(super) fn jwt(&self, clock: Arc<FixedClock>) -> Jwt {
        let jwks = match self {
            Self::File(file) => JwksPlace::File(file.path().to_owned()),
            Self::Server { address, .. } => JwksPlace::Url(format!("http://{address}/keys").parse().unwrap()),
        };
        let config = JwtConfig {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            jwks,
            account_claim: "account".to_owned(),
            role_claim: "role".to_owned(),
            name_claim: "name".to_owned(),
        };
        Jwt::new(&config, clock).unwrap()
    }

    /// Replaces the keys.
    pub(super) fn change(&self, signers: &[&Signer]) {
        self.answer(StatusCode::OK, document(signers));
    }

    /// Sets the response from now on.
    pub(super) fn answer(&self, status: StatusCode, text: String) {
        match self {
            Self::File(file) => std::fs::write(file.path(), text).unwrap(),
            Self::Server { answer, .. } => *answer.lock() = (status, text),
        }
    }

    /// How often the keys were requested.
    pub(super) fn asked(&self) -> usize {
        match self {
            Self::File(_) => panic!("nobody counts the reads of a file"),
            Self::Server { asked, .. } => asked.load(Ordering::SeqCst),
        }
    }
}
