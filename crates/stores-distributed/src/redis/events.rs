//! Events until they are delivered. An event is announced before its job fails, so it exists even
//! if the process is killed right after. An event whose job did not fail is ignored.

use std::collections::HashMap;

use redis::Pipeline;
use rethread_model::{Event, EventId, Job, JobId};
use rethread_stores::Result;
use rethread_stores::rules::redelivery::{Cutoff, RedeliveryState};

use super::list::CHUNK;
use super::redelivery_state::StoredState;
use super::{RedisJobs, scripts};

/// An event in the index.
struct StoredEvent {
    id: EventId,
    job: Option<JobId>,
    is_done: bool,
    redelivery: StoredState,
}

impl RedisJobs {
    /// Records that a job is about to fail.
    pub(super) async fn announce_event(&self, event: &Event, job: &Job) -> Result<()> {
        let at = job.ended_at.unwrap_or(job.updated_at);
        let mut note = redis::cmd("HSET");
        note.arg(self.keys.event(event.id())).arg("job").arg(job.id.to_string());
        self.server.command::<()>("cannot note an event", &note).await?;
        let mut index = redis::cmd("ZADD");
        index.arg(self.keys.events()).arg(at.as_millisecond()).arg(event.id().to_string());
        self.server.command("cannot note an event", &index).await
    }

    pub(super) async fn overdue_events(&self, cutoff: Cutoff) -> Result<Vec<Event>> {
        let mut command = redis::cmd("ZRANGEBYSCORE");
        command.arg(self.keys.events()).arg("-inf").arg(cutoff.before.as_millisecond());
        let ids: Vec<String> = self.server.command("cannot look for events", &command).await?;
        let ids: Vec<EventId> = ids.iter().filter_map(|text| text.parse().ok()).collect();
        let mut events = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let mut left = chunk.to_vec();
            // An event that changed in between is read and decided again.
            while !left.is_empty() {
                left = self.publish_due_events(&left, cutoff, &mut events).await?;
            }
        }
        Ok(events)
    }

    /// Adds those of the events that are due, and returns those that changed in between.
    async fn publish_due_events(
        &self,
        ids: &[EventId],
        cutoff: Cutoff,
        events: &mut Vec<Event>,
    ) -> Result<Vec<EventId>> {
        let stored = self.stored_events(ids).await?;
        let jobs = self.documents(stored.iter().filter_map(|event| event.job)).await?;
        let jobs: HashMap<JobId, Job> = jobs.into_iter().map(|job| (job.id, job)).collect();
        let mut left = Vec::new();
        for StoredEvent { id, job, is_done, redelivery } in stored {
            let Some(job) = job.and_then(|job| jobs.get(&job)) else {
                self.drop_event(id).await?;
                continue;
            };
            let Some(event) = Event::of(job) else {
                // The job is about to fail, or its process was killed; a job that ended otherwise
                // never will.
                if job.state.is_final() {
                    self.drop_event(id).await?;
                }
                continue;
            };
            if is_done {
                self.forget(id).await?;
                continue;
            }
            let moved_at = job.ended_at.unwrap_or(job.updated_at).as_millisecond();
            let state = RedeliveryState { moved_at, ..redelivery.read()? };
            let Some(published) = cutoff.publish(state) else { continue };
            let mut invocation = scripts::PUBLISH_EVENT.prepare_invoke();
            invocation.key(self.keys.event(id)).arg(&redelivery.to_args(published)[..]);
            if self.server.script("cannot record a publication", &invocation).await?.is_conflict() {
                left.push(id);
            } else {
                events.push(event);
            }
        }
        Ok(left)
    }

    async fn stored_events(&self, ids: &[EventId]) -> Result<Vec<StoredEvent>> {
        let mut pipeline = Pipeline::new();
        for id in ids {
            pipeline.cmd("HMGET").arg(self.keys.event(*id)).arg(&["job", "done"]).arg(&StoredState::FIELDS);
        }
        let found: Vec<[Option<String>; 6]> = self.server.pipeline("cannot read events", &pipeline).await?;
        let events = ids.iter().zip(found).map(|(id, [job, done, redelivery @ ..])| StoredEvent {
            id: *id,
            job: job.and_then(|text| text.parse().ok()),
            is_done: done.is_some(),
            redelivery: redelivery.into(),
        });
        Ok(events.collect())
    }

    pub(super) async fn was_delivered(&self, id: EventId, channel: &str) -> Result<bool> {
        let mut command = redis::cmd("HEXISTS");
        command.arg(self.keys.event(id)).arg(format!("delivered.{channel}"));
        self.server.command("cannot read a delivery", &command).await
    }

    pub(super) async fn note_delivery(&self, id: EventId, channel: &str) -> Result<()> {
        let mut command = redis::cmd("HSET");
        command.arg(self.keys.event(id)).arg(format!("delivered.{channel}")).arg(self.clock.now().to_string());
        self.server.command("cannot note a delivery", &command).await
    }

    /// Nothing is left to deliver. The record is kept as long as the job, so that a late copy of
    /// the event is recognised.
    pub(super) async fn end_event(&self, id: EventId) -> Result<()> {
        let mut command = redis::cmd("HSET");
        command.arg(self.keys.event(id)).arg("done").arg("1");
        self.server.command::<()>("cannot note a delivery", &command).await?;
        if let Some(kept) = self.finished_jobs {
            let mut expire = redis::cmd("PEXPIRE");
            expire.arg(self.keys.event(id)).arg(u64::try_from(kept.as_millis()).unwrap_or(u64::MAX));
            self.server.command::<()>("cannot note a delivery", &expire).await?;
        }
        self.forget(id).await
    }

    /// The event will never be needed: its job ended otherwise, or is gone.
    async fn drop_event(&self, id: EventId) -> Result<()> {
        let mut command = redis::cmd("DEL");
        command.arg(self.keys.event(id));
        self.server.command::<()>("cannot delete an event", &command).await?;
        self.forget(id).await
    }

    async fn forget(&self, id: EventId) -> Result<()> {
        let mut command = redis::cmd("ZREM");
        command.arg(self.keys.events()).arg(id.to_string());
        self.server.command("cannot take an event from the index", &command).await
    }
}
