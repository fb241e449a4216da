//! The state of jobs, as the status service returns it for the caller's token.

use std::time::Duration;

use http::StatusCode;
use rethread_model::{Job, JobId, Revision};
use rethread_proto::v1;
use rethread_proto::v1::status_service_client::StatusServiceClient;
use rethread_runtime::trace_parent;
use tonic::metadata::MetadataValue;
#[cfg(feature = "tls")]
use tonic::transport::{Certificate, ClientTlsConfig};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status, Streaming};

use crate::problem::Problem;

/// The time limit of a single call.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Reads from the status service. Connects on first use, and reconnects when the connection breaks.
/// Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct StatusReader {
    client: StatusServiceClient<Channel>,
}

impl StatusReader {
    /// A reader for the service at `url`. With `https`, its certificate must be signed by
    /// `authority` (PEM) or by an authority that the system trusts.
    pub(crate) fn new(url: &str, authority: Option<&[u8]>) -> Result<Self, tonic::transport::Error> {
        let mut endpoint = Endpoint::from_shared(url.to_owned())?;
        if endpoint.uri().scheme() == Some(&http::uri::Scheme::HTTPS) {
            endpoint = encrypted(endpoint, authority)?;
        }
        let endpoint = endpoint
            .connect_timeout(Duration::from_secs(3))
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(10));
        Ok(Self { client: StatusServiceClient::new(endpoint.connect_lazy()) })
    }

    /// A job that is visible to the token.
    pub(crate) async fn job(&self, token: &str, id: JobId) -> Result<SeenJob, Status> {
        let request = with_token(v1::GetJobRequest { job_id: id.to_string() }, token)?;
        understood(within(self.client.clone().get_job(request)).await?)
    }

    /// Jobs visible to the token, newest first, and the cursor of those after them.
    pub(crate) async fn jobs(
        &self,
        token: &str,
        list: v1::ListJobsRequest,
    ) -> Result<(Vec<SeenJob>, Option<String>), Status> {
        let request = with_token(list, token)?;
        let found = within(self.client.clone().list_jobs(request)).await?;
        let jobs = found.jobs.into_iter().map(understood).collect::<Result<_, _>>()?;
        Ok((jobs, Some(found.next_page_token).filter(|token| !token.is_empty())))
    }

    /// A job's snapshots after a given revision.
    pub(crate) async fn watch(&self, token: &str, id: JobId, after: Revision) -> Result<Watch, Status> {
        let watch = v1::WatchJobRequest { job_id: id.to_string(), after_revision: after };
        let request = with_token(watch, token)?;
        within(self.client.clone().watch_job(request)).await.map(Watch)
    }
}

/// A job, and its status at the time of the request.
#[derive(Debug, Clone)]
pub(crate) struct SeenJob {
    pub(crate) job: Job,
    /// Whether the job should have moved but has not for long.
    pub(crate) stalled: bool,
    /// How many jobs wait ahead of this one, if it waits.
    pub(crate) queue_place: Option<u64>,
}

/// A stream of snapshots of a job.
#[derive(Debug)]
pub(crate) struct Watch(Streaming<v1::Job>);

impl Watch {
    /// The next snapshot; `None` when the service ends the watch.
    pub(crate) async fn next(&mut self) -> Result<Option<SeenJob>, Status> {
        self.0.message().await?.map(understood).transpose()
    }
}

#[cfg(feature = "tls")]
fn encrypted(endpoint: Endpoint, authority: Option<&[u8]>) -> Result<Endpoint, tonic::transport::Error> {
    endpoint.tls_config(match authority {
        Some(pem) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)),
        None => ClientTlsConfig::new().with_native_roots(),
    })
}

/// A gateway with such an address does not start in a build without TLS.
#[cfg(not(feature = "tls"))]
fn encrypted(endpoint: Endpoint, _authority: Option<&[u8]>) -> Result<Endpoint, tonic::transport::Error> {
    Ok(endpoint)
}

fn understood(message: v1::Job) -> Result<SeenJob, Status> {
    let (stalled, queue_place) = (message.stalled, message.queue_place);
    let job = Job::try_from(message).map_err(|error| Status::internal(error.to_string()))?;
    Ok(SeenJob { job, stalled, queue_place })
}

async fn within<T>(call: impl Future<Output = Result<tonic::Response<T>, Status>>) -> Result<T, Status> {
    let answer = tokio::time::timeout(ANSWER_WITHIN, call).await;
    answer.unwrap_or_else(|_| Err(Status::unavailable("no answer in time"))).map(tonic::Response::into_inner)
}

fn with_token<T>(message: T, token: &str) -> Result<Request<T>, Status> {
    let mut authorization: MetadataValue<_> =
        format!("Bearer {token}").parse().map_err(|_| Status::unauthenticated("not a token"))?;
    authorization.set_sensitive(true);
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", authorization);
    if let Some(parent) = trace_parent().and_then(|parent| parent.as_str().parse().ok()) {
        request.metadata_mut().insert("traceparent", parent);
    }
    Ok(request)
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        match status.code() {
            Code::NotFound => Self::not_found("job"),
            Code::InvalidArgument => Self::new(StatusCode::BAD_REQUEST, "invalid-parameter", status.message()),
            Code::Unauthenticated => Self::invalid_token(),
            Code::PermissionDenied => Self::forbidden("the token does not reach this far"),
            Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted | Code::Cancelled => {
                tracing::warn!(grpc.code = ?status.code(), "the status service does not answer");
                Self::unavailable("the state of jobs cannot be read at present; try again later")
            }
            code => {
                tracing::error!(grpc.code = ?code, error = status.message(), "the status service failed");
                Self::internal()
            }
        }
    }
}
