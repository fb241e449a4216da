#![doc = include_str!("../README.md")]

mod accounts;
mod comments;
mod postgres;
mod sites;

use std::sync::Arc;

use rethread_stores::{CommentDatabase, Result};

/// Comments, accounts and sites in the database that `url` (`postgres://…`) names. Applies the
/// missing migrations.
pub async fn open_comments(url: &str) -> Result<CommentDatabase> {
    let (comments, database) = comments::PostgresComments::open(url).await?;
    Ok(CommentDatabase {
        comments: Arc::new(comments),
        accounts: Arc::new(accounts::PostgresAccounts::new(database.clone())),
        sites: Arc::new(sites::PostgresSites::new(database)),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rethread_stores::migration::Migration;

    use super::*;

    fn check(store: &str, migrations: &[Migration]) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(store).join("migrations");
        rethread_stores_testsuite::migrations(&folder, migrations);
    }

    #[test]
    fn every_migration_is_applied_at_the_place_of_its_number() {
        check("comments", comments::SCHEMA.migrations);
    }
}
