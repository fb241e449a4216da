use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::{Method, StatusCode};
use rethread_runtime::{AuthConfig, GatewayConfig, JwksPlace, JwtConfig};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::harness::{Api, problem};

/// An identity provider with one key, which is generated here.
struct Provider {
    key: EncodingKey,
    keys: NamedTempFile,
}

impl Provider {
    /// The seed decides the key.
    fn new(seed: u8) -> Self {
        // The PKCS#8 document of an Ed25519 key (RFC 8410, section 7), which ends with a seed of 32
        // bytes.
        let prefix = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
        let key = EncodingKey::from_ed_der(&[&prefix[..], &[seed; 32]].concat());
        let keys = NamedTempFile::new().unwrap();
        let public = Jwk::from_encoding_key(&key, Algorithm::EdDSA).unwrap();
        std::fs::write(keys.path(), json!({"keys": [public]}).to_string()).unwrap();
        Self { key, keys }
    }

    fn config(&self) -> AuthConfig {
        let jwt = JwtConfig {
            issuer: "https://id.example".to_owned(),
            audience: "rethread".to_owned(),
            jwks: JwksPlace::File(self.keys.path().to_owned()),
            account_claim: "account".to_owned(),
            role_claim: "role".to_owned(),
            name_claim: "name".to_owned(),
        };
        AuthConfig { jwt: Some(jwt), ..AuthConfig::default() }
    }

    fn token(&self, account: &str, role: &str) -> String {
        let claims = json!({"iss": "https://id.example", "aud": "rethread", "sub": "f7", "exp": 4_000_000_000_u64,
                            "account": account, "role": role, "name": "Ann"});
        encode(&Header::new(Algorithm::EdDSA), &claims, &self.key).unwrap()
    }
}

/// The gateway forwards the token to the status service, which verifies it as well.
#[tokio::test]
async fn tokens_of_the_identity_provider_are_taken_by_both_services() {
    let provider = Provider::new(1);
    let api = Api::start_with_auth(GatewayConfig::default(), provider.config()).await;
    let job = api.job().await;
    let (admin, other) = (provider.token("acme", "admin"), provider.token("globex", "admin"));
    let path = format!("/api/v1/jobs/{}", job.id);
    assert_eq!(api.json(&path, &admin).await["id"], job.id.to_string());
    problem(api.get(&path, &other).await, StatusCode::NOT_FOUND, "not-found").await;
    assert_eq!(api.get(&path, &provider.token("ops", "operator")).await.status(), StatusCode::OK);
    problem(api.get("/api/v1/pages", &provider.token("ops", "operator")).await, StatusCode::FORBIDDEN, "forbidden")
        .await;
    assert_eq!(api.get(&path, &api.admin().await).await.status(), StatusCode::OK, "own tokens still count");

    let stranger = Provider::new(2).token("acme", "admin");
    problem(api.get(&path, &stranger).await, StatusCode::UNAUTHORIZED, "unauthenticated").await;
    problem(api.get(&path, &provider.token("acme", "owner")).await, StatusCode::UNAUTHORIZED, "unauthenticated").await;
}

#[tokio::test]
async fn a_token_of_the_identity_provider_signs_a_browser_in() {
    let provider = Provider::new(1);
    let api = Api::start_with_auth(GatewayConfig::default(), provider.config()).await;
    let token = provider.token("acme", "admin");
    let request = api.request(Method::POST, "/api/v1/session").json(&json!({"token": token}));
    let opened = request.send().await.unwrap();
    assert_eq!(opened.status(), StatusCode::OK);
    let cookie = opened.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let shown: Value = opened.json().await.unwrap();
    assert_eq!((&shown["account"], &shown["name"]), (&json!("acme"), &json!("Ann")));
    let jobs = api.request(Method::GET, "/api/v1/jobs").header("cookie", cookie).send().await.unwrap();
    assert_eq!(jobs.status(), StatusCode::OK);
}
