//! TLS, from the configuration to a session in a browser.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Certificate, StatusCode};
use rethread_runtime::{GatewayConfig, http_client};
use serde_json::{Value, json};

use super::harness::{Api, unhurried};

#[tokio::test]
async fn with_a_certificate_the_port_speaks_tls_and_browsers_are_told_to_keep_to_it() {
    let api = Api::start().await;
    let folder = tempfile::tempdir().unwrap();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    let config = GatewayConfig { tls_certificate: Some(certificate), tls_key: Some(key), ..unhurried() };
    let address = api.another(config).await;
    let session = format!("https://localhost:{}/api/v1/session", address.port());

    let trusting = http_client().tls_certs_only([Certificate::from_pem(cert.pem().as_bytes()).unwrap()]);
    let browser = trusting.resolve("localhost", address).build().unwrap();
    let opened = browser.post(&session).json(&json!({"token": api.admin().await})).send().await.unwrap();
    assert_eq!(opened.status(), StatusCode::OK);
    assert_eq!(opened.headers()["strict-transport-security"], "max-age=31536000");
    let cookie = opened.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-rethread_session=rt_") && cookie.ends_with("; Secure"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let shown = browser.get(&session).header(COOKIE, cookie).send().await.unwrap();
    assert_eq!(shown.json::<Value>().await.unwrap()["account"], "acme");

    let stranger = http_client().resolve("localhost", address).build().unwrap();
    assert!(stranger.get(&session).send().await.is_err(), "nobody vouches for the certificate");
    let plain = browser.get(session.replace("https", "http")).send().await;
    assert!(plain.is_err(), "the port speaks nothing else");
}
