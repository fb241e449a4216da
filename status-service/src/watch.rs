//! Snapshots of a job as it changes.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use rethread_backends::JobStore;
use rethread_model::{JobId, Reach, Revision};
use rethread_proto::v1;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::answer::{not_found, store_failed};

/// How long the store is asked to wait for a change before it is asked again.
const WAIT: Duration = Duration::from_secs(30);

struct Watch {
    jobs: Arc<dyn JobStore>,
    reach: Reach,
    id: JobId,
    seen: Revision,
    soft_stop: CancellationToken,
}

/// The job whenever its revision is above the one seen last; ends after a final state, or with an error after which a
/// client can resume.
pub(crate) fn snapshots(
    jobs: Arc<dyn JobStore>,
    reach: Reach,
    id: JobId,
    after: Revision,
    soft_stop: CancellationToken,
) -> BoxStream<'static, Result<v1::Job, Status>> {
    let watch = Watch { jobs, reach, id, seen: after, soft_stop };
    stream::unfold(Some(watch), async |watch| {
        let mut watch = watch?;
        match watch.next().await {
            Ok(Some((job, is_last))) => Some((Ok(job), (!is_last).then_some(watch))),
            Ok(None) => None,
            Err(status) => Some((Err(status), None)),
        }
    })
    .boxed()
}

impl Watch {
    /// The next snapshot and whether it is the last; `None` when the last one was seen before.
    async fn next(&mut self) -> Result<Option<(v1::Job, bool)>, Status> {
        loop {
            let waited = tokio::select! {
                () = self.soft_stop.cancelled() => {
                    return Err(Status::unavailable("the service is stopping; resume after the last revision"));
                }
                waited = self.jobs.wait(&self.reach, self.id, self.seen, WAIT) => waited,
            };
            let job = waited.map_err(|error| store_failed(&error))?.ok_or_else(not_found)?;
            let is_final = job.state.is_final();
            if job.revision > self.seen {
                self.seen = job.revision;
                return Ok(Some((job.into(), is_final)));
            }
            if is_final {
                return Ok(None);
            }
        }
    }
}
