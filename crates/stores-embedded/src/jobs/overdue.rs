//! The one recovery mechanism: derives what should be in the queue from the state of the jobs. What
//! is returned for publication is recorded in the same transaction, so that no other caller
//! publishes it too.

use rethread_model::{Phase, SliceNumber, Task, TaskKind, Timestamp};
use rusqlite::{Row, Transaction, params};

use super::rows::Stored;
use super::{events, slices};
use crate::sqlite::{DbResult, of_json};
use rethread_stores::Overdue;
use rethread_stores::rules::redelivery::RedeliveryState;

/// The cut-off time and the current time.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub(super) before: Timestamp,
    pub(super) now: Timestamp,
}

impl Moment {
    pub(super) fn is_due(self, state: &RedeliveryState) -> bool {
        state.is_due(self.before, self.now)
    }
}

pub(super) fn overdue(tx: &Transaction<'_>, moment: Moment) -> DbResult<Overdue> {
    let mut tasks = Vec::new();
    for (stored, state) in unfinished(tx)? {
        let slice_progress = slices::slice_progress(tx, &stored)?;
        let kinds = match stored.job.phase {
            // One slice may stall while others of its job move, so each has its own time.
            Phase::Importing if slice_progress.open > 0 => open_slices(tx, stored.no, moment)?,
            _ if !moment.is_due(&state) => Vec::new(),
            phase => {
                note_job(tx, stored.no, state.published(moment.now))?;
                vec![match phase {
                    // Nothing is open although there is something left to read: a worker died
                    // between the end of a slice and the opening of the next one.
                    Phase::Importing if !slice_progress.is_read() => TaskKind::Plan,
                    _ if stored.job.stopping => TaskKind::Finish,
                    phase => phase.task().unwrap_or(TaskKind::Finish),
                }]
            }
        };
        tasks.extend(kinds.into_iter().map(|kind| Task::of(&stored.job, kind)));
    }
    Ok(Overdue { tasks, events: events::to_deliver(tx, moment)? })
}

fn note_job(tx: &Transaction<'_>, no: i64, after: RedeliveryState) -> DbResult<()> {
    tx.prepare_cached("UPDATE jobs SET publish_count = ?2, published_at = ?3, not_before = ?4 WHERE no = ?1")?
        .execute(params![no, after.publish_count, after.published_at, after.not_before])?;
    Ok(())
}

fn open_slices(tx: &Transaction<'_>, job_no: i64, moment: Moment) -> DbResult<Vec<TaskKind>> {
    let mut statement = tx.prepare_cached(
        "SELECT updated_at, publish_count, published_at, not_before, number FROM slices \
         WHERE job_no = ?1 AND state = 'open' ORDER BY number",
    )?;
    let open = statement.query_map([job_no], |row| Ok((state(row)?, row.get(4)?)))?;
    let open: Vec<(RedeliveryState, u32)> = open.collect::<Result<_, _>>()?;
    let mut note = tx.prepare_cached(
        "UPDATE slices SET publish_count = ?3, published_at = ?4, not_before = ?5 WHERE job_no = ?1 AND number = ?2",
    )?;
    let mut due = Vec::new();
    for (state, number) in open.into_iter().filter(|(state, _)| moment.is_due(state)) {
        let after = state.published(moment.now);
        note.execute(params![job_no, number, after.publish_count, after.published_at, after.not_before])?;
        due.push(TaskKind::Slice { number: SliceNumber(number) });
    }
    Ok(due)
}

/// Jobs that should be worked on, oldest first.
fn unfinished(tx: &Transaction<'_>) -> DbResult<Vec<(Stored, RedeliveryState)>> {
    let mut statement = tx.prepare_cached(
        "SELECT updated_at, publish_count, published_at, not_before, no, document FROM jobs \
         WHERE state IN ('queued', 'running') OR (state = 'waiting' AND stopping) ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut unfinished = Vec::new();
    while let Some(row) = rows.next()? {
        let job = of_json("job", row.get_ref(5)?.as_str().unwrap_or_default())?;
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
