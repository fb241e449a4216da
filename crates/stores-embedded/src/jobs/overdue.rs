//! The one recovery mechanism: derives what should be in the queue from the state of the jobs. What
//! is returned for publication is recorded in the same transaction, so that no other caller
//! publishes it too.

use rethread_model::{SliceNumber, Task, TaskKind};
use rethread_stores::Overdue;
use rethread_stores::rules::needed_tasks::NeededTasks;
use rethread_stores::rules::redelivery::{Cutoff, RedeliveryState};
use rethread_stores::stored_value::of_json;
use rusqlite::{Row, Transaction, params};

use super::rows::Stored;
use super::{events, slices};
use crate::sqlite::{DbResult, text};

pub(super) fn overdue(tx: &Transaction<'_>, cutoff: Cutoff) -> DbResult<Overdue> {
    let mut tasks = Vec::new();
    for (stored, state) in unfinished(tx)? {
        let Stored { no, job } = &stored;
        let slice_progress = slices::slice_progress(tx, &stored)?;
        let kinds = match NeededTasks::of(job.state, job.phase, slice_progress) {
            NeededTasks::Nothing => Vec::new(),
            NeededTasks::OpenSlices => open_slices(tx, *no, cutoff)?,
            NeededTasks::One(kind) => match cutoff.publish(state) {
                Some(published) => {
                    record_job(tx, *no, published)?;
                    vec![kind]
                }
                None => Vec::new(),
            },
        };
        tasks.extend(kinds.into_iter().map(|kind| Task::of(job, kind)));
    }
    Ok(Overdue { tasks, events: events::to_deliver(tx, cutoff)? })
}

fn record_job(tx: &Transaction<'_>, no: i64, published: RedeliveryState) -> DbResult<()> {
    tx.prepare_cached("UPDATE jobs SET publish_count = ?2, published_at = ?3, not_before = ?4 WHERE no = ?1")?
        .execute(params![no, published.publish_count, published.published_at, published.not_before])?;
    Ok(())
}

fn open_slices(tx: &Transaction<'_>, job_no: i64, cutoff: Cutoff) -> DbResult<Vec<TaskKind>> {
    let mut statement = tx.prepare_cached(
        "SELECT updated_at, publish_count, published_at, not_before, number FROM slices \
         WHERE job_no = ?1 AND state = 'open' ORDER BY number",
    )?;
    let open = statement.query_map([job_no], |row| Ok((state(row)?, row.get(4)?)))?;
    let open: Vec<(RedeliveryState, u32)> = open.collect::<Result<_, _>>()?;
    let mut record = tx.prepare_cached(
        "UPDATE slices SET publish_count = ?3, published_at = ?4, not_before = ?5 WHERE job_no = ?1 AND number = ?2",
    )?;
    let mut due = Vec::new();
    for (state, number) in open {
        let Some(published) = cutoff.publish(state) else { continue };
        let RedeliveryState { publish_count, published_at, not_before, .. } = published;
        record.execute(params![job_no, number, publish_count, published_at, not_before])?;
        due.push(TaskKind::Slice { number: SliceNumber(number) });
    }
    Ok(due)
}

/// Jobs that have not ended, oldest first. Those that wait for a confirmation need nothing and are
/// not read.
fn unfinished(tx: &Transaction<'_>) -> DbResult<Vec<(Stored, RedeliveryState)>> {
    let mut statement = tx.prepare_cached(
        "SELECT updated_at, publish_count, published_at, not_before, no, document FROM jobs \
         WHERE state IN ('queued', 'running') OR (state = 'waiting' AND stopping) ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut unfinished = Vec::new();
    while let Some(row) = rows.next()? {
        let job = of_json("job", text(row, 5)?)?;
        unfinished.push((Stored { no: row.get(4)?, job }, state(row)?));
    }
    Ok(unfinished)
}

/// Parses the first four columns of a row.
fn state(row: &Row<'_>) -> rusqlite::Result<RedeliveryState> {
    Ok(RedeliveryState {
        moved_at: row.get(0)?,
        publish_count: row.get(1)?,
        published_at: row.get(2)?,
        not_before: row.get(3)?,
    })
}
