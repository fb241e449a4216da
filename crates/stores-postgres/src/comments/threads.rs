//! The table of threads.

use std::collections::BTreeMap;

use rethread_model::{Fingerprint, JobId, Thread};
use rethread_stores::Result;
use rethread_stores::rules::description::ThreadDescription;
use rethread_stores::stored_value::{fingerprint, json_list, micros};
use uuid::Uuid;

use crate::postgres::{DbResult, Failure, Transaction, parameters};

/// A thread that a batch mentions.
pub(super) struct Mentioned<'a> {
    pub(super) source_id: &'a str,
    /// The description, if the batch has one that is the file's latest so far.
    pub(super) description: Option<(Fingerprint, &'a Thread)>,
}

struct Found {
    no: i64,
    description: ThreadDescription,
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
        let description = ThreadDescription {
            described_by: row.try_get::<_, Option<Uuid>>(2)?.map(Uuid::into_bytes),
            fingerprint: row.try_get::<_, Option<&[u8]>>(3)?.map(fingerprint).transpose()?,
        };
        Ok((row.try_get(0)?, Found { no: row.try_get(1)?, description }))
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
    Ok(found
        .into_iter()
        .map(|(source_id, found)| (source_id, (found.no, found.description.fingerprint.is_some())))
        .collect())
}

/// The numbers of threads. New ones are added, on a page named after them until a description
/// comes. A description is written unless the stored one is kept.
pub(super) async fn put(
    tx: &Transaction,
    origin_no: i64,
    job: JobId,
    threads: &[Mentioned<'_>],
    updates: bool,
) -> DbResult<BTreeMap<String, i64>> {
    let source_ids: Vec<&str> = threads.iter().map(|thread| thread.source_id).collect();
    let found = find(tx, origin_no, &source_ids).await?;
    let is_stored = |thread: &&Mentioned<'_>| match (found.get(thread.source_id), thread.description) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(found), Some((fingerprint, _))) => found.description.is_kept(job, fingerprint, updates),
    };
    let missing: Vec<&Mentioned<'_>> = threads.iter().filter(|thread| !is_stored(thread)).collect();
    let mut nos: BTreeMap<String, i64> = found.iter().map(|(source_id, found)| (source_id.clone(), found.no)).collect();
    if missing.is_empty() {
        return Ok(nos);
    }
    write(tx, origin_no, *job.as_uuid(), &missing, updates, &mut nos).await?;
    let unknown: Vec<&str> = source_ids.into_iter().filter(|source_id| !nos.contains_key(*source_id)).collect();
    if !unknown.is_empty() {
        // Another transaction inserted them in between.
        nos.extend(find(tx, origin_no, &unknown).await?.into_iter().map(|(source_id, found)| (source_id, found.no)));
    }
    if nos.len() == threads.len() { Ok(nos) } else { Err(Failure::Raced) }
}

/// In one pass and in order, so that two transactions never deadlock. The condition is that of
/// [`ThreadDescription::is_kept`], for rows that others have written since they were read.
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
    let fingerprints: Vec<Option<&[u8]>> = threads
        .iter()
        .map(|thread| thread.description.as_ref().map(|(fingerprint, _)| fingerprint.0.as_slice()))
        .collect();
    let reactions: Vec<Option<String>> = descriptions
        .iter()
        .map(|description| description.as_ref().map_or(Ok(None), |thread| json_list(&thread.reactions)))
        .collect::<Result<_>>()?;
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
