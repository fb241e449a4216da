//! The threads in the ledger of a running import's file.

use std::collections::BTreeMap;

use rethread_model::Thread;

use crate::postgres::{DbResult, Failure, Transaction, parameters};

/// A thread of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct LedgerThread {
    pub(super) no: i64,
    /// Its description is the file's latest so far.
    pub(super) is_latest: bool,
}

/// Threads that were added to the ledger.
pub(super) struct LedgerThreads {
    pub(super) by_source_id: BTreeMap<String, LedgerThread>,
    /// Those that the file had not described before.
    pub(super) new: i64,
}

/// A description in a batch.
type Described<'a> = (&'a [u8], &'a Thread);

/// The numbers of threads, which are added if the file has not mentioned them before. Of several
/// descriptions in one file, the one with the greatest fingerprint is kept.
pub(super) async fn put<'a>(
    tx: &Transaction,
    ledger_no: i64,
    threads: &BTreeMap<&'a str, Option<Described<'a>>>,
) -> DbResult<LedgerThreads> {
    let source_ids: Vec<&str> = threads.keys().copied().collect();
    let mut put = LedgerThreads { by_source_id: BTreeMap::new(), new: 0 };
    let stored = find(tx, ledger_no, &source_ids, &mut put).await?;
    let is_noted = |id: &str, described: Option<Described<'_>>| match (stored.get(id), described) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(stored), Some((fingerprint, _))) => stored.as_deref().is_some_and(|stored| stored >= fingerprint),
    };
    let missing: Vec<_> = threads
        .iter()
        .map(|(id, described)| (*id, *described))
        .filter(|(id, described)| !is_noted(id, *described))
        .collect();
    if missing.is_empty() {
        return Ok(put);
    }
    write(tx, ledger_no, &missing, &mut put).await?;
    let unknown: Vec<&str> = source_ids.into_iter().filter(|id| !put.by_source_id.contains_key(*id)).collect();
    if !unknown.is_empty() {
        // Another transaction inserted them in between.
        find(tx, ledger_no, &unknown, &mut put).await?;
    }
    if put.by_source_id.len() == threads.len() { Ok(put) } else { Err(Failure::Raced) }
}

/// Adds those that are already in the ledger, and returns their fingerprints.
async fn find(
    tx: &Transaction,
    ledger_no: i64,
    source_ids: &[&str],
    put: &mut LedgerThreads,
) -> DbResult<BTreeMap<String, Option<Vec<u8>>>> {
    let rows = tx
        .query(
            "SELECT source_id, no, fingerprint FROM ledger_threads WHERE ledger_no = $1 AND source_id = ANY ($2)",
            &parameters![ledger_no, source_ids.to_vec()],
        )
        .await?;
    let mut found = BTreeMap::new();
    for row in rows {
        let source_id: String = row.try_get(0)?;
        put.by_source_id.insert(source_id.clone(), LedgerThread { no: row.try_get(1)?, is_latest: false });
        found.insert(source_id, row.try_get(2)?);
    }
    Ok(found)
}

async fn write(
    tx: &Transaction,
    ledger_no: i64,
    threads: &[(&str, Option<Described<'_>>)],
    put: &mut LedgerThreads,
) -> DbResult<()> {
    let source_ids: Vec<&str> = threads.iter().map(|(id, _)| *id).collect();
    let url_ids: Vec<Option<&str>> =
        threads.iter().map(|(_, described)| described.map(|(_, thread)| thread.url_id.as_str())).collect();
    let urls: Vec<Option<&str>> =
        threads.iter().map(|(_, described)| described.and_then(|(_, thread)| thread.url.as_deref())).collect();
    let fingerprints: Vec<Option<&[u8]>> =
        threads.iter().map(|(_, described)| described.map(|(fingerprint, _)| fingerprint)).collect();
    let rows = tx
        .query(
            "INSERT INTO ledger_threads (ledger_no, source_id, url_id, url, fingerprint, descriptions) \
             SELECT $1, id, url_id, url, fingerprint, CASE WHEN fingerprint IS NULL THEN 0 ELSE 1 END \
             FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[]) AS new (id, url_id, url, fingerprint) \
             ORDER BY id COLLATE \"C\" \
             ON CONFLICT (ledger_no, source_id) DO UPDATE SET url_id = EXCLUDED.url_id, url = EXCLUDED.url, \
               fingerprint = EXCLUDED.fingerprint, descriptions = ledger_threads.descriptions + 1 \
             WHERE EXCLUDED.fingerprint IS NOT NULL \
               AND (ledger_threads.fingerprint IS NULL OR ledger_threads.fingerprint < EXCLUDED.fingerprint) \
             RETURNING source_id, no, descriptions",
            &parameters![ledger_no, source_ids, url_ids, urls, fingerprints],
        )
        .await?;
    for row in rows {
        let descriptions: i64 = row.try_get(2)?;
        put.new += i64::from(descriptions == 1);
        let thread = LedgerThread { no: row.try_get(1)?, is_latest: descriptions > 0 };
        put.by_source_id.insert(row.try_get(0)?, thread);
    }
    Ok(())
}
