//! Signed tokens (RFC 7519) of an identity provider, for deployments that have one.
//!
//! Only asymmetric signatures by keys from the configured source are accepted. Key references
//! inside a token (`jku`, `jwk`, `x5u`) are ignored, and the algorithm must be one of the key's.

mod claims;
mod key_set;
mod keys;
mod source;

use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use rethread_model::Clock;
use serde_json::Value;

use self::claims::ClaimNames;
use self::keys::Keys;
use super::{AuthError, Caller};
use crate::{ConfigError, JwtConfig};

/// Longer tokens are rejected unread.
const MAX_BYTES: usize = 16 << 10;

/// Verifies the tokens of one provider.
#[derive(Debug)]
pub(super) struct Jwt {
    issuer: String,
    audience: String,
    claims: ClaimNames,
    keys: Keys,
    clock: Arc<dyn Clock>,
}

impl Jwt {
    pub(super) fn new(config: &JwtConfig, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        Ok(Self {
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            claims: ClaimNames::of(config),
            keys: Keys::new(&config.jwks, Arc::clone(&clock))?,
            clock,
        })
    }

    /// Whether a text looks like such a token: three parts, the first of which is a JSON object
    /// in base64url.
    pub(super) fn is_like(text: &str) -> bool {
        text.starts_with("ey") && text.bytes().filter(|byte| *byte == b'.').count() == 2
    }

    /// Verifies the signature, issuer, audience and times of a token, and returns its caller.
    pub(super) async fn verify(&self, text: &str) -> Result<Caller, AuthError> {
        if text.len() > MAX_BYTES {
            return Err(refused("malformed"));
        }
        let header = decode_header(text).map_err(|_| refused("malformed"))?;
        if header.crit.is_some() {
            return Err(refused("critical_header"));
        }
        if !key_set::is_asymmetric(header.alg) {
            return Err(refused("algorithm"));
        }
        let key = self.keys.find(header.kid.as_deref(), header.alg).await?.ok_or(refused("unknown_key"))?;
        let decoded = decode::<Value>(text, &key, &self.validation(header.alg));
        let claims = decoded.map_err(|error| refused(reason(error.kind())))?.claims;
        claims::check_times(&claims, self.clock.now()).map_err(refused)?;
        self.claims.caller(&claims).map_err(refused)
    }

    /// Times are excluded here: they are checked against the clock of this process.
    fn validation(&self, algorithm: jsonwebtoken::Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation
    }
}

const fn refused(reason: &'static str) -> AuthError {
    AuthError::Refused { reason }
}

const fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "signature",
        ErrorKind::InvalidIssuer => "issuer",
        ErrorKind::InvalidAudience => "audience",
        ErrorKind::MissingRequiredClaim(_) => "claims",
        ErrorKind::InvalidAlgorithm => "algorithm",
        _ => "malformed",
    }
}

#[cfg(test)]
mod tests;
