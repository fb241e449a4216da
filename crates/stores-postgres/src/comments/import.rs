//! Imports and their checkpoints.

use rethread_model::{AccountId, CommittedStep, DateRange, JobId, Step, Tally, Written};
use rethread_stores::stored_value::{from_micros, json, micros, of_json, signed, unsigned, word};
use rethread_stores::{Checkpoint, Error, ErrorKind, Target};
use tokio_postgres::Row;

use crate::postgres::{DbResult, Transaction, parameters};

/// A running import. It is not deleted while the transaction lasts.
pub(super) struct Import {
    pub(super) no: i64,
}

struct Found {
    no: i64,
    is_open: bool,
    tally: Option<String>,
}

async fn find(tx: &Transaction, account: &AccountId, job: JobId) -> DbResult<Option<Found>> {
    let sql = "SELECT no, state = 'open', tally FROM imports WHERE account = $1 AND job = $2";
    let row = tx.first(sql, &parameters![account.as_str(), *job.as_uuid()]).await?;
    row.map(|row| Ok(Found { no: row.try_get(0)?, is_open: row.try_get(1)?, tally: row.try_get(2)? })).transpose()
}

/// The number of an import, whatever its state.
pub(super) async fn number(tx: &Transaction, account: &AccountId, job: JobId) -> DbResult<Option<i64>> {
    Ok(find(tx, account, job).await?.map(|found| found.no))
}

/// How far a step was written. Every step of a deleted import is complete, so that a worker with a
/// stale task ignores it.
pub(super) async fn checkpoint(tx: &Transaction, account: &AccountId, job: JobId, step: Step) -> DbResult<Checkpoint> {
    match find(tx, account, job).await? {
        None => Ok(Checkpoint::default()),
        Some(found) if !found.is_open => Ok(Checkpoint { complete: true, ..Checkpoint::default() }),
        Some(found) => Ok(read(tx, found.no, step, "").await?.map(|(checkpoint, _)| checkpoint).unwrap_or_default()),
    }
}

/// The sum of an import's counts; kept after the cleanup.
pub(super) async fn tally(tx: &Transaction, account: &AccountId, job: JobId) -> DbResult<Tally> {
    let Some(found) = find(tx, account, job).await? else { return Ok(Tally::default()) };
    match found.tally {
        Some(sum) => Ok(of_json("tally", &sum)?),
        None => sum(tx, found.no).await,
    }
}

/// The state of an import that has not ended.
pub(super) async fn written(tx: &Transaction, account: &AccountId, job: JobId) -> DbResult<Written> {
    let mut written = Written::default();
    let Some(Found { no, is_open, .. }) = find(tx, account, job).await? else { return Ok(written) };
    if !is_open {
        return Ok(Written { has_ended: true, ..written });
    }
    // A single statement, so that both are from the same moment at any isolation level.
    let sql = "SELECT step, complete, position, frames, tally, \
                 (SELECT count(*) FROM ledgers JOIN ledger_comments ON ledger_comments.ledger_no = ledgers.no \
                  WHERE ledgers.import_no = $1 AND thread_no IS NOT NULL) \
               FROM checkpoints WHERE import_no = $1";
    for row in tx.query(sql, &parameters![no]).await? {
        let step = word("step", Step::from_number(row.try_get(0)?))?;
        let committed = CommittedStep {
            complete: row.try_get(1)?,
            position: row.try_get::<_, Option<i64>>(2)?.map(unsigned).transpose()?,
            frames: of_json("frames", row.try_get(3)?)?,
            tally: of_json("tally", row.try_get(4)?)?,
        };
        written.steps.insert(step, committed);
        written.ledger_comments = row.try_get(5)?;
    }
    Ok(written)
}

/// The sum of the checkpoints of an import.
pub(super) async fn sum(tx: &Transaction, import_no: i64) -> DbResult<Tally> {
    let mut sum = Tally::default();
    for row in tx.query("SELECT tally FROM checkpoints WHERE import_no = $1", &parameters![import_no]).await? {
        sum += &of_json("tally", row.try_get(0)?)?;
    }
    Ok(sum)
}

/// The range of times of the comments of all steps; `None` once the import is cleaned up.
pub(super) async fn dates(tx: &Transaction, account: &AccountId, job: JobId) -> DbResult<Option<DateRange>> {
    let Some(found) = find(tx, account, job).await? else { return Ok(None) };
    let sql = "SELECT min(first_comment_at), max(last_comment_at) FROM checkpoints WHERE import_no = $1";
    let row = tx.first(sql, &parameters![found.no]).await?;
    row.map_or(Ok(None), |row| range(&row, 0))
}

/// Parses two columns of a row.
fn range(row: &Row, column: usize) -> DbResult<Option<DateRange>> {
    let (first, last) = (from_micros(row.try_get(column)?)?, from_micros(row.try_get(column + 1)?)?);
    Ok(first.zip(last).map(|(first, last)| DateRange { first, last }))
}

/// A checkpoint and its cursor. `lock` is a locking clause, or empty.
async fn read(
    tx: &Transaction,
    import_no: i64,
    step: Step,
    lock: &str,
) -> DbResult<Option<(Checkpoint, Option<String>)>> {
    let sql = format!(
        "SELECT batches, position, complete, tally, cursor, first_comment_at, last_comment_at, frames FROM checkpoints \
         WHERE import_no = $1 AND step = $2 {lock}"
    );
    let Some(row) = tx.first(&sql, &parameters![import_no, step.to_number()]).await? else { return Ok(None) };
    let checkpoint = Checkpoint {
        batches: unsigned(row.try_get(0)?)?,
        position: row.try_get::<_, Option<i64>>(1)?.map(unsigned).transpose()?,
        complete: row.try_get(2)?,
        frames: of_json("frames", row.try_get(7)?)?,
        tally: of_json("tally", row.try_get(3)?)?,
        dates: range(&row, 5)?,
    };
    Ok(Some((checkpoint, row.try_get(4)?)))
}

impl Import {
    /// The import of a target, which is created if it is new. Fails with [`ErrorKind::Conflict`]
    /// when it was cleaned up: without a ledger, its comments cannot be distinguished from others.
    pub(super) async fn open(tx: &Transaction, target: &Target) -> DbResult<Self> {
        loop {
            if let Some(import) = Self::lock(tx, target).await? {
                return Ok(import);
            }
            // If another worker is faster, this waits for it and finds its row.
            tx.execute(
                "INSERT INTO imports (account, job, state) VALUES ($1, $2, 'open') ON CONFLICT DO NOTHING",
                &parameters![target.scope.account.as_str(), *target.job.as_uuid()],
            )
            .await?;
        }
    }

    /// Many transactions may hold the lock at once; the cleanup waits for all of them.
    async fn lock(tx: &Transaction, target: &Target) -> DbResult<Option<Self>> {
        let sql = "SELECT no, state = 'open' FROM imports WHERE account = $1 AND job = $2 FOR SHARE";
        let row = tx.first(sql, &parameters![target.scope.account.as_str(), *target.job.as_uuid()]).await?;
        let Some(row) = row else { return Ok(None) };
        if !row.try_get::<_, bool>(1)? {
            return Err(Error::new(ErrorKind::Conflict, format!("import {} has ended", target.job)).into());
        }
        Ok(Some(Self { no: row.try_get(0)? }))
    }

    /// The checkpoint of a step and its cursor. Another transaction on the same step waits until
    /// this one ends.
    pub(super) async fn checkpoint(&self, tx: &Transaction, step: Step) -> DbResult<(Checkpoint, Option<String>)> {
        loop {
            if let Some(found) = read(tx, self.no, step, "FOR UPDATE").await? {
                return Ok(found);
            }
            let tally = json(&Tally::default())?;
            tx.execute(
                "INSERT INTO checkpoints (import_no, step, batches, complete, tally) VALUES ($1, $2, 0, FALSE, $3) \
                 ON CONFLICT DO NOTHING",
                &parameters![self.no, step.to_number(), tally],
            )
            .await?;
        }
    }

    /// Advances a checkpoint returned by [`Import::checkpoint`].
    pub(super) async fn save(
        &self,
        tx: &Transaction,
        step: Step,
        checkpoint: &Checkpoint,
        cursor: Option<&str>,
    ) -> DbResult<()> {
        let position = checkpoint.position.map(signed).transpose()?;
        let (tally, frames) = (json(&checkpoint.tally)?, json(&checkpoint.frames)?);
        tx.execute(
            "UPDATE checkpoints SET batches = $3, position = $4, complete = $5, tally = $6, cursor = $7, \
               first_comment_at = $8, last_comment_at = $9, frames = $10 \
             WHERE import_no = $1 AND step = $2",
            &parameters![
                self.no,
                step.to_number(),
                signed(checkpoint.batches)?,
                position,
                checkpoint.complete,
                tally,
                cursor,
                micros(checkpoint.dates.map(|dates| dates.first)),
                micros(checkpoint.dates.map(|dates| dates.last)),
                frames
            ],
        )
        .await?;
        Ok(())
    }
}
