//! Complete notifiers over the embedded stores, with real network traffic on loopback.

mod http;
mod mail_server;
mod smtp;

use std::sync::Arc;
use std::time::Duration;

use backon::ExponentialBuilder;
use parking_lot::Mutex;
use rethread_model::{
    Change, Ending, Event, FixedClock, ImportOptions, ImportSummary, Job, JobError, JobId, NewJob, Tally, Timestamp,
};
use rethread_runtime::{Context, Lifecycle, NotifierConfig};
use rethread_runtime::{Urls, open_backends};
use rethread_stores::change;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::channel::channels;
use crate::run::Notifier;

/// A running notifier, and the event of a failed job.
struct Running {
    context: Context,
    clock: Arc<FixedClock>,
    event: Event,
    job: Job,
    ended: JoinHandle<()>,
    _directory: TempDir,
}

impl Running {
    async fn start(config: NotifierConfig) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = |scheme: &str, name: &str| format!("{scheme}:{}", directory.path().join(name).display());
        let urls = Urls {
            blobs: at("file", "blobs"),
            jobs: at("sqlite", "jobs.db"),
            queue: "memory:".to_owned(),
            comments: at("sqlite", "comments.db"),
        };
        let clock = Arc::new(FixedClock::new("2026-03-04T05:06:07Z".parse().unwrap()));
        let backends = open_backends(&urls, clock.clone()).await.unwrap();
        let context = Context::new(backends, clock.clone(), Lifecycle::new());
        let (job, event) = failed_job(&context).await;
        let pauses = ExponentialBuilder::new().with_min_delay(Duration::from_millis(1)).with_max_times(3);
        let channels = channels(&config, clock.clone()).unwrap();
        let notifier = Notifier { context: context.clone(), config, channels, pauses, in_hand: Mutex::default() };
        let ended = tokio::spawn(async move { notifier.run().await });
        Self { context, clock, event, job, ended, _directory: directory }
    }

    async fn publish(&self) {
        self.context.backends.queue.publish_event(&self.event).await.unwrap();
    }

    /// The events that the janitor would republish, however recent.
    async fn overdue(&self) -> Vec<Event> {
        self.context.backends.jobs.overdue(Timestamp::MAX).await.unwrap().events
    }

    async fn is_delivered(&self, channel: &str) -> bool {
        self.context.backends.jobs.is_delivered(self.event.id(), channel).await.unwrap()
    }

    async fn until_done(&self) {
        until(async || self.overdue().await.is_empty()).await;
    }

    /// Stops the notifier gracefully: nothing is sent after this.
    async fn stop(self) {
        self.context.lifecycle.stop();
        self.ended.await.unwrap();
    }
}

/// Waits for a condition.
async fn until(holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("the condition holds in the end");
}

/// A failed job, and its event from the job store.
async fn failed_job(context: &Context) -> (Job, Event) {
    let jobs = context.backends.jobs.as_ref();
    let new = NewJob {
        id: JobId::new(context.clock.now(), &[7; 10]),
        account: "acme".parse().unwrap(),
        started_by: "ann".to_owned(),
        file_name: Some("ann's comments.xml".to_owned()),
        spec: ImportOptions::default().into(),
    };
    let job = Job::new(new, context.clock.now());
    jobs.create(&job).await.unwrap();
    let error =
        JobError { code: "truncated".to_owned(), message: "the file ends <early> & so on".to_owned(), offset: Some(7) };
    let ended = Change::Ended(ImportSummary::default(), Ending::Partial(Tally::default()));
    for step in [Change::Fault(error), Change::FinishStarted, ended] {
        change(jobs, context.clock.as_ref(), &job.account, job.id, step).await.unwrap().unwrap();
    }
    let mut events = jobs.overdue(Timestamp::MAX).await.unwrap().events;
    assert_eq!(events.len(), 1, "a failed job has an event to deliver");
    (job, events.remove(0))
}

#[tokio::test]
async fn without_any_channel_the_log_is_told() {
    let running = Running::start(NotifierConfig::default()).await;
    running.publish().await;
    running.until_done().await;
    assert!(running.is_delivered("log").await);
    running.stop().await;
}
