//! The claims of a token and their meaning in Rethread.

use rethread_model::{AccountId, Principal, Role, Timestamp};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Caller, Credential, JwtConfig};

/// Tolerated clock difference between two machines.
const LEEWAY_SECONDS: f64 = 60.0;

/// Longest name of a person, in characters.
const NAME_LENGTH: usize = 100;

/// The names of the claims to read.
#[derive(Debug)]
pub(super) struct ClaimNames {
    account: String,
    role: String,
    name: String,
}

impl ClaimNames {
    pub(super) fn of(config: &JwtConfig) -> Self {
        Self { account: config.account_claim.clone(), role: config.role_claim.clone(), name: config.name_claim.clone() }
    }

    /// The caller; on failure, a word for logs. There are no defaults: a token without an account
    /// or a role is rejected.
    pub(super) fn caller(&self, claims: &Value) -> Result<Caller, &'static str> {
        let account = claim(claims, &self.account).and_then(Value::as_str);
        let account: AccountId = account.and_then(|account| account.parse().ok()).ok_or("account_claim")?;
        let role = claim(claims, &self.role).and_then(role).ok_or("role_claim")?;
        let subject = claims["sub"].as_str().filter(|subject| !subject.is_empty()).ok_or("subject")?;
        let name = claim(claims, &self.name).and_then(Value::as_str).map(plain).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| plain(subject));
        let expires_at = number(claims, "exp").and_then(timestamp);
        Ok(Caller {
            principal: Principal { name, account, role },
            credential: Credential::Jwt(digest(subject)),
            expires_at,
        })
    }
}

/// Requires `exp` to be present and in the future, and `nbf`, if present, to be in the past. On
/// failure, returns a word for logs.
pub(super) fn check_times(claims: &Value, now: Timestamp) -> Result<(), &'static str> {
    #[expect(clippy::cast_precision_loss, reason = "exact for some hundred million years")]
    let now = now.as_second() as f64;
    let end = number(claims, "exp").ok_or("expiry")?;
    if end + LEEWAY_SECONDS <= now {
        return Err("expired");
    }
    match claims.get("nbf") {
        None | Some(Value::Null) => Ok(()),
        Some(begin) => match begin.as_f64() {
            Some(begin) if begin - LEEWAY_SECONDS <= now => Ok(()),
            Some(_) => Err("not_yet_valid"),
            None => Err("malformed"),
        },
    }
}

fn number(claims: &Value, name: &str) -> Option<f64> {
    claims.get(name)?.as_f64()
}

fn timestamp(seconds: f64) -> Option<Timestamp> {
    #[expect(clippy::cast_possible_truncation, reason = "what is out of range stays so and is refused below")]
    Timestamp::from_second(seconds as i64).ok()
}

/// A claim by its name or, when nested, by a JSON pointer (RFC 6901).
fn claim<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| name.starts_with('/').then(|| claims.pointer(name)).flatten())
}

/// A single role, or the only known role in a list. A person with two roles is rejected rather than
/// assigned one of them.
fn role(claim: &Value) -> Option<Role> {
    match claim {
        Value::String(word) => word.parse().ok(),
        Value::Array(words) => {
            let mut roles = words.iter().filter_map(|word| word.as_str()?.parse::<Role>().ok());
            let first = roles.next()?;
            roles.all(|role| role == first).then_some(first)
        }
        _ => None,
    }
}

fn plain(name: &str) -> String {
    name.trim().chars().filter(|character| !character.is_control()).take(NAME_LENGTH).collect()
}

fn digest(subject: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(subject)[..8])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names() -> ClaimNames {
        ClaimNames { account: "account".to_owned(), role: "/access/rethread/roles".to_owned(), name: "name".to_owned() }
    }

    fn claims() -> Value {
        let access = json!({"rethread": {"roles": ["viewer", "admin"]}});
        json!({"sub": "f7", "account": "acme", "access": access, "name": " Ann\n", "exp": 100})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    #[test]
    fn claims_say_who_calls() {
        let caller = names().caller(&claims()).unwrap();
        let expected = Principal { name: "Ann".to_owned(), account: "acme".parse().unwrap(), role: Role::Admin };
        assert_eq!(caller.principal, expected);
        assert_eq!(caller.expires_at, Some(Timestamp::from_second(100).unwrap()));
        // printf %s f7 | sha256sum | cut -c1-16
        assert_eq!(caller.credential.to_string(), "jwt:9327ca99aaea2b8f");
        assert_eq!(names().caller(&with("name", Value::Null)).unwrap().principal.name, "f7");
    }

    #[test]
    fn a_claim_with_a_url_for_a_name_is_found_as_it_is() {
        let names = ClaimNames { account: "https://x.example/account".to_owned(), ..names() };
        let found = names.caller(&with("https://x.example/account", json!("globex"))).unwrap();
        assert_eq!(found.principal.account.as_str(), "globex");
    }

    #[test]
    fn who_has_no_account_role_or_subject_is_refused() {
        for (name, value, reason) in [
            ("account", Value::Null, "account_claim"),
            ("account", json!("Acme Inc."), "account_claim"),
            ("account", json!(["acme"]), "account_claim"),
            ("access", Value::Null, "role_claim"),
            ("access", json!({"rethread": {"roles": ["owner"]}}), "role_claim"),
            ("access", json!({"rethread": {"roles": ["admin", "operator"]}}), "role_claim"),
            ("access", json!({"rethread": {"roles": true}}), "role_claim"),
            ("sub", json!(""), "subject"),
            ("sub", json!(7), "subject"),
        ] {
            assert_eq!(names().caller(&with(name, value.clone())), Err(reason), "{name}: {value}");
        }
    }

    #[test]
    fn times_are_checked_with_some_leeway() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(check_times(&claims(), at(100)), Ok(()));
        assert_eq!(check_times(&claims(), at(159)), Ok(()));
        assert_eq!(check_times(&claims(), at(160)), Err("expired"));
        assert_eq!(check_times(&with("exp", Value::Null), at(0)), Err("expiry"));
        assert_eq!(check_times(&with("exp", json!("100")), at(0)), Err("expiry"));
        assert_eq!(check_times(&with("exp", json!(1e300)), at(0)), Ok(()));
        assert_eq!(check_times(&with("nbf", json!(90)), at(30)), Ok(()));
        assert_eq!(check_times(&with("nbf", json!(90.5)), at(30)), Err("not_yet_valid"));
        assert_eq!(check_times(&with("nbf", json!("soon")), at(30)), Err("malformed"));
    }
}
