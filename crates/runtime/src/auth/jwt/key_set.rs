//! The public keys of a provider: a JSON Web Key Set (RFC 7517).

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// More keys than any provider publishes.
const MAX_KEYS: usize = 100;

const RSA: &[Algorithm] =
    &[Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512];

/// Whether a verification key of this algorithm cannot create signatures.
pub(super) fn is_asymmetric(algorithm: Algorithm) -> bool {
    !matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}

/// The keys of a set that can verify signatures.
#[derive(Debug)]
pub(super) struct KeySet(Vec<Key>);

#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// The algorithms that the key can verify.
    algorithms: Vec<Algorithm>,
    decoding: DecodingKey,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Parses a document. Keys that are unknown, symmetric or not for signatures are ignored; a
    /// document with no other keys is an error. The error is a sentence that quotes nothing.
    pub(super) fn parse(document: &[u8]) -> Result<Self, String> {
        let document: Document =
            serde_json::from_slice(document).map_err(|_| "it is not a JSON Web Key Set".to_owned())?;
        if document.keys.len() > MAX_KEYS {
            return Err(format!("it has more than {MAX_KEYS} keys"));
        }
        let keys: Vec<Key> = document.keys.into_iter().filter_map(Key::of).collect();
        if keys.is_empty() {
            return Err("it has no public key that can check signatures".to_owned());
        }
        Ok(Self(keys))
    }

    /// The key with this id for this algorithm. For a token without a key id, the only key
    /// that fits.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| key.algorithms.contains(&algorithm) && (id.is_none() || key.id.as_deref() == id));
        let first = fitting.next()?;
        let is_clear = id.is_some() || fitting.next().is_none();
        is_clear.then_some(&first.decoding)
    }
}

impl Key {
    fn of(value: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        let is_for_signatures = jwk.common.public_key_use.as_ref().is_none_or(|it| *it == PublicKeyUse::Signature)
            && jwk.common.key_operations.as_ref().is_none_or(|ops| ops.contains(&KeyOperations::Verify));
        if !is_for_signatures {
            return None;
        }
        let of_its_kind: &[Algorithm] = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => RSA,
            AlgorithmParameters::EllipticCurve(key) => match key.curve {
                EllipticCurve::P256 => &[Algorithm::ES256],
                EllipticCurve::P384 => &[Algorithm::ES384],
                _ => return None,
            },
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
            _ => return None,
        };
        let algorithms = match jwk.common.key_algorithm {
            None => of_its_kind.to_vec(),
            Some(named) => {
                let named: Algorithm = named.to_string().parse().ok()?;
                of_its_kind.iter().copied().filter(|algorithm| *algorithm == named).collect()
            }
        };
        let decoding = DecodingKey::from_jwk(&jwk).ok()?;
        Some(Self { id: jwk.common.key_id, algorithms, decoding })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn set(keys: &Value) -> Result<KeySet, String> {
        KeySet::parse(json!({"keys": keys}).to_string().as_bytes())
    }

    #[test]
    fn a_key_is_found_by_its_id_and_its_kind() {
        let keys = set(&json!([
            {"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "a", "use": "sig", "alg": "EdDSA", "more": 1},
            {"kty": "EC", "crv": "P-256", "x": X, "y": X, "kid": "b"},
        ]))
        .unwrap();
        assert!(keys.find(Some("a"), Algorithm::EdDSA).is_some());
        assert!(keys.find(Some("a"), Algorithm::ES256).is_none(), "another kind of signature");
        assert!(keys.find(Some("b"), Algorithm::ES256).is_some());
        assert!(keys.find(Some("b"), Algorithm::ES384).is_none(), "another curve");
        assert!(keys.find(Some("c"), Algorithm::EdDSA).is_none());
        assert!(keys.find(None, Algorithm::EdDSA).is_some(), "the only one of its kind");
    }

    #[test]
    fn a_token_that_names_no_key_must_not_leave_a_choice() {
        let key = |id: &str| json!({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": id});
        let keys = set(&json!([key("a"), key("b")])).unwrap();
        assert!(keys.find(None, Algorithm::EdDSA).is_none());
    }

    #[test]
    fn what_cannot_check_signatures_is_passed_over() {
        let good = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "a"});
        let with = |name: &str, value: Value| {
            let mut key = good.clone();
            key[name] = value;
            key
        };
        let symmetric = json!({"kty": "oct", "k": "c2VjcmV0", "kid": "a"});
        let unknown = json!({"kty": "AKP", "pub": "AQAB", "alg": "ML-DSA-44", "kid": "a"});
        for other in [
            symmetric,
            unknown,
            json!(7),
            with("use", json!("enc")),
            with("key_ops", json!(["encrypt"])),
            with("alg", json!("RSA-OAEP")),
            with("alg", json!("HS256")),
        ] {
            let alone = set(&json!([other])).map(|keys| keys.find(Some("a"), Algorithm::RS256).is_some());
            assert_ne!(alone, Ok(true), "{other}");
            let beside = set(&json!([other, good])).unwrap();
            assert!(beside.find(Some("a"), Algorithm::RS256).is_some(), "{other}");
            assert!(beside.find(Some("a"), Algorithm::HS256).is_none(), "{other}");
        }
    }

    #[test]
    fn what_is_no_set_is_told_without_quoting_it() {
        for (document, problem) in [
            ("hunter2", "not a JSON Web Key Set"),
            ("{\"keys\": \"hunter2\"}", "not a JSON Web Key Set"),
            ("{\"keys\": []}", "no public key"),
        ] {
            let error = KeySet::parse(document.as_bytes()).unwrap_err();
            assert!(error.contains(problem) && !error.contains("hunter2"), "{error}");
        }
        assert!(set(&json!(vec![1; MAX_KEYS + 1])).unwrap_err().contains("more than"));
    }
}
