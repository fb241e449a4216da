//! The import job of a linked site.

use std::time::Duration;

use rethread_backends::{Site, change, create_job};
use rethread_model::{
    AccountId, Change, FileFacts, ImportOptions, Job, JobId, NewJob, Reach, Sync, Task, TaskKind, Vendor,
};
use rethread_runtime::trace_parent;

use super::caller::LinkedSite;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// The job in which a linked site sends its comments. Not stored yet.
pub(crate) fn new_sync(gateway: &Gateway, account: &AccountId, site: &Site, id: JobId, started_by: &str) -> Job {
    let now = gateway.clock.now();
    let options = ImportOptions { vendor: Some(Vendor::WordPress), ..ImportOptions::default() };
    let new = NewJob {
        id,
        account: account.clone(),
        started_by: started_by.to_owned(),
        file_name: None,
        order: options.into(),
    };
    let evidence = "sent by the site's plugin".to_owned();
    let facts = FileFacts { vendor: Vendor::WordPress, origin: site.origin(), evidence };
    let sync = Sync::new(site.id, site.domain.clone(), now);
    Job { trace: trace_parent(), ..Job::sync(new, facts, sync, now) }
}

/// A job that is not there and is older than this was there once: stores forget those that ended long ago.
const TIME_TO_BEGIN: Duration = Duration::from_hours(1);

/// Stores the job that a site's row names, unless it is, or was, there. Whoever dies between writing the row and this leaves
/// it to the site's next request.
pub(crate) async fn begin(gateway: &Gateway, account: &AccountId, site: &Site) -> Result<Option<Job>, Problem> {
    let Some(id) = site.job else { return Ok(None) };
    let jobs = gateway.backends.jobs.as_ref();
    let reach = Reach::Account(account.clone());
    if let Some(job) = jobs.get(&reach, id).await? {
        return Ok(Some(job));
    }
    if gateway.clock.now().duration_since(id.made_at()).unsigned_abs() > TIME_TO_BEGIN {
        return Ok(None);
    }
    let job = new_sync(gateway, account, site, id, site.answered_by.as_deref().unwrap_or_default());
    match create_job(jobs, &job).await {
        Ok(()) => Ok(Some(job)),
        // Another request of the site was faster.
        Err(error) => jobs.get(&reach, id).await?.map_or_else(|| Err(error.into()), |job| Ok(Some(job))),
    }
}

/// The last sync of the calling site.
pub(super) async fn job_of(gateway: &Gateway, caller: &LinkedSite) -> Result<Option<Job>, Problem> {
    begin(gateway, &caller.account, &caller.site).await
}

/// Ends the sync of a site whose link has ended.
pub(crate) async fn end(gateway: &Gateway, account: &AccountId, site: &Site) -> Result<(), Problem> {
    let Some(id) = site.job else { return Ok(()) };
    let (jobs, clock) = (gateway.backends.jobs.as_ref(), gateway.clock.as_ref());
    if jobs.get(&Reach::Account(account.clone()), id).await?.is_none() {
        return Ok(());
    }
    // Refused of one that has ended already.
    if let Ok(job) = change(jobs, clock, account, id, Change::CancelRequested).await? {
        gateway.publish(Task::of(&job, TaskKind::Finish)).await;
    }
    Ok(())
}
