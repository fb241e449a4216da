//! The table of authors.

use rethread_model::{Author, Fingerprint, JobId};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::sqlite::{Outcome, micros};

/// What decides which description stays: its time, then the newer import, then its fingerprint. All `None` until an
/// author is described.
type Rank = (Option<i64>, Option<[u8; 16]>, Option<[u8; 16]>);

fn find(tx: &Transaction<'_>, origin_no: i64, key: &str) -> Outcome<Option<(i64, Rank)>> {
    let mut statement = tx
        .prepare_cached("SELECT no, as_of, described_by, fingerprint FROM authors WHERE origin_no = ?1 AND key = ?2")?;
    let found =
        statement.query_row(params![origin_no, key], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))));
    Ok(found.optional()?)
}

/// The number of an author, of whom perhaps nothing but the key is known yet.
pub(super) fn find_or_add(tx: &Transaction<'_>, origin_no: i64, key: &str) -> Outcome<i64> {
    if let Some((no, _)) = find(tx, origin_no, key)? {
        return Ok(no);
    }
    tx.prepare_cached("INSERT INTO authors (origin_no, key) VALUES (?1, ?2)")?.execute(params![origin_no, key])?;
    Ok(tx.last_insert_rowid())
}

/// Writes a description where it ranks above the stored one.
pub(super) fn describe(
    tx: &Transaction<'_>,
    origin_no: i64,
    job: JobId,
    author: &Author,
    fingerprint: Fingerprint,
) -> Outcome<i64> {
    let rank: Rank = (micros(author.as_of), Some(*job.as_uuid().as_bytes()), Some(fingerprint.0));
    let no = match find(tx, origin_no, &author.key)? {
        Some((no, stored)) if stored >= rank => return Ok(no),
        Some((no, _)) => no,
        None => find_or_add(tx, origin_no, &author.key)?,
    };
    let mut statement = tx.prepare_cached(
        "UPDATE authors SET name = ?2, email = ?3, link = ?4, avatar = ?5, moderator = ?6, as_of = ?7, \
         described_by = ?8, fingerprint = ?9 WHERE no = ?1",
    )?;
    statement.execute(params![
        no,
        author.name,
        author.email,
        author.link,
        author.avatar,
        author.moderator,
        rank.0,
        rank.1,
        rank.2
    ])?;
    Ok(no)
}
