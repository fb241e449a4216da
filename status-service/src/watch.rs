//! Snapshots of a changing job.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use rethread_model::{JobId, Reach, Revision};
use rethread_proto::v1;
use rethread_stores::JobStore;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::answer::{not_found, store_failed};
use crate::job_inspector::{DerivedStatus, JobInspector};

/// How long to wait for a change before the job is inspected anyway: it may have advanced in the
/// queue, or stalled.
const WAIT: Duration = Duration::from_secs(3);

/// The state of a watch.
pub(crate) struct Watch {
    jobs: Arc<dyn JobStore>,
    eyes: JobInspector,
    reach: Reach,
    id: JobId,
    seen: Revision,
    /// The status last reported, or the one at the start of the watch.
    glance: Option<DerivedStatus>,
}

impl Watch {
    /// Watches a job for changes after a given revision.
    pub(crate) const fn new(
        jobs: Arc<dyn JobStore>,
        eyes: JobInspector,
        reach: Reach,
        id: JobId,
        after: Revision,
    ) -> Self {
        Self { jobs, eyes, reach, id, seen: after, glance: None }
    }

    /// Yields the job whenever its revision exceeds the last one seen, or its derived status
    /// differs from the last one. Ends after a final state, or with an error after which a client
    /// can resume.
    pub(crate) fn snapshots(self, soft_stop: CancellationToken) -> BoxStream<'static, Result<v1::Job, Status>> {
        stream::unfold(Some((self, soft_stop)), async |watching| {
            let (mut watch, soft_stop) = watching?;
            let next = tokio::select! {
                () = soft_stop.cancelled() => {
                    Err(Status::unavailable("the service is stopping; resume after the last revision"))
                }
                next = watch.next() => next,
            };
            match next {
                Ok(Some((job, is_last))) => Some((Ok(job), (!is_last).then_some((watch, soft_stop)))),
                Ok(None) => None,
                Err(status) => Some((Err(status), None)),
            }
        })
        .boxed()
    }

    /// The next snapshot and whether it is the last; `None` when the last one was already seen.
    async fn next(&mut self) -> Result<Option<(v1::Job, bool)>, Status> {
        loop {
            let waited = self.jobs.wait(&self.reach, self.id, self.seen, WAIT).await;
            let job = waited.map_err(|error| store_failed(&error))?.ok_or_else(not_found)?;
            let is_final = job.state.is_final();
            let glance = self.eyes.glance(&job).await.map_err(|error| store_failed(&error))?;
            let looked_otherwise = self.glance.replace(glance).is_some_and(|before| before != glance);
            if job.revision > self.seen || looked_otherwise {
                self.seen = job.revision;
                return Ok(Some((glance.told_of(job), is_final)));
            }
            if is_final {
                return Ok(None);
            }
        }
    }
}
