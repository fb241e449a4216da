//! The contract of [`AccountStore`], and of what is built on it.

use std::sync::Arc;
use std::time::Duration;

use rethread_model::{AccountId, FixedClock, Principal, Role};

use super::fixture::{at, fresh_account};
use crate::{AccountStore, ErrorKind, NewToken, TokenError, authenticate, create_token};

/// Runs the contract.
pub async fn accounts(store: Arc<dyn AccountStore>) {
    let store = &*store;
    a_token_lets_its_holder_in(store).await;
    what_is_no_token_lets_nobody_in(store).await;
    a_token_expires(store).await;
    only_its_own_account_revokes_a_token(store).await;
    the_last_use_is_noted_once_a_minute(store).await;
    a_taken_id_is_refused(store).await;
}

fn clock() -> FixedClock {
    FixedClock::new(at(0))
}

fn new_token(account: &AccountId) -> NewToken {
    NewToken { account: account.clone(), name: "ann".to_owned(), role: Role::Admin, expires_at: None }
}

async fn a_token_lets_its_holder_in(store: &dyn AccountStore) {
    let (account, clock) = (fresh_account(), clock());
    for role in [Role::Admin, Role::Operator, Role::Service] {
        let new = NewToken { role, ..new_token(&account) };
        let (token, text) = create_token(store, &clock, new).await.expect("a token");
        let expected = Principal { name: "ann".to_owned(), account: account.clone(), role };
        assert_eq!(authenticate(store, &clock, text.expose()).await.expect("a principal"), expected);
        assert_eq!(token.created_at, at(0));
    }
    let listed = store.tokens(&account).await.expect("tokens");
    assert_eq!(listed.len(), 3);
    assert!(store.tokens(&fresh_account()).await.expect("tokens").is_empty());
}

async fn what_is_no_token_lets_nobody_in(store: &dyn AccountStore) {
    let clock = clock();
    let (_, text) = create_token(store, &clock, new_token(&fresh_account())).await.expect("a token");
    let (_, other) = create_token(store, &clock, new_token(&fresh_account())).await.expect("a token");
    let mixed = format!("{}{}", &text.expose()[..20], &other.expose()[20..]);
    let refused = authenticate(store, &clock, &mixed).await;
    assert!(matches!(refused, Err(TokenError::Unknown)), "the secret of another token: {refused:?}");
    let unknown = format!("rt_{}{}", "0".repeat(16), &text.expose()[19..]);
    assert!(matches!(authenticate(store, &clock, &unknown).await, Err(TokenError::Unknown)));
    for malformed in ["", "rt_", "secret", &text.expose()[..62]] {
        assert!(matches!(authenticate(store, &clock, malformed).await, Err(TokenError::Malformed)), "{malformed}");
    }
}

async fn a_token_expires(store: &dyn AccountStore) {
    let clock = clock();
    let new = NewToken { expires_at: Some(at(60)), ..new_token(&fresh_account()) };
    let (_, text) = create_token(store, &clock, new).await.expect("a token");
    clock.advance(Duration::from_secs(59));
    authenticate(store, &clock, text.expose()).await.expect("a principal");
    clock.advance(Duration::from_secs(1));
    assert!(matches!(authenticate(store, &clock, text.expose()).await, Err(TokenError::Expired)));
}

async fn only_its_own_account_revokes_a_token(store: &dyn AccountStore) {
    let (account, clock) = (fresh_account(), clock());
    let (token, text) = create_token(store, &clock, new_token(&account)).await.expect("a token");
    assert!(!store.revoke(&fresh_account(), &token.id, at(1)).await.expect("an answer"));
    authenticate(store, &clock, text.expose()).await.expect("a principal");

    assert!(store.revoke(&account, &token.id, at(1)).await.expect("an answer"));
    assert!(store.revoke(&account, &token.id, at(2)).await.expect("an answer"), "revoking again is no mistake");
    assert!(matches!(authenticate(store, &clock, text.expose()).await, Err(TokenError::Revoked)));
    let listed = store.tokens(&account).await.expect("tokens");
    assert_eq!(listed[0].revoked_at, Some(at(1)), "the first time counts");
}

async fn the_last_use_is_noted_once_a_minute(store: &dyn AccountStore) {
    let (account, clock) = (fresh_account(), clock());
    let (token, text) = create_token(store, &clock, new_token(&account)).await.expect("a token");
    let last_used_at = async || store.tokens(&account).await.expect("tokens")[0].last_used_at;
    assert_eq!(last_used_at().await, None);
    authenticate(store, &clock, text.expose()).await.expect("a principal");
    assert_eq!(last_used_at().await, Some(at(0)));
    store.touch(&token.id, at(59)).await.expect("a touch");
    assert_eq!(last_used_at().await, Some(at(0)));
    clock.advance(Duration::from_mins(1));
    authenticate(store, &clock, text.expose()).await.expect("a principal");
    assert_eq!(last_used_at().await, Some(at(60)));
}

async fn a_taken_id_is_refused(store: &dyn AccountStore) {
    let (token, _) = create_token(store, &clock(), new_token(&fresh_account())).await.expect("a token");
    let (_, hash) = store.find(&token.id).await.expect("an answer").expect("a token");
    let refused = store.add(&token, &hash).await.expect_err("the id is taken");
    assert_eq!(refused.kind(), ErrorKind::Conflict);
}
