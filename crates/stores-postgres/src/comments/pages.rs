//! The table of pages.

use std::collections::{BTreeMap, BTreeSet};

use rethread_model::{AccountId, page_id};
use uuid::Uuid;

use crate::postgres::{DbResult, Failure, Transaction, parameters};

/// The lock on pages that were found, until the transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// None.
    Nothing,
    /// Others may change them, but not drop them.
    Share,
}

impl Hold {
    const fn clause(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Share => "FOR KEY SHARE",
        }
    }
}

/// The numbers of pages, which are created if they do not exist.
pub(super) async fn find_or_add<'a>(
    tx: &Transaction,
    account: &AccountId,
    keys: &BTreeSet<&'a str>,
    hold: Hold,
) -> DbResult<BTreeMap<&'a str, i64>> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut found = find(tx, account, keys, hold).await?;
    if found.len() < keys.len() {
        let missing: Vec<&str> = keys.iter().copied().filter(|key| !found.contains_key(key)).collect();
        let ids: Vec<Uuid> = missing.iter().map(|key| *page_id(account, key).as_uuid()).collect();
        tx.execute(
            "INSERT INTO pages (account, url_id, id, comments) \
             SELECT $1, key, id, 0 FROM unnest($2::text[], $3::uuid[]) AS new (key, id) ORDER BY key COLLATE \"C\" \
             ON CONFLICT DO NOTHING",
            &parameters![account.as_str(), missing, ids],
        )
        .await?;
        found = find(tx, account, keys, hold).await?;
    }
    // Another transaction may have dropped a page in between.
    if found.len() == keys.len() { Ok(found) } else { Err(Failure::Raced) }
}

async fn find<'a>(
    tx: &Transaction,
    account: &AccountId,
    keys: &BTreeSet<&'a str>,
    hold: Hold,
) -> DbResult<BTreeMap<&'a str, i64>> {
    let rows = tx
        .query(
            &format!(
                "SELECT url_id, no FROM pages WHERE account = $1 AND url_id = ANY ($2) ORDER BY no {}",
                hold.clause()
            ),
            &parameters![account.as_str(), keys.iter().copied().collect::<Vec<_>>()],
        )
        .await?;
    let mut found = BTreeMap::new();
    for row in rows {
        if let Some(key) = keys.get(row.try_get::<_, &str>(0)?) {
            found.insert(*key, row.try_get(1)?);
        }
    }
    Ok(found)
}

/// Locks pages against changes until the transaction ends, in the common locking order. Returns
/// those that still exist, with their number of comments.
pub(super) async fn lock(tx: &Transaction, page_nos: &BTreeSet<i64>) -> DbResult<BTreeMap<i64, i64>> {
    let nos: Vec<i64> = page_nos.iter().copied().collect();
    let rows = tx
        .query("SELECT no, comments FROM pages WHERE no = ANY ($1) ORDER BY no FOR UPDATE", &parameters![nos])
        .await?;
    rows.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}
