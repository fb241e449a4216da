use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair,
};
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
use tempfile::NamedTempFile;

use super::Jwt;
use crate::{HttpLimits, JwksPlace, JwtConfig, Lifecycle, bind, serve_http};

pub(super) const ISSUER: &str = "https://id.example";
pub(super) const AUDIENCE: &str = "rethread";
pub(super) const NOW: i64 = 1_900_000_000;

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
    pub(super) fn ed25519(id: &'static str) -> Self {
        let key = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        Self { id, algorithm: Algorithm::EdDSA, key: EncodingKey::from_ed_der(key.as_ref()) }
    }

    pub(super) fn p256(id: &'static str) -> Self {
        Self::ecdsa(id, Algorithm::ES256, &ECDSA_P256_SHA256_FIXED_SIGNING)
    }

    pub(super) fn p384(id: &'static str) -> Self {
        Self::ecdsa(id, Algorithm::ES384, &ECDSA_P384_SHA384_FIXED_SIGNING)
    }

    fn ecdsa(id: &'static str, algorithm: Algorithm, kind: &'static EcdsaSigningAlgorithm) -> Self {
        let key = EcdsaKeyPair::generate_pkcs8(kind, &SystemRandom::new()).unwrap();
        Self { id, algorithm, key: EncodingKey::from_ec_der(key.as_ref()) }
    }

    pub(super) fn rsa(id: &'static str, algorithm: Algorithm) -> Self {
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
        // The required PKCS#1 document follows a constant prefix of 26 bytes in the PKCS#8 one.
        Self { id, algorithm, key: EncodingKey::from_rsa_der(&key.as_ref()[26..]) }
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
