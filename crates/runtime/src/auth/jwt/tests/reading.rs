//! When keys are read, and what happens when they cannot be.

use std::time::Duration;

use http::StatusCode;

use super::provider::{Provider, Signer, clock};
use super::{AuthError, claims, reason_of};

const MINUTE: Duration = Duration::from_mins(1);

/// Tokens that stay valid across the clock's jumps.
fn sign(signer: &Signer) -> String {
    let mut claims = claims();
    claims["exp"] = (super::NOW + 1_000_000).into();
    signer.sign(&claims)
}

#[tokio::test]
async fn keys_are_read_when_they_are_needed_and_kept() {
    let signer = Signer::ed25519("a");
    let provider = Provider::of_server(&[&signer]).await;
    let jwt = provider.jwt(clock());
    assert_eq!(provider.asked(), 0, "a process starts while its provider is away");
    for _ in 0..3 {
        jwt.verify(&sign(&signer)).await.unwrap();
    }
    assert_eq!(provider.asked(), 1);
}

#[tokio::test]
async fn a_new_key_is_found_and_strangers_make_nobody_ask_more_than_once_a_minute() {
    let (old, new, stranger) = (Signer::ed25519("old"), Signer::p256("new"), Signer::ed25519("stranger"));
    let provider = Provider::of_server(&[&old]).await;
    let clock = clock();
    let jwt = provider.jwt(clock.clone());
    jwt.verify(&sign(&old)).await.unwrap();

    provider.change(&[&old, &new]);
    assert_eq!(reason_of(jwt.verify(&sign(&new)).await), "unknown_key");
    assert_eq!(provider.asked(), 1, "asked less than a minute ago");
    clock.advance(MINUTE);
    jwt.verify(&sign(&new)).await.unwrap();
    jwt.verify(&sign(&old)).await.unwrap();
    assert_eq!(provider.asked(), 2);

    clock.advance(MINUTE);
    let (text, again) = (sign(&stranger), sign(&stranger));
    let (first, second) = tokio::join!(jwt.verify(&text), jwt.verify(&again));
    assert_eq!((reason_of(first), reason_of(second)), ("unknown_key", "unknown_key"));
    for _ in 0..10 {
        assert_eq!(reason_of(jwt.verify(&sign(&stranger)).await), "unknown_key");
    }
    assert_eq!(provider.asked(), 3);
}

#[tokio::test]
async fn a_key_that_the_provider_took_back_counts_no_more_after_a_while() {
    let (old, new) = (Signer::ed25519("old"), Signer::ed25519("new"));
    let provider = Provider::of_server(&[&old]).await;
    let clock = clock();
    let jwt = provider.jwt(clock.clone());
    jwt.verify(&sign(&old)).await.unwrap();
    provider.change(&[&new]);
    clock.advance(9 * MINUTE);
    jwt.verify(&sign(&old)).await.unwrap();
    clock.advance(MINUTE);
    assert_eq!(reason_of(jwt.verify(&sign(&old)).await), "unknown_key");
}

#[tokio::test]
async fn while_the_provider_is_away_its_keys_count_for_a_day() {
    let signer = Signer::ed25519("a");
    let provider = Provider::of_server(&[&signer]).await;
    let clock = clock();
    let jwt = provider.jwt(clock.clone());
    jwt.verify(&sign(&signer)).await.unwrap();
    provider.answer(StatusCode::INTERNAL_SERVER_ERROR, String::new());
    clock.advance(23 * 60 * MINUTE);
    jwt.verify(&sign(&signer)).await.unwrap();
    jwt.verify(&sign(&signer)).await.unwrap();
    assert_eq!(provider.asked(), 2, "it is not asked for each request");
    clock.advance(60 * MINUTE);
    assert!(matches!(jwt.verify(&sign(&signer)).await, Err(AuthError::Keys)));
    provider.change(&[&signer]);
    clock.advance(Duration::from_secs(5));
    jwt.verify(&sign(&signer)).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_no_set_of_keys_lets_nobody_in_and_says_so() {
    let signer = Signer::ed25519("a");
    let provider = Provider::of_server(&[&signer]).await;
    let clock = clock();
    let jwt = provider.jwt(clock.clone());
    let huge = format!("{{\"keys\": [\"{}\"]}}", "x".repeat(2 << 20));
    let answers = [
        (StatusCode::NOT_FOUND, "no keys here".to_owned()),
        (StatusCode::OK, "<html>".to_owned()),
        (StatusCode::OK, "{\"keys\": []}".to_owned()),
        (StatusCode::OK, huge),
    ];
    for (status, text) in answers {
        provider.answer(status, text);
        assert!(matches!(jwt.verify(&sign(&signer)).await, Err(AuthError::Keys)));
        clock.advance(Duration::from_secs(5));
    }
    assert_eq!(provider.asked(), 4);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let signer = Signer::ed25519("a");
    let provider = Provider::of_server(&[&signer]).await;
    let jwt = provider.jwt(clock());
    provider.answer(StatusCode::TEMPORARY_REDIRECT, String::new());
    assert!(matches!(jwt.verify(&sign(&signer)).await, Err(AuthError::Keys)));
}

#[tokio::test]
async fn a_file_that_is_replaced_is_read_again() {
    let (old, new) = (Signer::ed25519("old"), Signer::ed25519("new"));
    let provider = Provider::of_file(&[&old]);
    let clock = clock();
    let jwt = provider.jwt(clock.clone());
    provider.change(&[&new]);
    clock.advance(MINUTE);
    jwt.verify(&sign(&new)).await.unwrap();
    provider.answer(StatusCode::OK, "half a".to_owned());
    clock.advance(10 * MINUTE);
    jwt.verify(&sign(&new)).await.unwrap();
}
