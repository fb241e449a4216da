//! Events until they are delivered.

use rethread_model::{Event, EventId, Job, Timestamp};
use rusqlite::{Transaction, params};

use crate::sqlite::{Outcome, json, millis, of_json};

/// From now on there is an event to deliver.
pub(super) fn job_failed(tx: &Transaction<'_>, job: &Job) -> Outcome<()> {
    let Some(event) = Event::of(job) else { return Ok(()) };
    let at = job.ended_at.unwrap_or(job.updated_at);
    tx.execute(
        "INSERT INTO events (id, created_at, done, document) VALUES (?1, ?2, FALSE, ?3) ON CONFLICT DO NOTHING",
        params![event.id().to_string(), millis(at), json(&event)?],
    )?;
    Ok(())
}

pub(super) fn to_deliver(tx: &Transaction<'_>, before: Timestamp) -> Outcome<Vec<Event>> {
    let mut statement =
        tx.prepare_cached("SELECT document FROM events WHERE NOT done AND created_at <= ?1 ORDER BY created_at")?;
    let mut rows = statement.query([millis(before)])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(of_json("event", row.get_ref(0)?.as_str().unwrap_or_default())?);
    }
    Ok(events)
}

pub(super) fn is_delivered(tx: &Transaction<'_>, event: EventId, channel: &str) -> Outcome<bool> {
    let mut statement =
        tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM deliveries WHERE event = ?1 AND channel = ?2)")?;
    Ok(statement.query_row(params![event.to_string(), channel], |row| row.get(0))?)
}

pub(super) fn mark_delivered(tx: &Transaction<'_>, event: EventId, channel: &str, now: Timestamp) -> Outcome<()> {
    tx.execute(
        "INSERT INTO deliveries (event, channel, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![event.to_string(), channel, millis(now)],
    )?;
    Ok(())
}

pub(super) fn done(tx: &Transaction<'_>, event: EventId) -> Outcome<()> {
    tx.execute("UPDATE events SET done = TRUE WHERE id = ?1", [event.to_string()])?;
    Ok(())
}
