use std::sync::Arc;

use super::*;
use crate::accounts::SqliteAccounts;
use crate::sites::SqliteSites;

#[tokio::test(flavor = "multi_thread")]
async fn conforms() {
    let directory = tempfile::tempdir().unwrap();
    let (comments, database) = SqliteComments::open(&directory.path().join("comments.db")).await.unwrap();
    rethread_stores_testsuite::comments(Arc::new(comments)).await;
    rethread_stores_testsuite::accounts(Arc::new(SqliteAccounts::new(database.clone()))).await;
    rethread_stores_testsuite::sites(Arc::new(SqliteSites::new(database))).await;
}
