//! Imports and their checkpoints.

use rethread_model::{AccountId, CommittedStep, DateRange, JobId, Step, Tally, Written};
use rethread_stores::stored_value::{from_micros, json, micros, of_json, signed, unsigned, word};
use rethread_stores::{Checkpoint, Error, ErrorKind, Target};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::sqlite::{DbResult, text};

/// A running import.
pub(super) struct Import {
    pub(super) no: i64,
}

struct Found {
    no: i64,
    is_open: bool,
    tally: Option<String>,
}

fn find(tx: &Transaction<'_>, account: &AccountId, job: JobId) -> DbResult<Option<Found>> {
    let mut statement =
        tx.prepare_cached("SELECT no, state = 'open', tally FROM imports WHERE account = ?1 AND job = ?2")?;
    let found = statement.query_row(params![account.as_str(), job.to_string()], |row| {
        Ok(Found { no: row.get(0)?, is_open: row.get(1)?, tally: row.get(2)? })
    });
    Ok(found.optional()?)
}

/// The number of an import, whatever its state.
pub(super) fn number(tx: &Transaction<'_>, account: &AccountId, job: JobId) -> DbResult<Option<i64>> {
    Ok(find(tx, account, job)?.map(|found| found.no))
}

/// How far a step was written. Every step of a deleted import is complete, so that a worker with a
/// stale task ignores it.
pub(super) fn checkpoint(tx: &Transaction<'_>, account: &AccountId, job: JobId, step: Step) -> DbResult<Checkpoint> {
    match find(tx, account, job)? {
        None => Ok(Checkpoint::default()),
        Some(found) if !found.is_open => Ok(Checkpoint { complete: true, ..Checkpoint::default() }),
        Some(found) => Ok(Import { no: found.no }.checkpoint(tx, step)?.0),
    }
}

/// The sum of an import's counts; kept after the cleanup.
pub(super) fn tally(tx: &Transaction<'_>, account: &AccountId, job: JobId) -> DbResult<Tally> {
    let Some(found) = find(tx, account, job)? else { return Ok(Tally::default()) };
    match found.tally {
        Some(sum) => Ok(of_json("tally", &sum)?),
        None => Import { no: found.no }.tally(tx),
    }
}

/// See [`rethread_stores::ImportBookkeeping::written`].
pub(super) fn written(tx: &Transaction<'_>, account: &AccountId, job: JobId) -> DbResult<Written> {
    let mut written = Written::default();
    let Some(Found { no, is_open, .. }) = find(tx, account, job)? else { return Ok(written) };
    if !is_open {
        return Ok(Written { has_ended: true, ..written });
    }
    let mut statement =
        tx.prepare_cached("SELECT step, complete, position, frames, tally FROM checkpoints WHERE import_no = ?1")?;
    let mut rows = statement.query([no])?;
    while let Some(row) = rows.next()? {
        let step = word("step", Step::from_number(row.get(0)?))?;
        let committed = CommittedStep {
            complete: row.get(1)?,
            position: row.get::<_, Option<i64>>(2)?.map(unsigned).transpose()?,
            frames: of_json("frames", text(row, 3)?)?,
            tally: of_json("tally", text(row, 4)?)?,
        };
        written.steps.insert(step, committed);
    }
    let mut statement = tx.prepare_cached(
        "SELECT count(*) FROM ledgers JOIN ledger_comments ON ledger_comments.ledger_no = ledgers.no \
         WHERE ledgers.import_no = ?1 AND thread_no IS NOT NULL",
    )?;
    written.ledger_comments = statement.query_row([no], |row| row.get(0))?;
    Ok(written)
}

/// The range of times of the comments of all steps; `None` once the import is cleaned up.
pub(super) fn dates(tx: &Transaction<'_>, account: &AccountId, job: JobId) -> DbResult<Option<DateRange>> {
    let Some(found) = find(tx, account, job)? else { return Ok(None) };
    let mut statement =
        tx.prepare_cached("SELECT min(first_comment_at), max(last_comment_at) FROM checkpoints WHERE import_no = ?1")?;
    let mut rows = statement.query([found.no])?;
    rows.next()?.map_or(Ok(None), |row| range(row, 0))
}

/// Parses two columns of a row.
fn range(row: &Row<'_>, column: usize) -> DbResult<Option<DateRange>> {
    let (first, last) = (from_micros(row.get(column)?)?, from_micros(row.get(column + 1)?)?);
    Ok(first.zip(last).map(|(first, last)| DateRange { first, last }))
}

impl Import {
    /// The import of a target, which is created if it is new. Fails with [`ErrorKind::Conflict`]
    /// when it was cleaned up: without a ledger, its comments cannot be distinguished from others.
    pub(super) fn open(tx: &Transaction<'_>, target: &Target) -> DbResult<Self> {
        let account = &target.scope.account;
        match find(tx, account, target.job)? {
            Some(found) if found.is_open => Ok(Self { no: found.no }),
            Some(_) => Err(Error::new(ErrorKind::Conflict, format!("import {} has ended", target.job)).into()),
            None => {
                tx.execute(
                    "INSERT INTO imports (account, job, state) VALUES (?1, ?2, 'open')",
                    params![account.as_str(), target.job.to_string()],
                )?;
                Ok(Self { no: tx.last_insert_rowid() })
            }
        }
    }

    /// The checkpoint of a step and its cursor.
    pub(super) fn checkpoint(&self, tx: &Transaction<'_>, step: Step) -> DbResult<(Checkpoint, Option<String>)> {
        let mut statement = tx.prepare_cached(
            "SELECT batches, position, complete, tally, cursor, first_comment_at, last_comment_at, frames \
             FROM checkpoints WHERE import_no = ?1 AND step = ?2",
        )?;
        let mut rows = statement.query(params![self.no, step.to_number()])?;
        let Some(row) = rows.next()? else { return Ok((Checkpoint::default(), None)) };
        let checkpoint = Checkpoint {
            batches: unsigned(row.get(0)?)?,
            position: row.get::<_, Option<i64>>(1)?.map(unsigned).transpose()?,
            complete: row.get(2)?,
            tally: of_json("tally", text(row, 3)?)?,
            frames: of_json("frames", text(row, 7)?)?,
            dates: range(row, 5)?,
        };
        Ok((checkpoint, row.get(4)?))
    }

    pub(super) fn save(
        &self,
        tx: &Transaction<'_>,
        step: Step,
        checkpoint: &Checkpoint,
        cursor: Option<&str>,
    ) -> DbResult<()> {
        let mut statement = tx.prepare_cached(
            "INSERT INTO checkpoints (import_no, step, batches, position, complete, tally, cursor, first_comment_at, \
               last_comment_at, frames) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (import_no, step) DO UPDATE SET \
             batches = ?3, position = ?4, complete = ?5, tally = ?6, cursor = ?7, first_comment_at = ?8, \
             last_comment_at = ?9, frames = ?10",
        )?;
        statement.execute(params![
            self.no,
            step.to_number(),
            signed(checkpoint.batches)?,
            checkpoint.position.map(signed).transpose()?,
            checkpoint.complete,
            json(&checkpoint.tally)?,
            cursor,
            micros(checkpoint.dates.map(|dates| dates.first)),
            micros(checkpoint.dates.map(|dates| dates.last)),
            json(&checkpoint.frames)?,
        ])?;
        Ok(())
    }

    pub(super) fn tally(&self, tx: &Transaction<'_>) -> DbResult<Tally> {
        let mut statement = tx.prepare_cached("SELECT tally FROM checkpoints WHERE import_no = ?1")?;
        let mut rows = statement.query([self.no])?;
        let mut sum = Tally::default();
        while let Some(row) = rows.next()? {
            sum += &of_json("tally", text(row, 0)?)?;
        }
        Ok(sum)
    }
}
