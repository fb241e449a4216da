//! `POST /exports`: starts an export of comments.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use rethread_model::{AccountId, ExportOptions, Job, JobKind, Reach};
use rethread_stores::JobFilter;

use crate::extract::{Admin, JsonBody, Params, Shape};
use crate::gateway::Gateway;
use crate::new_job::start_job;
use crate::problem::Problem;
use crate::views::JobView;

/// Number of jobs examined to count an account's exports.
const LOOKED_AT: u32 = 200;

impl Shape for ExportOptions {
    const LOOKS: &'static str = "{\"format\": \"csv\", \"gzip\": false, \"filter\": {\"page\": \"…\", \"vendor\": \"disqus\", \
        \"origin\": \"…\", \"from\": \"2020-01-02T03:04:05Z\", \"until\": \"…\", \"status\": [\"approved\"]}}, of which only \
        the format, one of csv, jsonl, wordpress, commento and disqus, must be there";
}

/// Export comments
///
/// Starts a background job that writes the account's comments, as they are when it begins, into a
/// file. Once the job has succeeded, the file is available at `/jobs/{id}/file` until it expires.
#[utoipa::path(
    post,
    path = "/api/v1/exports",
    operation_id = "exportComments",
    tag = "exports",
    request_body = ExportOptions,
    responses(
        (status = 202, description = "The job", body = JobView, headers(("location" = String, description = "Path of the job"))),
        (status = 400, description = "`invalid-parameter`, or `invalid-body`: the body is not the object that this takes"),
        (status = 408, description = "`body-idle`: the body did not arrive in time"),
        (status = 413, description = "`body-too-large`"),
        (status = 415, description = "`not-json`"),
        (status = 429, description = "`too-many-exports` or `too-many-requests`; see `retry-after`"),
    ),
)]
pub(crate) async fn create(
    State(gateway): State<Gateway>,
    admin: Admin,
    params: Params,
    JsonBody(options): JsonBody<ExportOptions>,
) -> Result<Response, Problem> {
    params.finish()?;
    check(&options)?;
    room(&gateway, &admin.account).await?;
    start_job(&gateway, &admin, options.into()).await
}

fn check(options: &ExportOptions) -> Result<(), Problem> {
    let filter = &options.filter;
    match (filter.from, filter.until) {
        (Some(from), Some(until)) if from >= until => {
            Err(Problem::parameter("filter.until", "filter.until must be later than filter.from"))
        }
        _ => Ok(()),
    }
}

/// Rejects the request when the account has reached its maximum number of exports: running, or with
/// a file that was not deleted yet.
async fn room(gateway: &Gateway, account: &AccountId) -> Result<(), Problem> {
    let filter = JobFilter { kind: Some(JobKind::Export), limit: LOOKED_AT, ..JobFilter::default() };
    let newest = gateway.backends.jobs.list(&Reach::Account(account.clone()), &filter).await?;
    let holds_something = |job: &&Job| !job.state.is_final() || job.offered_file().is_some();
    let most = gateway.max_exports_per_account;
    if newest.jobs.iter().filter(holds_something).count() < most {
        return Ok(());
    }
    let detail = format!(
        "the account has {most} exports on their way or stored, as many as it may; fetch what is there, or wait until the \
         oldest expires"
    );
    Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-exports", detail).retry_after(60))
}
