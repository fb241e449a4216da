//! Events published to sites.

use std::collections::{BTreeMap, BTreeSet};

use rethread_model::{AccountId, CommentId, Digest, Origin, PageId, SiteId, Timestamp, Vendor};
use rethread_stores::rules::sites::APART_MS;
use rethread_stores::stored_value::{millis, text_of, word};
use rethread_stores::{CopyEvent, KeptCopy, SiteCopy, ToldCopy};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use crate::sqlite::{DbResult, Failure, text};

const COLUMNS: &str = "comment, vendor, origin, source_id, page, post, telling, version, told_at, own_id";

pub(super) fn of_page(tx: &Transaction<'_>, id: SiteId, page: PageId) -> DbResult<Vec<ToldCopy>> {
    let sql = format!("SELECT {COLUMNS} FROM site_copies WHERE site = ?1 AND page = ?2");
    let mut statement = tx.prepare_cached(&sql)?;
    let mut rows = statement.query(params![id.to_string(), page.to_string()])?;
    let mut copies = Vec::new();
    while let Some(row) = rows.next()? {
        copies.push(told_copy(row)?);
    }
    Ok(copies)
}

pub(super) fn of_comments(tx: &Transaction<'_>, id: SiteId, comments: &[CommentId]) -> DbResult<Vec<ToldCopy>> {
    let sql = format!("SELECT {COLUMNS} FROM site_copies WHERE site = ?1 AND comment = ?2");
    let mut statement = tx.prepare_cached(&sql)?;
    let mut copies = Vec::new();
    for comment in comments {
        let mut rows = statement.query(params![id.to_string(), comment.to_string()])?;
        if let Some(row) = rows.next()? {
            copies.push(told_copy(row)?);
        }
    }
    Ok(copies)
}

pub(super) fn pages(tx: &Transaction<'_>, id: SiteId, after: Option<PageId>, limit: u32) -> DbResult<Vec<PageId>> {
    let mut statement = tx.prepare_cached(
        "SELECT DISTINCT page FROM site_copies WHERE site = ?1 AND page > ?2 AND telling <> 'deleted' \
         ORDER BY page LIMIT ?3",
    )?;
    let after = after.map(|page| page.to_string()).unwrap_or_default();
    let mut rows = statement.query(params![id.to_string(), after, limit])?;
    let mut pages = Vec::new();
    while let Some(row) = rows.next()? {
        pages.push(text_of("page id", text(row, 0)?)?);
    }
    Ok(pages)
}

pub(super) fn tell(tx: &Transaction<'_>, id: SiteId, copies: &[SiteCopy], at: Timestamp) -> DbResult<()> {
    let last: Option<i64> =
        tx.prepare_cached("SELECT told_at FROM sites WHERE id = ?1")?.query_row([id.to_string()], |row| row.get(0))?;
    let mut told_at = last.map_or(0, |last| last + APART_MS).max(millis(at));
    let mut statement = tx.prepare_cached(
        "INSERT INTO site_copies (site, comment, vendor, origin, source_id, page, post, telling, version, told_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (site, comment) DO UPDATE SET \
         vendor = ?3, origin = ?4, source_id = ?5, page = ?6, post = ?7, telling = ?8, version = ?9, told_at = ?10, \
         own_id = CASE WHEN ?8 = 'deleted' THEN NULL ELSE own_id END",
    )?;
    for copy in copies {
        statement.execute(params![
            id.to_string(),
            copy.comment.to_string(),
            copy.vendor.as_str(),
            copy.origin,
            copy.source_id,
            copy.page.to_string(),
            copy.post,
            copy.telling.as_str(),
            copy.version.as_bytes(),
            told_at,
        ])?;
        told_at += APART_MS;
    }
    tx.execute("UPDATE sites SET told_at = ?2 WHERE id = ?1", params![id.to_string(), told_at - APART_MS])?;
    Ok(())
}

pub(super) fn told(tx: &Transaction<'_>, id: SiteId, after_ms: i64, limit: u32) -> DbResult<Vec<ToldCopy>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM site_copies WHERE site = ?1 AND told_at > ?2 AND (telling <> 'new' OR own_id IS NULL) \
         ORDER BY told_at LIMIT ?3"
    );
    let mut statement = tx.prepare_cached(&sql)?;
    let mut rows = statement.query(params![id.to_string(), after_ms, limit])?;
    let mut told = Vec::new();
    while let Some(row) = rows.next()? {
        told.push(told_copy(row)?);
    }
    Ok(told)
}

pub(super) fn look(tx: &Transaction<'_>, id: SiteId) -> DbResult<Option<String>> {
    let mut statement = tx.prepare_cached("SELECT look FROM sites WHERE id = ?1")?;
    Ok(statement.query_row([id.to_string()], |row| row.get(0)).optional()?.flatten())
}

pub(super) fn adopt(
    tx: &Transaction<'_>,
    account: &AccountId,
    id: SiteId,
    origin: &Origin,
    kept: &[KeptCopy],
) -> DbResult<()> {
    let mut adopt = tx.prepare_cached(
        "INSERT INTO adopted_comments (account, origin, source_id, comment) \
         SELECT ?3, ?4, ifnull(?6, post || ':' || ?5), comment FROM site_copies WHERE site = ?1 AND comment = ?2 \
         ON CONFLICT DO NOTHING",
    )?;
    let mut number =
        tx.prepare_cached("UPDATE site_copies SET own_id = ?3 WHERE site = ?1 AND comment = ?2 AND own_id IS NULL")?;
    for KeptCopy { comment, own_id, source_id } in kept {
        let (id, comment) = (id.to_string(), comment.to_string());
        adopt.execute(params![id, comment, account.as_str(), origin.as_str(), own_id, source_id])?;
        number.execute(params![id, comment, own_id])?;
    }
    Ok(())
}

pub(super) fn adopted(
    tx: &Transaction<'_>,
    account: &AccountId,
    origin: &Origin,
    source_ids: &BTreeSet<String>,
) -> DbResult<BTreeMap<String, CommentId>> {
    let mut statement = tx
        .prepare_cached("SELECT comment FROM adopted_comments WHERE account = ?1 AND origin = ?2 AND source_id = ?3")?;
    let mut adopted = BTreeMap::new();
    for source_id in source_ids {
        let found = statement
            .query_row(params![account.as_str(), origin.as_str(), source_id], |row| row.get::<_, String>(0))
            .optional()?;
        if let Some(comment) = found {
            adopted.insert(source_id.clone(), text_of("comment id", &comment)?);
        }
    }
    Ok(adopted)
}

fn told_copy(row: &Row<'_>) -> DbResult<ToldCopy> {
    Ok(ToldCopy { at_ms: row.get(8)?, copy: copy(row)?, own_id: row.get(9)? })
}

fn copy(row: &Row<'_>) -> DbResult<SiteCopy> {
    let version: Vec<u8> = row.get(7)?;
    let text = |column: usize| -> DbResult<String> { Ok(row.get(column)?) };
    Ok(SiteCopy {
        comment: text_of("comment id", &text(0)?)?,
        vendor: text_of::<Vendor>("vendor", &text(1)?)?,
        origin: text(2)?,
        source_id: text(3)?,
        page: text_of("page id", &text(4)?)?,
        post: text(5)?,
        telling: word("word", CopyEvent::from_word(&text(6)?))?,
        version: Digest::from_bytes(version.try_into().map_err(|_| Failure::unreadable("version of a copy"))?),
    })
}
