//! Tasks and events that must be published again.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use rethread_model::{Event, EventId, Task, Timestamp};

use crate::Result;

/// What should be in the queue but may be missing.
#[derive(Debug, Clone, Default)]
pub struct Overdue {
    /// Tasks.
    pub tasks: Vec<Task>,
    /// Events.
    pub events: Vec<Event>,
}

/// Finds tasks and events that did not arrive, and records the events that did.
#[async_trait]
pub trait Redelivery: Send + Sync + Debug {
    /// Returns what has not moved since `before` and should have. Publishing any of it again is
    /// harmless. The tasks (see [`NeededTasks`](crate::rules::needed_tasks::NeededTasks)) are:
    ///
    /// - `Plan` for queued and planning jobs whose upload is complete;
    /// - `Plan` for an importing job with pending but no open slices: a worker died between the end
    ///   of one slice and the opening of the next, so the window must be opened again;
    /// - `Export` for queued and exporting jobs, `Move` for queued and moving jobs;
    /// - `Slice` for open slices;
    /// - `Finish` for jobs that are read to the end, for jobs that are finishing or stopping
    ///   without an open slice (jobs that wait for an admin's confirmation only if they are
    ///   stopping), and for uploads that stopped arriving.
    ///
    /// The events are those that were not delivered.
    ///
    /// What is returned is recorded, so that neither several janitors nor a long queue multiply the
    /// messages. Something that was returned `n` times without moving (being started, reported or
    /// changed) is returned again only after `(now - before) * 2^(n - 1)`, at most 64 times `now -
    /// before`. Of two concurrent callers, one gets it. A future `before` returns everything that
    /// is not postponed (see [`Redelivery::postpone`]).
    async fn overdue(&self, before: Timestamp) -> Result<Overdue>;

    /// Records that a task could not be done because a backend was unavailable. Takes back the
    /// start of the attempt (a slice's attempt does not count), and postpones the task for `base *
    /// 2^(n - 1)`, at most `cap`. Returns `n`, the number of consecutive times this happened since
    /// the task last made progress. A slice makes progress when a report says more than the one
    /// before. `Plan` and `Finish`, which are counted together, make progress when the job changes
    /// its state or phase, opens a slice, or a step other than a slice reports something new.
    ///
    /// [`Redelivery::overdue`] returns a postponed task once its time has come, whatever `before`
    /// is, and not earlier, unless it moves before then. A task that has ended is left unchanged.
    async fn postpone(&self, task: &Task, base: Duration, cap: Duration) -> Result<u32>;

    /// Whether an event was delivered through a channel.
    async fn is_delivered(&self, event: EventId, channel: &str) -> Result<bool>;

    /// Records that an event was delivered through a channel.
    async fn mark_delivered(&self, event: EventId, channel: &str) -> Result<()>;

    /// Records that an event was delivered through all channels and is no longer overdue.
    async fn event_done(&self, event: EventId) -> Result<()>;
}
