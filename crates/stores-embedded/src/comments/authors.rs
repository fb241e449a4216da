//! The table of authors.

use rethread_model::{Author, Fingerprint, JobId, Signature};
use rethread_stores::rules::description::AuthorRank;
use rusqlite::{OptionalExtension, Transaction, params};

use crate::sqlite::DbResult;

/// A stored author.
#[derive(Debug, Clone)]
pub(super) struct StoredAuthor {
    pub(super) no: i64,
    /// See [`rethread_stores::rules::signature`].
    pub(super) usual: Signature,
    rank: AuthorRank,
}

fn find(tx: &Transaction<'_>, origin_no: i64, key: &str) -> DbResult<Option<StoredAuthor>> {
    let mut statement = tx.prepare_cached(
        "SELECT no, usual_name, usual_link, usual_avatar, name IS NOT NULL, as_of, described_by, fingerprint \
         FROM authors WHERE origin_no = ?1 AND key = ?2",
    )?;
    let found = statement.query_row(params![origin_no, key], |row| {
        Ok(StoredAuthor {
            no: row.get(0)?,
            usual: Signature { name: row.get(1)?, link: row.get(2)?, avatar: row.get(3)? },
            rank: AuthorRank {
                is_named: row.get(4)?,
                as_of: row.get(5)?,
                described_by: row.get(6)?,
                fingerprint: row.get(7)?,
            },
        })
    });
    Ok(found.optional()?)
}

/// The number of an author, of whom only the key may be known yet. `usual` is the usual signature
/// of a new one.
pub(super) fn find_or_add(
    tx: &Transaction<'_>,
    origin_no: i64,
    key: &str,
    usual: Option<&Signature>,
) -> DbResult<StoredAuthor> {
    if let Some(author) = find(tx, origin_no, key)? {
        return Ok(author);
    }
    let usual = usual.cloned().unwrap_or_default();
    tx.prepare_cached(
        "INSERT INTO authors (origin_no, key, usual_name, usual_link, usual_avatar) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![origin_no, key, usual.name, usual.link, usual.avatar])?;
    Ok(StoredAuthor { no: tx.last_insert_rowid(), usual, rank: AuthorRank::default() })
}

/// Writes a description, unless the stored one is kept.
pub(super) fn describe(
    tx: &Transaction<'_>,
    origin_no: i64,
    job: JobId,
    (fingerprint, author): &(Fingerprint, Author),
    usual: Option<&Signature>,
    updates: bool,
) -> DbResult<StoredAuthor> {
    let rank = AuthorRank::of(job, *fingerprint, author);
    let stored = find_or_add(tx, origin_no, &author.key, usual)?;
    if stored.rank.is_kept(rank, updates) {
        return Ok(stored);
    }
    let mut statement = tx.prepare_cached(
        "UPDATE authors SET name = ?2, email = ?3, link = ?4, avatar = ?5, moderator = ?6, as_of = ?7, \
         described_by = ?8, fingerprint = ?9 WHERE no = ?1",
    )?;
    statement.execute(params![
        stored.no,
        author.name,
        author.email,
        author.link,
        author.avatar,
        author.moderator,
        rank.as_of,
        rank.described_by,
        rank.fingerprint
    ])?;
    Ok(StoredAuthor { rank, ..stored })
}
