//! The gRPC methods.

use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use prost::Message as _;
use rethread_model::{AccountId, Job, JobId, JobKind, JobState, Principal};
use rethread_proto::v1;
use rethread_proto::v1::status_service_server::StatusService;
use rethread_runtime::{AuditContext, Authenticator, Context, StatusConfig, bearer_token};
use rethread_stores::JobFilter;
use tonic::{Request, Response, Status};

use crate::answer::{not_found, refused, store_failed};
use crate::job_inspector::JobInspector;
use crate::watch::Watch;

const USUAL_PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 200;
/// A list ends after this many encoded bytes. Clients refuse messages of more than 4 MiB, and a job
/// carries up to two mapping tables of 64 KiB.
const LIST_BYTES: usize = 3 << 20;

/// Answers calls from the job store.
#[derive(Debug, Clone)]
pub(crate) struct JobStatus {
    context: Context,
    eyes: JobInspector,
    auth: Authenticator,
}

impl JobStatus {
    pub(crate) fn new(context: Context, config: &StatusConfig, auth: Authenticator) -> Self {
        let (jobs, clock) = (context.backends.jobs.clone(), context.clock.clone());
        Self { eyes: JobInspector::new(jobs, clock, config.stalled_after), context, auth }
    }

    /// Identifies the caller.
    async fn caller<T: Sync>(&self, request: &Request<T>) -> Result<Principal, Status> {
        let token = request
            .metadata()
            .get("authorization")
            .and_then(|value| value.to_str().ok())
            .and_then(bearer_token)
            .ok_or_else(|| Status::unauthenticated("a bearer token is needed in the metadata \"authorization\""))?;
        let trail = AuditContext { request_id: None, client: request.remote_addr().map(|client| client.ip()) };
        let caller = self.auth.authenticate(token).await.map_err(|error| refused(&error, &trail))?;
        Ok(caller.principal)
    }

    async fn job(&self, caller: &Principal, id: JobId) -> Result<Job, Status> {
        let found = self.context.backends.jobs.get(&caller.job_reach(), id).await;
        found.map_err(|error| store_failed(&error))?.ok_or_else(not_found)
    }

    /// Builds the message about a job.
    async fn told(&self, job: Job) -> Result<v1::Job, Status> {
        let glance = self.eyes.glance(&job).await.map_err(|error| store_failed(&error))?;
        Ok(glance.told_of(job))
    }
}

#[tonic::async_trait]
impl StatusService for JobStatus {
    type WatchJobStream = BoxStream<'static, Result<v1::Job, Status>>;

    async fn get_job(&self, request: Request<v1::GetJobRequest>) -> Result<Response<v1::Job>, Status> {
        let caller = self.caller(&request).await?;
        let id = job_id(&request.get_ref().job_id)?;
        let job = self.job(&caller, id).await?;
        Ok(Response::new(self.told(job).await?))
    }

    async fn list_jobs(&self, request: Request<v1::ListJobsRequest>) -> Result<Response<v1::ListJobsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let filter = filter(request.get_ref())?;
        let page = self.context.backends.jobs.list(&caller.job_reach(), &filter).await;
        let page = page.map_err(|error| store_failed(&error))?;
        let (mut jobs, mut bytes, mut has_more) = (Vec::with_capacity(page.jobs.len()), 0, page.has_more);
        for job in page.jobs {
            let job = self.told(job).await?;
            bytes += job.encoded_len();
            if bytes > LIST_BYTES && !jobs.is_empty() {
                has_more = true;
                break;
            }
            jobs.push(job);
        }
        let oldest = jobs.last().filter(|_| has_more);
        let next_page_token = oldest.map(|job| job.id.clone()).unwrap_or_default();
        Ok(Response::new(v1::ListJobsResponse { jobs, next_page_token }))
    }

    async fn watch_job(&self, request: Request<v1::WatchJobRequest>) -> Result<Response<Self::WatchJobStream>, Status> {
        let caller = self.caller(&request).await?;
        let v1::WatchJobRequest { job_id: id, after_revision } = request.into_inner();
        let id = job_id(&id)?;
        // Fails the call itself, not its stream, when there is nothing to watch.
        let job = self.job(&caller, id).await?;
        if job.state.is_final() && job.revision <= after_revision {
            return Ok(Response::new(stream::empty().boxed()));
        }
        let jobs = self.context.backends.jobs.clone();
        let soft_stop = self.context.lifecycle.soft().clone();
        let watch = Watch::new(jobs, self.eyes.clone(), caller.job_reach(), id, after_revision);
        Ok(Response::new(watch.snapshots(soft_stop)))
    }
}

fn job_id(text: &str) -> Result<JobId, Status> {
    text.parse().map_err(|_| Status::invalid_argument("job_id is not the id of a job"))
}

fn filter(request: &v1::ListJobsRequest) -> Result<JobFilter, Status> {
    let account = match request.account.as_str() {
        "" => None,
        name => {
            let account: AccountId = name.parse().map_err(|_| Status::invalid_argument("account names no account"))?;
            Some(account)
        }
    };
    let state = match v1::JobState::try_from(request.state) {
        Ok(v1::JobState::Unspecified) => None,
        Ok(state) => JobState::try_from(state).ok(),
        Err(_) => return Err(Status::invalid_argument("state is not a state of a job")),
    };
    let kind = match request.kind.as_str() {
        "" => None,
        word => {
            let kind = JobKind::from_word(word);
            Some(kind.ok_or_else(|| Status::invalid_argument("kind is not a kind of jobs"))?)
        }
    };
    let before = match request.page_token.as_str() {
        "" => None,
        token => Some(token.parse().map_err(|_| Status::invalid_argument("page_token comes from no earlier page"))?),
    };
    let limit = if request.page_size == 0 { USUAL_PAGE } else { request.page_size.min(LARGEST_PAGE) };
    Ok(JobFilter { account, kind, state, before, limit })
}
