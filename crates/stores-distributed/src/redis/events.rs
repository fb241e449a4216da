//! Events until they are delivered. An event is announced before its job fails, so it exists even
//! if the process is killed right after. An event whose job did not fail is ignored.

use rethread_model::{Event, EventId, Job, JobId, Reach, Timestamp};

use super::{RedisJobs, scripts};
use rethread_stores::{JobLife, Result};

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

    pub(super) async fn overdue_events(&self, before: Timestamp) -> Result<Vec<Event>> {
        let mut command = redis::cmd("ZRANGEBYSCORE");
        command.arg(self.keys.events()).arg("-inf").arg(before.as_millisecond());
        let ids: Vec<String> = self.server.command("cannot look for events", &command).await?;
        let mut events = Vec::new();
        for id in ids.iter().filter_map(|text| text.parse().ok()) {
            events.extend(self.overdue_event(id, before).await?);
        }
        Ok(events)
    }

    async fn overdue_event(&self, id: EventId, before: Timestamp) -> Result<Option<Event>> {
        let mut command = redis::cmd("HGET");
        command.arg(self.keys.event(id)).arg("job");
        let job: Option<String> = self.server.command("cannot read an event", &command).await?;
        let Some(job) = job.and_then(|text| text.parse::<JobId>().ok()) else { return self.drop_event(id).await };
        let Some(job) = self.get(&Reach::All, job).await? else { return self.drop_event(id).await };
        let Some(event) = Event::of(&job) else {
            // The job is about to fail, or its process was killed; a job that ended otherwise never
            // will.
            return if job.state.is_final() { self.drop_event(id).await } else { Ok(None) };
        };
        let at = job.ended_at.unwrap_or(job.updated_at).as_millisecond();
        let mut invocation = scripts::TELL_EVENT.prepare_invoke();
        invocation.key(self.keys.event(id));
        invocation.arg(before.as_millisecond()).arg(self.clock.now().as_millisecond()).arg(at);
        let answer = self.server.script("cannot tell an event", &invocation).await?;
        match answer.words()[..] {
            ["ok"] => Ok(Some(event)),
            ["ended"] => self.forget(id).await,
            _ => Ok(None),
        }
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
        self.forget(id).await.map(drop)
    }

    /// The event will never be needed: its job ended otherwise, or is gone.
    async fn drop_event(&self, id: EventId) -> Result<Option<Event>> {
        let mut command = redis::cmd("DEL");
        command.arg(self.keys.event(id));
        self.server.command::<()>("cannot delete an event", &command).await?;
        self.forget(id).await
    }

    async fn forget(&self, id: EventId) -> Result<Option<Event>> {
        let mut command = redis::cmd("ZREM");
        command.arg(self.keys.events()).arg(id.to_string());
        self.server.command::<()>("cannot take an event from the index", &command).await?;
        Ok(None)
    }
}
