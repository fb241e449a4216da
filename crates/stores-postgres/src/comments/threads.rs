//! The table of threads.

use std::collections::BTreeMap;

use rethread_model::{JobId, Thread};
use uuid::Uuid;

use super::reactions;
use crate::postgres::{DbResult, Failure, Transaction, micros, parameters};

/// A thread that a batch mentions.
pub(super) struct Mentioned<'a> {
    pub(super) source_id: &'a str,
    /// The description, if the batch has one that is the file's latest so far.
    pub(super) description: Option<(&'a [u8], &'a Thread)>,
}

struct Found {
    no: i64,
    described_by: Option<Uuid>,
    fingerprint: Option<Vec<u8>>,
}

async fn find(tx: &Transaction, origin_no: i64, source_ids: &[&str]) -> DbResult<BTreeMap<String, Found>> {
    let rows = tx
        .query(
            "SELECT source_id, no, described_by, fingerprint FROM threads \
             WHERE origin_no = $1 AND source_id = ANY ($2)",
            &parameters![origin_no, source_ids.to_vec()],
        )
        .await?;
    let found = rows.into_iter().map(|row| {
        Ok((
            row.try_get(0)?,
            Found { no: row.try_get(1)?, described_by: row.try_get(2)?, fingerprint: row.try_get(3)? },
        ))
    });
    found.collect()
}

/// The numbers of stored threads and whether they were ever described.
pub(super) async fn lookup(
    tx: &Transaction,
    origin_no: i64,
    source_ids: &[&str],
) -> DbResult<BTreeMap<String, (i64, bool)>> {
    let found = find(tx, origin_no, source_ids).await?;
    Ok(found.into_iter().map(|(source_id, found)| (source_id, (found.no, found.fingerprint.is_some()))).collect())
}

/// The numbers of threads. New ones are added, on a page named after them until a description
/// comes. A description is written unless it is the stored one, a newer import has written one, or
/// descriptions from other imports must not be updated.
pub(super) async fn put(
    tx: &Transaction,
    origin_no: i64,
    job: JobId,
    threads: &[Mentioned<'_>],
    updates: bool,
) -> DbResult<BTreeMap<String, i64>> {
    let source_ids: Vec<&str> = threads.iter().map(|thread| thread.source_id).collect();
    let found = find(tx, origin_no, &source_ids).await?;
    let job = *job.as_uuid();
    let is_stored = |thread: &&Mentioned<'_>| match (found.get(thread.source_id), thread.description) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(found), Some((fingerprint, _))) => {
            let is_kept = |other: Uuid| other > job || (other != job && !updates);
            found.fingerprint.as_deref() == Some(fingerprint) || found.described_by.is_some_and(is_kept)
        }
    };
    let missing: Vec<&Mentioned<'_>> = threads.iter().filter(|thread| !is_stored(thread)).collect();
    let mut nos: BTreeMap<String, i64> = found.iter().map(|(source_id, found)| (source_id.clone(), found.no)).collect();
    if missing.is_empty() {
        return Ok(nos);
    }
    write(tx, origin_no, job, &missing, updates, &mut nos).await?;
    let unknown: Vec<&str> = source_ids.into_iter().filter(|source_id| !nos.contains_key(*source_id)).collect();
    if !unknown.is_empty() {
        // Another transaction inserted them in between.
        nos.extend(find(tx, origin_no, &unknown).await?.into_iter().map(|(source_id, found)| (source_id, found.no)));
    }
    if nos.len() == threads.len() { Ok(nos) } else { Err(Failure::Raced) }
}

/// In one pass and in order, so that two transactions never deadlock.
async fn write(
    tx: &Transaction,
    origin_no: i64,
    job: Uuid,
    threads: &[&Mentioned<'_>],
    updates: bool,
    nos: &mut BTreeMap<String, i64>,
) -> DbResult<()> {
    let described = |thread: &&Mentioned<'_>| thread.description.map(|(_, description)| description.clone());
    let descriptions: Vec<Option<Thread>> = threads.iter().map(described).collect();
    let of = |field: fn(&Thread) -> Option<&str>| -> Vec<Option<&str>> {
        descriptions.iter().map(|description| description.as_ref().and_then(field)).collect()
    };
    let source_ids: Vec<&str> = threads.iter().map(|thread| thread.source_id).collect();
    let created: Vec<Option<i64>> = descriptions
        .iter()
        .map(|description| micros(description.as_ref().and_then(|thread| thread.created_at)))
        .collect();
    let closed: Vec<bool> =
        descriptions.iter().map(|description| description.as_ref().is_some_and(|thread| thread.closed)).collect();
    let fingerprints: Vec<Option<&[u8]>> =
        threads.iter().map(|thread| thread.description.map(|(fingerprint, _)| fingerprint)).collect();
    let reactions: Vec<Option<String>> = descriptions
        .iter()
        .map(|description| description.as_ref().map_or(Ok(None), |thread| reactions::column(&thread.reactions)))
        .collect::<DbResult<_>>()?;
    let rows = tx
        .query(
            "INSERT INTO threads (origin_no, source_id, url_id, url, title, created_at, closed, described_by, \
               fingerprint, reactions) \
             SELECT $1, id, coalesce(url_id, id), url, title, created_at, closed, \
               CASE WHEN fingerprint IS NULL THEN NULL ELSE $2::uuid END, fingerprint, reactions \
             FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::boolean[], $9::bytea[], \
               $10::text[]) \
               AS new (id, url_id, url, title, created_at, closed, fingerprint, reactions) \
             ORDER BY id COLLATE \"C\" \
             ON CONFLICT (origin_no, source_id) DO UPDATE SET url_id = EXCLUDED.url_id, url = EXCLUDED.url, \
               title = EXCLUDED.title, created_at = EXCLUDED.created_at, closed = EXCLUDED.closed, \
               described_by = EXCLUDED.described_by, fingerprint = EXCLUDED.fingerprint, \
               reactions = EXCLUDED.reactions \
             WHERE EXCLUDED.fingerprint IS NOT NULL AND threads.fingerprint IS DISTINCT FROM EXCLUDED.fingerprint \
               AND (threads.described_by IS NULL OR threads.described_by = EXCLUDED.described_by \
                 OR $11 AND threads.described_by < EXCLUDED.described_by) \
             RETURNING source_id, no",
            &parameters![
                origin_no,
                job,
                source_ids,
                of(|thread| Some(&thread.url_id)),
                of(|thread| thread.url.as_deref()),
                of(|thread| thread.title.as_deref()),
                created,
                closed,
                fingerprints,
                reactions,
                updates
            ],
        )
        .await?;
    for row in rows {
        nos.insert(row.try_get(0)?, row.try_get(1)?);
    }
    Ok(())
}
