//! The one recovery mechanism: what should be in the queue, worked out from how the jobs stand.

use rethread_model::{Phase, SliceNumber, Task, TaskKind, Timestamp};
use rusqlite::{Transaction, params};

use super::rows::Stored;
use super::{events, slices};
use crate::Overdue;
use crate::sqlite::{Outcome, millis, of_json};

pub(super) fn overdue(tx: &Transaction<'_>, before: Timestamp) -> Outcome<Overdue> {
    let mut tasks = Vec::new();
    for stored in unfinished(tx)? {
        let has_moved = stored.job.updated_at > before;
        let kinds = match stored.job.phase {
            Phase::Importing => importing(tx, &stored, before)?,
            _ if has_moved => Vec::new(),
            Phase::Planning if !stored.job.stopping => vec![TaskKind::Plan],
            Phase::Uploading | Phase::Planning | Phase::Finishing => vec![TaskKind::Finish],
        };
        tasks.extend(kinds.into_iter().map(|kind| Task::of(&stored.job, kind)));
    }
    Ok(Overdue { tasks, events: events::to_deliver(tx, before)? })
}

/// A slice may stand still while others of its job move, so each has its own time.
fn importing(tx: &Transaction<'_>, stored: &Stored, before: Timestamp) -> Outcome<Vec<TaskKind>> {
    let standing = slices::standing(tx, stored)?;
    if standing.open > 0 {
        return open_slices(tx, stored.no, before);
    }
    if stored.job.updated_at > before {
        return Ok(Vec::new());
    }
    // Nothing is open although something is left to read: somebody died between the end of a slice and the opening of
    // the next one.
    Ok(vec![if standing.is_read() { TaskKind::Finish } else { TaskKind::Plan }])
}

fn open_slices(tx: &Transaction<'_>, job_no: i64, before: Timestamp) -> Outcome<Vec<TaskKind>> {
    let mut statement = tx.prepare_cached(
        "SELECT number FROM slices WHERE job_no = ?1 AND state = 'open' AND updated_at <= ?2 ORDER BY number",
    )?;
    let numbers = statement.query_map(params![job_no, millis(before)], |row| row.get(0))?;
    numbers.map(|number| Ok(TaskKind::Slice { number: SliceNumber(number?) })).collect()
}

/// Jobs that somebody should be at, oldest first.
fn unfinished(tx: &Transaction<'_>) -> Outcome<Vec<Stored>> {
    let mut statement =
        tx.prepare_cached("SELECT no, document FROM jobs WHERE state IN ('queued', 'running') ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut unfinished = Vec::new();
    while let Some(row) = rows.next()? {
        let job = of_json("job", row.get_ref(1)?.as_str().unwrap_or_default())?;
        unfinished.push(Stored { no: row.get(0)?, job });
    }
    Ok(unfinished)
}
