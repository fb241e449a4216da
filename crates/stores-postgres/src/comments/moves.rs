//! Moves of threads to other pages.

mod apply;
mod look;
mod record;

use rethread_model::{AccountId, JobId, Moving};
use rethread_stores::rules::moves::{Cursor, Decider, Outline, Relocation, Way};
use rethread_stores::{Error, ErrorKind, MovePreview, MoveStep};

use crate::postgres::{DbResult, Transaction, key, parameters};
use record::Record;

/// Moves the next threads of a job. Another worker on the same job waits until the transaction
/// ends.
pub(super) async fn step(
    tx: &Transaction,
    account: &AccountId,
    job: JobId,
    moving: &Moving,
    threads: u32,
) -> DbResult<MoveStep> {
    let way = way(tx, account, moving).await?;
    let mut record = Record::open(tx, account, job).await?;
    if !record.complete {
        let chunk = look::next(tx, account, &way, &record.cursor, threads).await?;
        record.tally += apply::apply(tx, account, record.no, &chunk.relocations).await?;
        record.tally.kept += chunk.kept;
        record.complete = chunk.is_last;
        record.cursor = chunk.cursor;
        record.save(tx).await?;
    }
    Ok(MoveStep { tally: record.tally, complete: record.complete })
}

/// What all steps together would do.
pub(super) async fn preview(tx: &Transaction, account: &AccountId, moving: &Moving) -> DbResult<MovePreview> {
    let way = way(tx, account, moving).await?;
    let mut outline = Outline::default();
    let mut cursor = Cursor::default();
    loop {
        let chunk = look::next(tx, account, &way, &cursor, u32::MAX).await?;
        let nos: Vec<i64> = chunk.relocations.iter().map(|relocation| relocation.thread.no).collect();
        let comments = apply::comments_on(tx, nos).await?;
        let there = apply::pages_with_comments(tx, account, chunk.relocations.iter().map(Relocation::to)).await?;
        outline.add(&chunk.relocations, &comments, &there);
        outline.keep(chunk.kept);
        if chunk.is_last {
            return Ok(outline.preview());
        }
        cursor = chunk.cursor;
    }
}

async fn way(tx: &Transaction, account: &AccountId, moving: &Moving) -> DbResult<Way> {
    let job = match moving {
        Moving::Rule(rule) => return Ok(Way::Rule(Decider::new(rule, key))),
        Moving::Undo { undo } => undo,
    };
    let sql = "SELECT no FROM moves WHERE account = $1 AND job = $2";
    match tx.first(sql, &parameters![account.as_str(), *job.as_uuid()]).await? {
        Some(row) => Ok(Way::Undo(row.try_get(0)?)),
        None => Err(Error::new(ErrorKind::NotFound, format!("there is no record of a move {job}")).into()),
    }
}
