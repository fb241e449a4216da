//! The one recovery mechanism: what should be in the queue, worked out from how the jobs stand. What is told is noted in
//! the same transaction, so that nobody else tells it too.

use rethread_model::{Phase, SliceNumber, Task, TaskKind, Timestamp};
use rusqlite::{Row, Transaction, params};

use super::rows::Stored;
use super::{events, slices};
use crate::Overdue;
use crate::jobs::telling::Telling;
use crate::sqlite::{Outcome, of_json};

/// Since when, and the time that it is.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub(super) before: Timestamp,
    pub(super) now: Timestamp,
}

impl Moment {
    pub(super) fn is_due(self, telling: &Telling) -> bool {
        telling.is_due(self.before, self.now)
    }
}

pub(super) fn overdue(tx: &Transaction<'_>, moment: Moment) -> Outcome<Overdue> {
    let mut tasks = Vec::new();
    for (stored, telling) in unfinished(tx)? {
        let standing = slices::standing(tx, &stored)?;
        let kinds = match stored.job.phase {
            // A slice may stand still while others of its job move, so each has its own time.
            Phase::Importing if standing.open > 0 => open_slices(tx, stored.no, moment)?,
            _ if !moment.is_due(&telling) => Vec::new(),
            phase => {
                note_job(tx, stored.no, telling.told(moment.now))?;
                vec![match phase {
                    // Nothing is open although something is left to read: somebody died between the end of a slice
                    // and the opening of the next one.
                    Phase::Importing if !standing.is_read() => TaskKind::Plan,
                    _ if stored.job.stopping => TaskKind::Finish,
                    phase => phase.task().unwrap_or(TaskKind::Finish),
                }]
            }
        };
        tasks.extend(kinds.into_iter().map(|kind| Task::of(&stored.job, kind)));
    }
    Ok(Overdue { tasks, events: events::to_deliver(tx, moment)? })
}

fn note_job(tx: &Transaction<'_>, no: i64, after: Telling) -> Outcome<()> {
    tx.prepare_cached("UPDATE jobs SET told = ?2, told_at = ?3, held_until = ?4 WHERE no = ?1")?.execute(params![
        no,
        after.told,
        after.told_at,
        after.held_until
    ])?;
    Ok(())
}

fn open_slices(tx: &Transaction<'_>, job_no: i64, moment: Moment) -> Outcome<Vec<TaskKind>> {
    let mut statement = tx.prepare_cached(
        "SELECT updated_at, told, told_at, held_until, number FROM slices \
         WHERE job_no = ?1 AND state = 'open' ORDER BY number",
    )?;
    let open = statement.query_map([job_no], |row| Ok((telling(row)?, row.get(4)?)))?;
    let open: Vec<(Telling, u32)> = open.collect::<Result<_, _>>()?;
    let mut note = tx.prepare_cached(
        "UPDATE slices SET told = ?3, told_at = ?4, held_until = ?5 WHERE job_no = ?1 AND number = ?2",
    )?;
    let mut due = Vec::new();
    for (telling, number) in open.into_iter().filter(|(telling, _)| moment.is_due(telling)) {
        let after = telling.told(moment.now);
        note.execute(params![job_no, number, after.told, after.told_at, after.held_until])?;
        due.push(TaskKind::Slice { number: SliceNumber(number) });
    }
    Ok(due)
}

/// Jobs that somebody should be at, oldest first.
fn unfinished(tx: &Transaction<'_>) -> Outcome<Vec<(Stored, Telling)>> {
    let mut statement = tx.prepare_cached(
        "SELECT updated_at, told, told_at, held_until, no, document FROM jobs \
         WHERE state IN ('queued', 'running') OR (state = 'waiting' AND stopping) ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut unfinished = Vec::new();
    while let Some(row) = rows.next()? {
        let job = of_json("job", row.get_ref(5)?.as_str().unwrap_or_default())?;
        unfinished.push((Stored { no: row.get(4)?, job }, telling(row)?));
    }
    Ok(unfinished)
}

/// From the first four columns of a row.
fn telling(row: &Row<'_>) -> rusqlite::Result<Telling> {
    Ok(Telling { moved_at: row.get(0)?, told: row.get(1)?, told_at: row.get(2)?, held_until: row.get(3)? })
}
