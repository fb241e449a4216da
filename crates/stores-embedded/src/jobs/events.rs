//! Events until they are delivered.

use rethread_model::{Event, EventId, Job, Timestamp};
use rethread_stores::rules::redelivery::{Cutoff, RedeliveryState};
use rethread_stores::stored_value::{json, millis, of_json};
use rusqlite::{Transaction, params};

use super::rows::find;
use crate::sqlite::{DbResult, text};

/// Records an event to deliver.
pub(super) fn job_failed(tx: &Transaction<'_>, job: &Job) -> DbResult<()> {
    let Some(event) = Event::of(job) else { return Ok(()) };
    let at = job.ended_at.unwrap_or(job.updated_at);
    tx.execute(
        "INSERT INTO events (id, created_at, done, document) VALUES (?1, ?2, FALSE, ?3) ON CONFLICT DO NOTHING",
        params![event.id().to_string(), millis(at), json(&event)?],
    )?;
    Ok(())
}

pub(super) fn to_deliver(tx: &Transaction<'_>, cutoff: Cutoff) -> DbResult<Vec<Event>> {
    let mut statement = tx.prepare_cached(
        "SELECT created_at, publish_count, published_at, document FROM events \
         WHERE NOT done AND created_at <= ?1 ORDER BY created_at",
    )?;
    let mut record = tx.prepare_cached("UPDATE events SET publish_count = ?2, published_at = ?3 WHERE id = ?1")?;
    let mut rows = statement.query([millis(cutoff.before)])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let state = RedeliveryState {
            moved_at: row.get(0)?,
            publish_count: row.get(1)?,
            published_at: row.get(2)?,
            not_before: None,
        };
        if let Some(published) = cutoff.publish(state) {
            events.push((of_json("event", text(row, 3)?)?, published));
        }
    }
    let publish = |(event, published): (Event, RedeliveryState)| {
        record.execute(params![event.id().to_string(), published.publish_count, published.published_at])?;
        // The trace is not part of the document.
        let Event::JobFailed(ended) = &event;
        let job = find(tx, ended.job)?;
        Ok(job.as_ref().and_then(Event::of).unwrap_or(event))
    };
    events.into_iter().map(publish).collect()
}

pub(super) fn is_delivered(tx: &Transaction<'_>, event: EventId, channel: &str) -> DbResult<bool> {
    let mut statement =
        tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM deliveries WHERE event = ?1 AND channel = ?2)")?;
    Ok(statement.query_row(params![event.to_string(), channel], |row| row.get(0))?)
}

pub(super) fn mark_delivered(tx: &Transaction<'_>, event: EventId, channel: &str, now: Timestamp) -> DbResult<()> {
    tx.execute(
        "INSERT INTO deliveries (event, channel, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![event.to_string(), channel, millis(now)],
    )?;
    Ok(())
}

pub(super) fn done(tx: &Transaction<'_>, event: EventId) -> DbResult<()> {
    tx.execute("UPDATE events SET done = TRUE WHERE id = ?1", [event.to_string()])?;
    Ok(())
}
