//! The progress of a move.

use rethread_model::{AccountId, JobId, MoveTally};
use rethread_stores::rules::moves::Cursor;
use rethread_stores::stored_value::{json, of_json};

use crate::postgres::{DbResult, Transaction, parameters};

pub(super) struct Record {
    pub(super) no: i64,
    pub(super) cursor: Cursor,
    pub(super) tally: MoveTally,
    pub(super) complete: bool,
}

impl Record {
    /// The record of a job, created if it does not exist. Another transaction on it waits until
    /// this one ends.
    pub(super) async fn open(tx: &Transaction, account: &AccountId, job: JobId) -> DbResult<Self> {
        loop {
            if let Some(record) = Self::lock(tx, account, job).await? {
                return Ok(record);
            }
            // If another worker is faster, this waits for it and finds its row.
            tx.execute(
                "INSERT INTO moves (account, job, cursor_no, cursor_source_id, tally, complete) \
                 VALUES ($1, $2, 0, '', $3, FALSE) ON CONFLICT DO NOTHING",
                &parameters![account.as_str(), *job.as_uuid(), json(&MoveTally::default())?],
            )
            .await?;
        }
    }

    async fn lock(tx: &Transaction, account: &AccountId, job: JobId) -> DbResult<Option<Self>> {
        let sql = "SELECT no, cursor_no, cursor_source_id, tally, complete FROM moves \
                   WHERE account = $1 AND job = $2 FOR NO KEY UPDATE";
        let Some(row) = tx.first(sql, &parameters![account.as_str(), *job.as_uuid()]).await? else { return Ok(None) };
        Ok(Some(Self {
            no: row.try_get(0)?,
            cursor: Cursor { no: row.try_get(1)?, source_id: row.try_get(2)? },
            tally: of_json("tally", row.try_get(3)?)?,
            complete: row.try_get(4)?,
        }))
    }

    pub(super) async fn save(&self, tx: &Transaction) -> DbResult<()> {
        tx.execute(
            "UPDATE moves SET cursor_no = $2, cursor_source_id = $3, tally = $4, complete = $5 WHERE no = $1",
            &parameters![self.no, self.cursor.no, self.cursor.source_id.as_str(), json(&self.tally)?, self.complete],
        )
        .await?;
        Ok(())
    }
}
