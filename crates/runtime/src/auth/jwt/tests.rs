//! Tokens of a provider whose keys are generated here.

mod provider;
mod reading;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rethread_model::Role;
use serde_json::{Value, json};

use self::provider::{AUDIENCE, ISSUER, NOW, Provider, Signer, clock, signed};
use super::*;

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "f7", "exp": NOW + 300, "nbf": NOW - 5,
           "account": "acme", "role": "admin", "name": "Ann"})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn reason_of(result: Result<Caller, AuthError>) -> &'static str {
    match result {
        Err(AuthError::Refused { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_kind_of_asymmetric_signature_is_taken() {
    for signer in [Signer::ed25519("a"), Signer::p256("a"), Signer::p384("a"), Signer::rsa("a", Algorithm::RS256)] {
        let jwt = Provider::of_file(&[&signer]).jwt(clock());
        let text = signer.sign(&claims());
        assert!(Jwt::is_like(&text));
        let caller = jwt.verify(&text).await.unwrap();
        assert_eq!((caller.principal.account.as_str(), caller.principal.role), ("acme", Role::Admin));
        assert_eq!(caller.principal.name, "Ann");
    }
    let rsa = Signer::rsa("a", Algorithm::PS256);
    let jwt = Provider::of_file(&[&rsa]).jwt(clock());
    assert!(jwt.verify(&rsa.sign(&claims())).await.is_ok());
}

#[tokio::test]
async fn what_is_not_for_us_or_not_now_is_refused() {
    let signer = Signer::ed25519("a");
    let jwt = Provider::of_file(&[&signer]).jwt(clock());
    for (name, value, reason) in [
        ("iss", json!("https://evil.example"), "issuer"),
        ("iss", Value::Null, "claims"),
        ("aud", json!("another"), "audience"),
        ("aud", json!(["another"]), "audience"),
        ("aud", Value::Null, "claims"),
        ("sub", Value::Null, "claims"),
        ("exp", json!(NOW - 61), "expired"),
        ("exp", Value::Null, "expiry"),
        ("nbf", json!(NOW + 61), "not_yet_valid"),
        ("account", Value::Null, "account_claim"),
        ("role", json!("owner"), "role_claim"),
    ] {
        assert_eq!(reason_of(jwt.verify(&signer.sign(&with(name, value.clone()))).await), reason, "{name}: {value}");
    }
    let several = with("aud", json!(["another", AUDIENCE]));
    assert!(jwt.verify(&signer.sign(&several)).await.is_ok());
}

#[tokio::test]
async fn a_signature_that_is_not_the_providers_is_refused() {
    let (signer, stranger) = (Signer::ed25519("a"), Signer::ed25519("a"));
    let jwt = Provider::of_file(&[&signer]).jwt(clock());
    assert_eq!(reason_of(jwt.verify(&stranger.sign(&claims())).await), "signature");

    let text = signer.sign(&claims());
    let other = signer.sign(&with("account", json!("globex")));
    let (head, _) = text.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    assert_eq!(reason_of(jwt.verify(&format!("{head}.{signature}")).await), "signature");
    assert_eq!(reason_of(jwt.verify(&format!("{head}.")).await), "signature");
}

/// The classic attacks: a public key used as the secret of a symmetric signature, and no signature
/// at all.
#[tokio::test]
async fn only_asymmetric_signatures_by_a_key_of_their_kind_count() {
    let signer = Signer::p256("a");
    let jwt = Provider::of_file(&[&signer]).jwt(clock());
    let secret = EncodingKey::from_secret(signer.jwk().to_string().as_bytes());
    let header = |algorithm| Header { kid: Some("a".to_owned()), ..Header::new(algorithm) };
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(reason_of(jwt.verify(&signed(&header(algorithm), &claims(), &secret)).await), "algorithm");
    }
    let of_another_kind = Signer::ed25519("a");
    assert_eq!(reason_of(jwt.verify(&of_another_kind.sign(&claims())).await), "unknown_key");
    for header in [json!({"alg": "none"}), json!({"alg": "none", "kid": "a"}), json!({"typ": "JWT"})] {
        let unsigned = provider::unsigned(&header, &claims());
        assert!(Jwt::is_like(&unsigned));
        assert_eq!(reason_of(jwt.verify(&unsigned).await), "malformed", "{header}");
    }
    let critical = Header { crit: Some(vec!["b64".to_owned()]), ..header(Algorithm::ES256) };
    assert_eq!(reason_of(jwt.verify(&signer.sign_as(&critical, &claims())).await), "critical_header");
    let long = format!("{}{}", signer.sign(&claims()), "A".repeat(MAX_BYTES));
    assert_eq!(reason_of(jwt.verify(&long).await), "malformed");
}

#[tokio::test]
async fn what_a_token_says_of_its_own_key_is_passed_over() {
    let (signer, stranger) = (Signer::ed25519("a"), Signer::ed25519("b"));
    let jwt = Provider::of_file(&[&signer]).jwt(clock());
    let header = Header {
        kid: Some("b".to_owned()),
        jku: Some("https://evil.example/keys".to_owned()),
        jwk: Some(serde_json::from_value(stranger.jwk()).unwrap()),
        ..Header::new(Algorithm::EdDSA)
    };
    assert_eq!(reason_of(jwt.verify(&stranger.sign_as(&header, &claims())).await), "unknown_key");
}

#[test]
fn other_texts_are_not_taken_for_such_tokens() {
    for text in ["", "rt_0123456789abcdef_ey.ey.ey", "eyJ", "ey.ey", "ey.ey.ey.ey.ey"] {
        assert!(!Jwt::is_like(text), "{text}");
    }
}
