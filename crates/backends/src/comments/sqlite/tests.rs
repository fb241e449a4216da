use std::sync::Arc;

use super::*;
use crate::accounts::sqlite::SqliteAccounts;

#[tokio::test(flavor = "multi_thread")]
async fn conforms() {
    let directory = tempfile::tempdir().unwrap();
    let (comments, accounts) = SqliteComments::open(&directory.path().join("comments.db")).await.unwrap();
    crate::conformance::comments(Arc::new(comments)).await;
    crate::conformance::accounts(Arc::new(SqliteAccounts::new(accounts))).await;
}
