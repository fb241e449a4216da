//! Live updates of a job: server-sent events that resume by revision.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Response, Sse};
use futures::stream;
use http::{HeaderMap, StatusCode};
use rethread_model::{JobId, Revision};
use rethread_stores::retry::{Backoff, Pauses};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use crate::extract::{Id, Params, ShownToken, Watcher};
use crate::gateway::{Gateway, SeenJob, StatusReader, Watch};
use crate::problem::Problem;
use crate::views::JobView;

/// Less than the time for which proxies usually allow a connection to be silent.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A job, live
///
/// Server-sent events named `job`: the job as it is now, then again whenever it changes, with its
/// revision as id. Changes in quick succession may arrive as one event. The final state is always
/// sent, and ends the stream. A client that has already seen the final state gets 204, which stops
/// an `EventSource` from reconnecting.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}/events",
    operation_id = "followJob",
    tag = "jobs",
    params(
        ("id" = JobId, Path, description = "The job"),
        ("after" = Option<u64>, Query, format = "uint64", description = "The last revision that the client has seen"),
        ("last-event-id" = Option<u64>, Header, format = "uint64", description = "The same, as browsers send it; wins over `after`"),
    ),
    responses(
        (status = 200, description = "Events whose data is a job", content(("text/event-stream"))),
        (status = 204, description = "The job has ended, and the client has seen it"),
    ),
)]
pub(crate) async fn follow(
    State(gateway): State<Gateway>,
    watcher: Watcher,
    Id(id): Id<JobId>,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Problem> {
    let seen = seen(&headers, params)?;
    let job = gateway.status.job(&watcher.token, id).await?.job;
    // A client cannot have seen a later revision than the current one.
    let after = seen.min(job.revision);
    if job.state.is_final() && job.revision == after {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let following = Following {
        status: gateway.status,
        token: watcher.token,
        id,
        after,
        stopped: gateway.lifecycle.soft().clone(),
        watch: None,
        pauses: Pauses::new(Backoff::resume_watch()),
        is_over: false,
    };
    let events = stream::unfold(following, |mut following| async move {
        let job = following.next().await?;
        Some((Ok::<_, Infallible>(event(job)), following))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

/// The last revision that the client has seen. The header, which a browser sends automatically when
/// it reconnects, takes precedence over the parameter, which is the one of the original URL.
fn seen(headers: &HeaderMap, mut params: Params) -> Result<Revision, Problem> {
    let in_query = params.text("after")?;
    params.finish()?;
    let in_header = headers.get("last-event-id").map(|header| header.to_str().unwrap_or("?"));
    let in_query = in_query.map(|given| revision("after", &given)).transpose()?;
    let in_header = in_header.map(|given| revision("Last-Event-ID", given)).transpose()?;
    Ok(in_header.or(in_query).unwrap_or(0))
}

fn revision(name: &str, given: &str) -> Result<Revision, Problem> {
    given.parse().map_err(|_| Problem::parameter(name, format!("{name} is the revision of a job, a number")))
}

fn event(job: SeenJob) -> Event {
    let revision = job.job.revision.to_string();
    // A view always serialises to JSON.
    let data = serde_json::to_string(&JobView::from(job)).unwrap_or_default();
    Event::default().event("job").id(revision).data(data)
}

/// A job that is followed across interruptions of the status service.
struct Following {
    status: StatusReader,
    token: ShownToken,
    id: JobId,
    after: Revision,
    stopped: CancellationToken,
    watch: Option<Watch>,
    pauses: Pauses,
    is_over: bool,
}

impl Following {
    /// The next snapshot; `None` when there will be no more, or when this process stops (the client
    /// then reconnects to another one).
    async fn next(&mut self) -> Option<SeenJob> {
        if self.is_over {
            return None;
        }
        let stopped = self.stopped.clone();
        let seen = tokio::select! {
            () = stopped.cancelled() => None,
            seen = self.next_snapshot() => seen,
        }?;
        self.after = seen.job.revision;
        self.is_over = seen.job.state.is_final();
        Some(seen)
    }

    async fn next_snapshot(&mut self) -> Option<SeenJob> {
        loop {
            match self.ask().await {
                // The same revision is sent again when the job's derived status changes: when it
                // stalls, for instance.
                Ok(Some(seen)) if seen.job.revision >= self.after => {
                    self.pauses.reset();
                    return Some(seen);
                }
                Ok(Some(_)) => {}
                Err(status) if is_lasting(status.code()) => return None,
                // The service ends its watches when it stops. The next watch continues after the
                // last revision.
                Ok(None) | Err(_) => self.interrupted().await,
            }
        }
    }

    async fn ask(&mut self) -> Result<Option<SeenJob>, Status> {
        let watch = match &mut self.watch {
            Some(watch) => watch,
            None => self.watch.insert(self.status.watch(&self.token, self.id, self.after).await?),
        };
        watch.next().await
    }

    async fn interrupted(&mut self) {
        self.watch = None;
        self.pauses.pause().await;
    }
}

/// Whether a retry is useless: the job is gone, or the token was revoked.
pub(crate) const fn is_lasting(code: Code) -> bool {
    matches!(code, Code::NotFound | Code::Unauthenticated | Code::PermissionDenied | Code::InvalidArgument)
}
