//! The content of a running import's file for one origin: one short row for each comment and
//! thread. It makes duplicates, orphans, counts and dry runs exact, whatever the order in which the
//! file is written. It also includes stored threads that lose a comment to another thread, so that
//! their page is counted again at the end.

use std::collections::BTreeSet;

use rethread_model::{Fingerprint, Outcome, Position, Status, Thread};
use rethread_stores::rules::reply_graph::ThreadComment;
use rethread_stores::rules::resolve_batch::{Accepted, LedgerEntry};
use rethread_stores::rules::signature::shared_addresses;
use rethread_stores::stored_value::{signed, unsigned, word};
use rusqlite::{CachedStatement, OptionalExtension, Row, Transaction, params};

use super::lookup::{Lookup, read_ids};
use crate::sqlite::{DbResult, text};

/// The ledger of one origin of an import.
pub(super) struct Ledger<'a> {
    tx: &'a Transaction<'a>,
    ledger_no: i64,
}

/// A comment of the file.
pub(super) struct Entry {
    pub(super) at: Position,
    /// `None` for a refused one.
    pub(super) taken: Option<AcceptedComment>,
}

impl Entry {
    /// What matters for other records with its id.
    pub(super) fn summary(&self) -> LedgerEntry {
        let accepted =
            |taken: &AcceptedComment| Accepted { status: taken.status, outcome: taken.outcome, prior: taken.prior };
        LedgerEntry { at: self.at, accepted: self.taken.as_ref().map(accepted) }
    }
}

/// An accepted comment of the file.
pub(super) struct AcceptedComment {
    /// The number of its thread in the ledger.
    pub(super) thread_no: i64,
    /// The number of its row; `None` in a dry run.
    pub(super) comment_no: Option<i64>,
    pub(super) parent: Option<String>,
    pub(super) status: Status,
    pub(super) outcome: Outcome,
    /// What was stored before this import.
    pub(super) prior: Option<Fingerprint>,
    /// See [`rethread_stores::rules::signature::address_and_name`].
    pub(super) address_and_name: Option<(i64, i64)>,
}

/// A thread of the file.
pub(super) struct LedgerThread {
    pub(super) no: i64,
    pub(super) source_id: String,
    /// Whether the file describes it.
    pub(super) is_described: bool,
    /// The page's address, if the file has it.
    pub(super) url: Option<String>,
}

/// The result of adding a description.
pub(super) struct Described {
    pub(super) no: i64,
    /// The file had not described this thread before.
    pub(super) is_new: bool,
    /// It is the one of the file's descriptions so far that is kept.
    pub(super) is_latest: bool,
}

const LOOKUP: Lookup = Lookup {
    count: "SELECT count(*) FROM (\
              SELECT 1 FROM ledger_comments WHERE ledger_no = ?1 AND source_id BETWEEN ?2 AND ?3 LIMIT ?4)",
    between: "SELECT source_id, part, offset, thread_no, comment_no, parent, status, outcome, prior, address_hash, name_hash \
              FROM ledger_comments WHERE ledger_no = ?1 AND source_id BETWEEN ?2 AND ?3",
};

/// The statement for [`Ledger::put`], prepared once for all comments of a batch.
pub(super) fn putting<'a>(tx: &'a Transaction<'_>) -> DbResult<CachedStatement<'a>> {
    Ok(tx.prepare_cached(
        "INSERT OR REPLACE INTO ledger_comments \
         (ledger_no, source_id, part, offset, thread_no, comment_no, parent, status, outcome, prior, \
          address_hash, name_hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?)
}

/// The first comment of each e-mail address that signed under too many names in the file.
pub(super) fn shared(tx: &Transaction<'_>, import_no: i64) -> DbResult<Vec<(Position, String)>> {
    let mut statement = tx.prepare_cached(&shared_addresses("offset", "?1"))?;
    let mut rows = statement.query([import_no])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let at = Position { part: row.get(0)?, offset: unsigned(row.get(1)?)? };
        found.push((at, row.get(2)?));
    }
    Ok(found)
}

impl<'a> Ledger<'a> {
    pub(super) const fn new(tx: &'a Transaction<'a>, ledger_no: i64) -> Self {
        Self { tx, ledger_no }
    }

    pub(super) fn find(&self, source_id: &str) -> DbResult<Option<Entry>> {
        let mut statement = self.tx.prepare_cached(LOOKUP.between)?;
        let mut rows = statement.query(params![self.ledger_no, source_id, source_id])?;
        rows.next()?.map(entry).transpose()
    }

    /// Calls `found` for each entry with one of these source ids.
    pub(super) fn find_all(&self, ids: &BTreeSet<&str>, mut found: impl FnMut(String, Entry)) -> DbResult<()> {
        read_ids(self.tx, &LOOKUP, self.ledger_no, ids, |row| {
            found(row.get(0)?, entry(row)?);
            Ok(())
        })
    }

    /// Writes a comment to the ledger, replacing an older entry with its id.
    pub(super) fn put(
        &self,
        putting: &mut CachedStatement<'_>,
        source_id: &str,
        at: Position,
        taken: Option<&AcceptedComment>,
    ) -> DbResult<()> {
        putting.execute(params![
            self.ledger_no,
            source_id,
            at.part,
            signed(at.offset)?,
            taken.map(|taken| taken.thread_no),
            taken.and_then(|taken| taken.comment_no),
            taken.and_then(|taken| taken.parent.as_deref()),
            taken.map(|taken| taken.status.as_str()),
            taken.map(|taken| taken.outcome.as_str()),
            taken.and_then(|taken| taken.prior.map(|prior| prior.0)),
            taken.and_then(|taken| taken.address_and_name.map(|(address, _)| address)),
            taken.and_then(|taken| taken.address_and_name.map(|(_, name)| name)),
        ])?;
        Ok(())
    }

    /// The accepted comments of a thread.
    pub(super) fn comments_of(&self, thread_no: i64) -> DbResult<Vec<ThreadComment>> {
        let mut statement = self.tx.prepare_cached(
            "SELECT source_id, part, offset, parent, comment_no, outcome = ?2 FROM ledger_comments WHERE thread_no = ?1",
        )?;
        let mut rows = statement.query(params![thread_no, Outcome::Created.as_str()])?;
        let mut comments = Vec::new();
        while let Some(row) = rows.next()? {
            comments.push(ThreadComment {
                source_id: row.get(0)?,
                at: Position { part: row.get(1)?, offset: unsigned(row.get(2)?)? },
                parent: row.get(3)?,
                comment_no: row.get(4)?,
                is_created: row.get(5)?,
            });
        }
        Ok(comments)
    }

    /// The thread after the source id `after`, in order of source ids, which are never empty.
    pub(super) fn thread_after(&self, after: &str) -> DbResult<Option<LedgerThread>> {
        let mut statement = self.tx.prepare_cached(
            "SELECT no, source_id, fingerprint IS NOT NULL, url FROM ledger_threads \
             WHERE ledger_no = ?1 AND source_id > ?2 ORDER BY source_id LIMIT 1",
        )?;
        let found = statement.query_row(params![self.ledger_no, after], |row| {
            Ok(LedgerThread { no: row.get(0)?, source_id: row.get(1)?, is_described: row.get(2)?, url: row.get(3)? })
        });
        Ok(found.optional()?)
    }

    /// The number of a thread, which is added if the file has not mentioned it before.
    pub(super) fn find_or_add_thread(&self, source_id: &str) -> DbResult<i64> {
        let mut statement =
            self.tx.prepare_cached("SELECT no FROM ledger_threads WHERE ledger_no = ?1 AND source_id = ?2")?;
        if let Some(no) = statement.query_row(params![self.ledger_no, source_id], |row| row.get(0)).optional()? {
            return Ok(no);
        }
        self.tx
            .prepare_cached("INSERT INTO ledger_threads (ledger_no, source_id) VALUES (?1, ?2)")?
            .execute(params![self.ledger_no, source_id])?;
        Ok(self.tx.last_insert_rowid())
    }

    /// Adds a description of a thread. Of several in one file, the one with the greatest
    /// fingerprint is kept.
    pub(super) fn describe_thread(&self, thread: &Thread, fingerprint: Fingerprint) -> DbResult<Described> {
        let no = self.find_or_add_thread(&thread.source_id)?;
        let mut statement = self.tx.prepare_cached("SELECT fingerprint FROM ledger_threads WHERE no = ?1")?;
        let other = statement.query_row([no], |row| row.get::<_, Option<[u8; 16]>>(0))?.map(Fingerprint);
        let is_latest = other.is_none_or(|other| other < fingerprint);
        if is_latest {
            self.tx
                .prepare_cached("UPDATE ledger_threads SET url_id = ?2, url = ?3, fingerprint = ?4 WHERE no = ?1")?
                .execute(params![no, thread.url_id, thread.url, fingerprint.0])?;
        }
        Ok(Described { no, is_new: other.is_none(), is_latest })
    }
}

fn entry(row: &Row<'_>) -> DbResult<Entry> {
    let at = Position { part: row.get(1)?, offset: unsigned(row.get(2)?)? };
    let thread_no: Option<i64> = row.get(3)?;
    let taken = match thread_no {
        None => None,
        Some(thread_no) => Some(AcceptedComment {
            thread_no,
            comment_no: row.get(4)?,
            parent: row.get(5)?,
            status: word("status", Status::from_word(text(row, 6)?))?,
            outcome: word("outcome", Outcome::from_word(text(row, 7)?))?,
            prior: row.get::<_, Option<[u8; 16]>>(8)?.map(Fingerprint),
            address_and_name: row.get::<_, Option<i64>>(9)?.zip(row.get(10)?),
        }),
    };
    Ok(Entry { at, taken })
}
