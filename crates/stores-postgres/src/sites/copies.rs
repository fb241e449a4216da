//! Events published to sites.

use std::collections::{BTreeMap, BTreeSet};

use rethread_model::{AccountId, CommentId, Digest, Origin, PageId, SiteId, Timestamp, Vendor};
use rethread_stores::rules::sites::APART_MS;
use rethread_stores::stored_value::{millis, text_of, word};
use rethread_stores::{CopyEvent, KeptCopy, SiteCopy, ToldCopy};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::postgres::{DbResult, Failure, Transaction, parameters};

const COLUMNS: &str = "comment, vendor, origin, source_id, page, post, telling, version, told_at, own_id";

pub(super) async fn of_page(tx: &Transaction, id: SiteId, page: PageId) -> DbResult<Vec<ToldCopy>> {
    let sql = format!("SELECT {COLUMNS} FROM site_copies WHERE site = $1 AND page = $2");
    let rows = tx.query(&sql, &parameters![*id.as_uuid(), *page.as_uuid()]).await?;
    rows.iter().map(told_copy).collect()
}

pub(super) async fn of_comments(tx: &Transaction, id: SiteId, comments: &[CommentId]) -> DbResult<Vec<ToldCopy>> {
    let sql = format!("SELECT {COLUMNS} FROM site_copies WHERE site = $1 AND comment = ANY ($2)");
    let comments: Vec<Uuid> = comments.iter().map(|comment| *comment.as_uuid()).collect();
    tx.query(&sql, &parameters![*id.as_uuid(), comments]).await?.iter().map(told_copy).collect()
}

pub(super) async fn pages(tx: &Transaction, id: SiteId, after: Option<PageId>, limit: u32) -> DbResult<Vec<PageId>> {
    let rows = tx
        .query(
            "SELECT DISTINCT page FROM site_copies WHERE site = $1 AND ($2::uuid IS NULL OR page > $2) \
             AND telling <> 'deleted' ORDER BY page LIMIT $3",
            &parameters![*id.as_uuid(), after.map(|page| *page.as_uuid()), i64::from(limit)],
        )
        .await?;
    rows.iter().map(|row| Ok(PageId::from_uuid(row.try_get(0)?))).collect()
}

pub(super) async fn tell(tx: &Transaction, id: SiteId, copies: &[SiteCopy], at: Timestamp) -> DbResult<()> {
    // Locks the row, so that concurrent publications to a site are serialised.
    let row = tx.first("SELECT told_at FROM sites WHERE id = $1 FOR UPDATE", &parameters![*id.as_uuid()]).await?;
    let last: Option<i64> = row.map_or(Ok(None), |row| row.try_get(0))?;
    let first = last.map_or(0, |last| last + APART_MS).max(millis(at));
    let times: Vec<i64> = (0..).zip(copies).map(|(place, _)| first + place * APART_MS).collect();
    let Some(last) = times.last().copied() else { return Ok(()) };
    let texts = |of: fn(&SiteCopy) -> &str| copies.iter().map(of).collect::<Vec<&str>>();
    tx.execute(
        "INSERT INTO site_copies (site, comment, vendor, origin, source_id, page, post, telling, version, told_at) \
         SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[], \
           $9::bytea[], $10::bigint[]) \
         ON CONFLICT (site, comment) DO UPDATE SET vendor = EXCLUDED.vendor, origin = EXCLUDED.origin, \
           source_id = EXCLUDED.source_id, page = EXCLUDED.page, post = EXCLUDED.post, telling = EXCLUDED.telling, \
           version = EXCLUDED.version, told_at = EXCLUDED.told_at, \
           own_id = CASE WHEN EXCLUDED.telling = 'deleted' THEN NULL ELSE site_copies.own_id END",
        &parameters![
            *id.as_uuid(),
            copies.iter().map(|copy| *copy.comment.as_uuid()).collect::<Vec<Uuid>>(),
            texts(|copy| copy.vendor.as_str()),
            texts(|copy| &copy.origin),
            texts(|copy| &copy.source_id),
            copies.iter().map(|copy| *copy.page.as_uuid()).collect::<Vec<Uuid>>(),
            texts(|copy| &copy.post),
            texts(|copy| copy.telling.as_str()),
            copies.iter().map(|copy| copy.version.as_bytes().as_slice()).collect::<Vec<&[u8]>>(),
            times
        ],
    )
    .await?;
    tx.execute("UPDATE sites SET told_at = $2 WHERE id = $1", &parameters![*id.as_uuid(), last]).await?;
    Ok(())
}

pub(super) async fn told(tx: &Transaction, id: SiteId, after_ms: i64, limit: u32) -> DbResult<Vec<ToldCopy>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM site_copies WHERE site = $1 AND told_at > $2 AND (telling <> 'new' OR own_id IS NULL) \
         ORDER BY told_at LIMIT $3"
    );
    let rows = tx.query(&sql, &parameters![*id.as_uuid(), after_ms, i64::from(limit)]).await?;
    rows.iter().map(told_copy).collect()
}

pub(super) async fn look(tx: &Transaction, id: SiteId) -> DbResult<Option<String>> {
    let row = tx.first("SELECT look FROM sites WHERE id = $1", &parameters![*id.as_uuid()]).await?;
    Ok(row.map_or(Ok(None), |row| row.try_get(0))?)
}

pub(super) async fn adopt(
    tx: &Transaction,
    account: &AccountId,
    id: SiteId,
    origin: &Origin,
    kept: &[KeptCopy],
) -> DbResult<()> {
    // Locks the row, so that concurrent reports of what a site keeps are serialised.
    tx.first("SELECT told_at FROM sites WHERE id = $1 FOR UPDATE", &parameters![*id.as_uuid()]).await?;
    let comments: Vec<Uuid> = kept.iter().map(|copy| *copy.comment.as_uuid()).collect();
    let own_ids: Vec<String> = kept.iter().map(|copy| copy.own_id.clone()).collect();
    let source_ids: Vec<Option<String>> = kept.iter().map(|copy| copy.source_id.clone()).collect();
    tx.execute(
        "INSERT INTO adopted_comments (account, origin, source_id, comment) \
         SELECT $2, $3, coalesce(given.source_id, post || ':' || given.own_id), site_copies.comment \
         FROM unnest($4::uuid[], $5::text[], $6::text[]) AS given (comment, own_id, source_id) \
           JOIN site_copies ON site = $1 AND site_copies.comment = given.comment \
         ON CONFLICT DO NOTHING",
        &parameters![*id.as_uuid(), account.as_str(), origin.as_str(), comments.clone(), own_ids.clone(), source_ids],
    )
    .await?;
    tx.execute(
        "UPDATE site_copies SET own_id = given.own_id \
         FROM (SELECT comment, min(own_id) AS own_id FROM unnest($2::uuid[], $3::text[]) AS told (comment, own_id) \
           GROUP BY comment) AS given \
         WHERE site = $1 AND site_copies.comment = given.comment AND site_copies.own_id IS NULL",
        &parameters![*id.as_uuid(), comments, own_ids],
    )
    .await?;
    Ok(())
}

pub(super) async fn adopted(
    tx: &Transaction,
    account: &AccountId,
    origin: &Origin,
    source_ids: &BTreeSet<String>,
) -> DbResult<BTreeMap<String, CommentId>> {
    let rows = tx
        .query(
            "SELECT source_id, comment FROM adopted_comments \
             WHERE account = $1 AND origin = $2 AND source_id = ANY ($3)",
            &parameters![account.as_str(), origin.as_str(), source_ids.iter().cloned().collect::<Vec<String>>()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, CommentId::from_uuid(row.try_get(1)?)))).collect()
}

fn told_copy(row: &Row) -> DbResult<ToldCopy> {
    Ok(ToldCopy { at_ms: row.try_get(8)?, copy: copy(row)?, own_id: row.try_get(9)? })
}

fn copy(row: &Row) -> DbResult<SiteCopy> {
    let version: &[u8] = row.try_get(7)?;
    Ok(SiteCopy {
        comment: CommentId::from_uuid(row.try_get(0)?),
        vendor: text_of::<Vendor>("vendor", row.try_get(1)?)?,
        origin: row.try_get(2)?,
        source_id: row.try_get(3)?,
        page: PageId::from_uuid(row.try_get(4)?),
        post: row.try_get(5)?,
        telling: word("word", CopyEvent::from_word(row.try_get(6)?))?,
        version: Digest::from_bytes(version.try_into().map_err(|_| Failure::unreadable("version of a copy"))?),
    })
}
