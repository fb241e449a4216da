use std::sync::Arc;

use super::*;
use crate::accounts::sqlite::SqliteAccounts;
use crate::sites::sqlite::SqliteSites;

#[tokio::test(flavor = "multi_thread")]
async fn conforms() {
    let directory = tempfile::tempdir().unwrap();
    let (comments, database) = SqliteComments::open(&directory.path().join("comments.db")).await.unwrap();
    crate::conformance::comments(Arc::new(comments)).await;
    crate::conformance::accounts(Arc::new(SqliteAccounts::new(database.clone()))).await;
    crate::conformance::sites(Arc::new(SqliteSites::new(database))).await;
}
