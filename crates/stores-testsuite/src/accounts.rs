//! The contract of [`AccountStore`], and of the functions built on it.

use std::sync::Arc;
use std::time::Duration;

use rethread_model::{AccountId, FixedClock, Principal, Role, Timestamp};
use rethread_stores::{
    AccountStore, ErrorKind, NewToken, TokenError, TokenKind, authenticate, create_link, create_session, create_token,
    redeem_link,
};

use super::fixture::{at, fresh_account};

/// Runs the contract.
pub async fn accounts(store: Arc<dyn AccountStore>) {
    let store = &*store;
    a_token_lets_its_holder_in(store).await;
    what_is_no_token_lets_nobody_in(store).await;
    a_token_expires(store).await;
    only_its_own_account_revokes_a_token(store).await;
    the_last_use_is_noted_once_a_minute(store).await;
    a_taken_id_is_refused(store).await;
    a_session_lets_its_holder_in_until_it_or_its_token_ends(store).await;
    a_link_opens_one_session(store).await;
    of_many_that_come_with_a_link_one_is_let_in(store).await;
    what_ended_is_forgotten_but_for_tokens(store).await;
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
        assert_eq!(authenticate(store, &clock, text.expose()).await.expect("a token").principal(), expected);
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
    authenticate(store, &clock, text.expose()).await.expect("a token");
    clock.advance(Duration::from_secs(1));
    assert!(matches!(authenticate(store, &clock, text.expose()).await, Err(TokenError::Expired)));
}

async fn only_its_own_account_revokes_a_token(store: &dyn AccountStore) {
    let (account, clock) = (fresh_account(), clock());
    let (token, text) = create_token(store, &clock, new_token(&account)).await.expect("a token");
    assert!(!store.revoke(&fresh_account(), &token.id, at(1)).await.expect("an answer"));
    authenticate(store, &clock, text.expose()).await.expect("a token");

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
    authenticate(store, &clock, text.expose()).await.expect("a token");
    assert_eq!(last_used_at().await, Some(at(0)));
    store.touch(&token.id, at(59)).await.expect("a touch");
    assert_eq!(last_used_at().await, Some(at(0)));
    clock.advance(Duration::from_mins(1));
    authenticate(store, &clock, text.expose()).await.expect("a token");
    assert_eq!(last_used_at().await, Some(at(60)));
}

async fn a_taken_id_is_refused(store: &dyn AccountStore) {
    let (token, _) = create_token(store, &clock(), new_token(&fresh_account())).await.expect("a token");
    let (_, hash) = store.find(&token.id).await.expect("an answer").expect("a token");
    let refused = store.add(&token, &hash).await.expect_err("the id is taken");
    assert_eq!(refused.kind(), ErrorKind::Conflict);
}

async fn a_session_lets_its_holder_in_until_it_or_its_token_ends(store: &dyn AccountStore) {
    let (account, clock) = (fresh_account(), clock());
    let (token, _) = create_token(store, &clock, new_token(&account)).await.expect("a token");
    let new = || NewToken { expires_at: Some(at(100)), ..new_token(&account) };
    let parent = Some(token.id.clone());
    let (first, first_text) = create_session(store, &clock, new(), parent.clone()).await.expect("a session");
    let (second, second_text) = create_session(store, &clock, new(), parent.clone()).await.expect("a session");
    let (_, free_text) = create_session(store, &clock, new(), None).await.expect("a session");
    assert_eq!((first.kind, &first.parent), (TokenKind::Session, &parent));
    let found = authenticate(store, &clock, first_text.expose()).await.expect("a session");
    assert_eq!((&found.id, found.kind, &found.parent), (&first.id, TokenKind::Session, &parent));
    assert_eq!(store.tokens(&account).await.expect("tokens").len(), 4);

    assert!(store.revoke(&account, &first.id, at(1)).await.expect("an answer"), "sign out");
    assert!(matches!(authenticate(store, &clock, first_text.expose()).await, Err(TokenError::Revoked)));
    authenticate(store, &clock, second_text.expose()).await.expect("another session of the same token");

    assert!(store.revoke(&account, &token.id, at(2)).await.expect("an answer"));
    assert!(matches!(authenticate(store, &clock, second_text.expose()).await, Err(TokenError::Revoked)));
    let revoked_at = |tokens: Vec<rethread_stores::Token>, id| {
        tokens.into_iter().find(|token| token.id == id).expect("it is listed").revoked_at
    };
    assert_eq!(revoked_at(store.tokens(&account).await.expect("tokens"), second.id), Some(at(2)));
    let (_, late_text) = create_session(store, &clock, new(), parent).await.expect("a session");
    let late = authenticate(store, &clock, late_text.expose()).await;
    assert!(matches!(late, Err(TokenError::Revoked)), "opened while its token was being revoked: {late:?}");

    authenticate(store, &clock, free_text.expose()).await.expect("a session without a token");
    clock.advance(Duration::from_secs(100));
    assert!(matches!(authenticate(store, &clock, free_text.expose()).await, Err(TokenError::Expired)));
}

async fn a_link_opens_one_session(store: &dyn AccountStore) {
    let (account, clock) = (fresh_account(), clock());
    let new = || NewToken { expires_at: Some(at(60)), ..new_token(&account) };
    let (link, text) = create_link(store, &clock, new()).await.expect("a link");
    assert_eq!(link.kind, TokenKind::Link);
    let as_token = text.expose().replacen("rl_", "rt_", 1);
    assert!(matches!(authenticate(store, &clock, text.expose()).await, Err(TokenError::Malformed)));
    assert!(matches!(authenticate(store, &clock, &as_token).await, Err(TokenError::Unknown)), "a link is no token");
    let (token, token_text) = create_token(store, &clock, new()).await.expect("a token");
    let as_link = token_text.expose().replacen("rt_", "rl_", 1);
    assert!(matches!(redeem_link(store, &clock, &as_link).await, Err(TokenError::Unknown)), "a token is no link");
    assert!(!store.redeem(&token.id, at(1)).await.expect("an answer"));
    authenticate(store, &clock, token_text.expose()).await.expect("the token is as it was");

    let redeemed = redeem_link(store, &clock, text.expose()).await.expect("it opens");
    assert_eq!(redeemed.principal(), link.principal());
    assert!(matches!(redeem_link(store, &clock, text.expose()).await, Err(TokenError::Revoked)), "once");

    let (_, late) = create_link(store, &clock, new()).await.expect("a link");
    let (revoked, revoked_text) = create_link(store, &clock, new()).await.expect("a link");
    assert!(store.revoke(&account, &revoked.id, at(1)).await.expect("an answer"));
    assert!(matches!(redeem_link(store, &clock, revoked_text.expose()).await, Err(TokenError::Revoked)));
    clock.advance(Duration::from_mins(1));
    assert!(matches!(redeem_link(store, &clock, late.expose()).await, Err(TokenError::Expired)));
}

async fn of_many_that_come_with_a_link_one_is_let_in(store: &dyn AccountStore) {
    let (account, clock) = (fresh_account(), clock());
    let (link, _) = create_link(store, &clock, new_token(&account)).await.expect("a link");
    let attempt = || store.redeem(&link.id, at(1));
    let (first, second, third, fourth) = tokio::join!(attempt(), attempt(), attempt(), attempt());
    let let_in = [first, second, third, fourth].into_iter().filter(|redeemed| *redeemed.as_ref().expect("an answer"));
    assert_eq!(let_in.count(), 1);
}

async fn what_ended_is_forgotten_but_for_tokens(store: &dyn AccountStore) {
    let (account, other, clock) = (fresh_account(), fresh_account(), clock());
    let ends = |account: &AccountId, end: Timestamp| NewToken { expires_at: Some(end), ..new_token(account) };
    let (token, _) = create_token(store, &clock, ends(&account, at(10))).await.expect("a token");
    let (_, text) = create_link(store, &clock, ends(&account, at(11))).await.expect("a link");
    create_session(store, &clock, ends(&account, at(10)), None).await.expect("a session");
    let (lasting, _) = create_session(store, &clock, ends(&account, at(12)), None).await.expect("a session");
    create_session(store, &clock, ends(&other, at(10)), None).await.expect("a session");

    store.forget_expired(&account, at(11)).await.expect("it forgets");
    let mut left: Vec<_> = store.tokens(&account).await.expect("tokens").into_iter().map(|token| token.id).collect();
    left.sort();
    let mut expected = vec![token.id, lasting.id];
    expected.sort();
    assert_eq!(left, expected);
    assert!(matches!(redeem_link(store, &clock, text.expose()).await, Err(TokenError::Unknown)));
    assert_eq!(store.tokens(&other).await.expect("tokens").len(), 1);
}
