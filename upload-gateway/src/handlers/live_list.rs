//! The list of jobs as it changes: server-sent events. They resume by state: a client that
//! reconnects gets the whole list.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Response, Sse};
use futures::stream;
use rethread_model::{JobId, JobKind, JobState, Revision};
use rethread_proto::v1;
use rethread_stores::retry::{Backoff, Pauses};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use super::events::{KEEP_ALIVE, is_lasting};
use super::jobs::wanted;
use crate::extract::{Params, ShownToken, Watcher};
use crate::gateway::{Gateway, SeenJob, StatusReader};
use crate::problem::Problem;
use crate::views::{JobView, JobsView};

/// How often the list is read: as often as a person would notice.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The list of jobs, live
///
/// Server-sent events: first `jobs` with the first jobs of the list, then `job` for each of them
/// that changes, each new job, and each job that leaves the list because its state no longer
/// matches. The stream does not end on its own. It resumes by state: a client that reconnects gets
/// the whole list.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/events",
    operation_id = "followJobs",
    tag = "jobs",
    params(
        ("kind" = Option<JobKind>, Query, description = "Only jobs of this kind"),
        ("state" = Option<JobState>, Query, description = "Only jobs in this state"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "The first so many; 50 if absent"),
    ),
    responses((status = 200, description = "Events whose data is a list of jobs, then one job each", content(("text/event-stream")))),
)]
pub(crate) async fn follow(
    State(gateway): State<Gateway>,
    watcher: Watcher,
    params: Params,
) -> Result<Response, Problem> {
    let request = wanted(params)?;
    let (jobs, next) = gateway.status.jobs(&watcher.token, request.clone()).await?;
    let mut list = LiveList {
        status: gateway.status,
        token: watcher.token,
        request,
        stopped: gateway.lifecycle.soft().clone(),
        shown: HashMap::new(),
        to_send: VecDeque::new(),
        pauses: Pauses::new(Backoff::resume_watch()),
    };
    list.shown = jobs.iter().map(|seen| (seen.job.id, Look::of(seen))).collect();
    let whole = JobsView { jobs: jobs.into_iter().map(JobView::from).collect(), next };
    list.to_send.push_back(event("jobs", &whole));
    let events = stream::unfold(list, |mut list| async move {
        let event = list.next().await?;
        Some((Ok::<_, Infallible>(event), list))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

fn event(name: &str, view: &impl Serialize) -> Event {
    // A view always serialises to JSON.
    Event::default().event(name).data(serde_json::to_string(view).unwrap_or_default())
}

/// What a client knows of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    revision: Revision,
    stalled: bool,
    queue_place: Option<u64>,
}

impl Look {
    const fn of(seen: &SeenJob) -> Self {
        Self { revision: seen.job.revision, stalled: seen.stalled, queue_place: seen.queue_place }
    }
}

/// A list that is followed across interruptions of the status service.
struct LiveList {
    status: StatusReader,
    token: ShownToken,
    request: v1::ListJobsRequest,
    stopped: CancellationToken,
    shown: HashMap<JobId, Look>,
    to_send: VecDeque<Event>,
    pauses: Pauses,
}

impl LiveList {
    /// The next event; `None` when there will be no more, or when this process stops (the client
    /// then reconnects to another one).
    async fn next(&mut self) -> Option<Event> {
        let stopped = self.stopped.clone();
        tokio::select! {
            () = stopped.cancelled() => None,
            event = self.next_event() => event,
        }
    }

    async fn next_event(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.to_send.pop_front() {
                return Some(event);
            }
            tokio::time::sleep(LOOK_EVERY).await;
            match self.look().await {
                Ok(()) => self.pauses.reset(),
                Err(status) if is_lasting(status.code()) => return None,
                Err(_) => self.pauses.pause().await,
            }
        }
    }

    /// Reads the list and queues the changes, the newest job last.
    async fn look(&mut self) -> Result<(), Status> {
        let (jobs, _) = self.status.jobs(&self.token, self.request.clone()).await?;
        let now: HashMap<JobId, Look> = jobs.iter().map(|seen| (seen.job.id, Look::of(seen))).collect();
        let left = self.left(&now).await?;
        let is_news = |seen: &SeenJob| self.shown.get(&seen.job.id) != now.get(&seen.job.id);
        // The list is newest first; clients receive the oldest change first.
        let changed = jobs.into_iter().rev().filter(is_news);
        self.to_send.extend(left.into_iter().chain(changed).map(|seen| event("job", &JobView::from(seen))));
        self.shown = now;
        Ok(())
    }

    /// The jobs that left the list because they changed, and not because newer ones arrived.
    async fn left(&self, now: &HashMap<JobId, Look>) -> Result<Vec<SeenJob>, Status> {
        let mut left = Vec::new();
        for (id, look) in self.shown.iter().filter(|(id, _)| !now.contains_key(id)) {
            match self.status.job(&self.token, *id).await {
                Ok(seen) if Look::of(&seen) != *look => left.push(seen),
                Ok(_) => {}
                Err(status) if status.code() == Code::NotFound => {}
                Err(status) => return Err(status),
            }
        }
        Ok(left)
    }
}
