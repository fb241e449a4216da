//! The progress of a move.

use rethread_model::{AccountId, JobId, MoveTally};
use rethread_stores::rules::moves::Cursor;
use rethread_stores::stored_value::{json, of_json};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::sqlite::DbResult;

pub(super) struct Record {
    pub(super) no: i64,
    pub(super) cursor: Cursor,
    pub(super) tally: MoveTally,
    pub(super) complete: bool,
}

impl Record {
    /// The record of a job, created if it does not exist.
    pub(super) fn open(tx: &Transaction<'_>, account: &AccountId, job: JobId) -> DbResult<Self> {
        let mut statement = tx.prepare_cached(
            "SELECT no, cursor_no, cursor_source_id, complete, tally FROM moves WHERE account = ?1 AND job = ?2",
        )?;
        let found = statement.query_row(params![account.as_str(), job.to_string()], |row| {
            let cursor = Cursor { no: row.get(1)?, source_id: row.get(2)? };
            let record = Self { no: row.get(0)?, cursor, tally: MoveTally::default(), complete: row.get(3)? };
            Ok((record, row.get::<_, String>(4)?))
        });
        if let Some((record, tally)) = found.optional()? {
            return Ok(Self { tally: of_json("tally", &tally)?, ..record });
        }
        tx.prepare_cached(
            "INSERT INTO moves (account, job, cursor_no, cursor_source_id, tally, complete) \
             VALUES (?1, ?2, 0, '', ?3, FALSE)",
        )?
        .execute(params![account.as_str(), job.to_string(), json(&MoveTally::default())?])?;
        let no = tx.last_insert_rowid();
        Ok(Self { no, cursor: Cursor::default(), tally: MoveTally::default(), complete: false })
    }

    pub(super) fn save(&self, tx: &Transaction<'_>) -> DbResult<()> {
        tx.prepare_cached(
            "UPDATE moves SET cursor_no = ?2, cursor_source_id = ?3, tally = ?4, complete = ?5 WHERE no = ?1",
        )?
        .execute(params![
            self.no,
            self.cursor.no,
            self.cursor.source_id,
            json(&self.tally)?,
            self.complete
        ])?;
        Ok(())
    }
}
