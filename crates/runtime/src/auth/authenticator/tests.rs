use std::time::Duration;

use crate::{Urls, open_backends};
use rethread_model::{FixedClock, Principal};
use rethread_stores::{NewToken, create_link, create_token};

use super::*;
use crate::{JwksPlace, JwtConfig, Lifecycle};

struct Place {
    context: Context,
    clock: Arc<FixedClock>,
    auth: Authenticator,
    _directory: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = |scheme: &str, name: &str| format!("{scheme}:{}", directory.path().join(name).display());
        let urls = Urls {
            blobs: at("file", "blobs"),
            jobs: at("sqlite", "jobs.db"),
            queue: "memory:".to_owned(),
            comments: at("sqlite", "comments.db"),
        };
        let clock = Arc::new(FixedClock::new(Timestamp::from_second(1_900_000_000).unwrap()));
        let backends = open_backends(&urls, clock.clone()).await.unwrap();
        let context = Context::new(backends, clock.clone(), Lifecycle::new());
        let auth = Authenticator::new(&context, &AuthConfig::default()).unwrap();
        Self { context, clock, auth, _directory: directory }
    }

    fn new_token(&self, role: Role, seconds: Option<i64>) -> NewToken {
        let expires_at =
            seconds.map(|seconds| self.clock.now().checked_add(SignedDuration::from_secs(seconds)).unwrap());
        NewToken { account: "acme".parse().unwrap(), name: "ann".to_owned(), role, expires_at }
    }

    async fn token(&self, role: Role, seconds: Option<i64>) -> TokenText {
        let new = self.new_token(role, seconds);
        create_token(&*self.context.backends.accounts, &*self.clock, new).await.unwrap().1
    }
}

fn reason_of<T: std::fmt::Debug>(result: Result<T, AuthError>) -> &'static str {
    match result {
        Err(AuthError::Refused { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_token_opens_sessions_that_end_with_it() {
    let place = Place::new().await;
    let token = place.token(Role::Admin, None).await;
    let opened = place.auth.open_session(SignIn::Token(token.expose())).await.unwrap();
    assert_eq!(opened.with, Credential::Token(token.id()));
    let hours = opened.caller.expires_at.unwrap().duration_since(place.clock.now()).as_hours();
    assert_eq!(hours, 12);
    let caller = place.auth.authenticate(opened.text.expose()).await.unwrap();
    assert_eq!(caller, opened.caller);
    let expected = Principal { name: "ann".to_owned(), account: "acme".parse().unwrap(), role: Role::Admin };
    assert_eq!((caller.principal, caller.credential), (expected, Credential::Session(opened.text.id())));
    assert!(!format!("{opened:?}").contains(&opened.text.expose()[20..]), "the secret is shown nowhere");

    let accounts = &place.context.backends.accounts;
    accounts.revoke(&"acme".parse().unwrap(), &token.id(), place.clock.now()).await.unwrap();
    assert_eq!(reason_of(place.auth.authenticate(opened.text.expose()).await), "revoked");
    assert_eq!(reason_of(place.auth.open_session(SignIn::Token(token.expose())).await), "revoked");
}

#[tokio::test]
async fn a_session_ends_no_later_than_its_token() {
    let place = Place::new().await;
    let token = place.token(Role::Operator, Some(60)).await;
    let opened = place.auth.open_session(SignIn::Token(token.expose())).await.unwrap();
    place.clock.advance(Duration::from_secs(59));
    place.auth.authenticate(opened.text.expose()).await.unwrap();
    place.clock.advance(Duration::from_secs(1));
    assert_eq!(reason_of(place.auth.authenticate(opened.text.expose()).await), "expired");
}

#[tokio::test]
async fn a_session_opens_no_other_and_a_service_none() {
    let place = Place::new().await;
    let token = place.token(Role::Admin, None).await;
    let opened = place.auth.open_session(SignIn::Token(token.expose())).await.unwrap();
    assert_eq!(reason_of(place.auth.open_session(SignIn::Token(opened.text.expose())).await), "session");
    let service = place.token(Role::Service, None).await;
    assert_eq!(reason_of(place.auth.open_session(SignIn::Token(service.expose())).await), "role");
}

#[tokio::test]
async fn a_link_opens_a_session_of_the_usual_length_once() {
    let place = Place::new().await;
    let new = place.new_token(Role::Admin, Some(900));
    let (link, text) = create_link(&*place.context.backends.accounts, &*place.clock, new).await.unwrap();
    assert_eq!(reason_of(place.auth.open_session(SignIn::Token(text.expose())).await), "malformed");
    let opened = place.auth.open_session(SignIn::Link(text.expose())).await.unwrap();
    assert_eq!(opened.with, Credential::Link(link.id));
    place.clock.advance(Duration::from_hours(11));
    place.auth.authenticate(opened.text.expose()).await.unwrap();
    assert_eq!(reason_of(place.auth.open_session(SignIn::Link(text.expose())).await), "revoked");
}

#[tokio::test]
async fn without_a_provider_its_tokens_are_no_tokens() {
    let place = Place::new().await;
    assert_eq!(reason_of(place.auth.authenticate("eyJhbGciOiJub25lIn0.e30.").await), "malformed");
}

#[tokio::test]
async fn a_file_of_keys_that_is_wrong_is_a_wrong_configuration() {
    let place = Place::new().await;
    let wrong = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(wrong.path(), "hunter2").unwrap();
    for path in [wrong.path(), std::path::Path::new("/nowhere/keys.json")] {
        let jwt = JwtConfig {
            issuer: "https://id.example".to_owned(),
            audience: "rethread".to_owned(),
            jwks: JwksPlace::File(path.to_owned()),
            account_claim: "account".to_owned(),
            role_claim: "role".to_owned(),
            name_claim: "name".to_owned(),
        };
        let config = AuthConfig { jwt: Some(jwt), ..AuthConfig::default() };
        let error = Authenticator::new(&place.context, &config).unwrap_err().to_string();
        assert!(error.contains("\"auth.jwt.jwks_file\"") && error.contains(&path.display().to_string()), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
