//! The in-memory stores satisfy the contracts of their traits.

#![expect(clippy::expect_used, reason = "stores that do not open end the test")]

use std::sync::Arc;

use rethread_model::{FixedClock, Timestamp};
use rethread_simulation::undisturbed;
use rethread_stores::Backends;
use rethread_stores_testsuite as conformance;

fn stores() -> Backends {
    undisturbed(Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH))).expect("stores in memory")
}

#[tokio::test]
async fn jobs() {
    conformance::jobs(stores().jobs).await;
}

#[tokio::test]
async fn comments() {
    conformance::comments(stores().comments).await;
}

#[tokio::test]
async fn accounts_and_sites() {
    let stores = stores();
    conformance::accounts(stores.accounts).await;
    conformance::sites(stores.sites).await;
}

#[tokio::test]
async fn blobs() {
    conformance::blobs(stores().blobs).await;
}

#[tokio::test]
async fn queue() {
    conformance::queue(stores().queue).await;
}
