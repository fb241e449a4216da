//! The import job of a linked site.

use std::time::Duration;

use rethread_model::{
    AccountId, Change, FileFacts, ImportOptions, Job, JobId, NewJob, PageOptions, Reach, Scope, SiteSync, Task,
    TaskKind, Timestamp, Vendor,
};
use rethread_runtime::trace_parent;
use rethread_stores::{Site, change, create_job};

use super::batch::no_sync;
use super::caller::LinkedSite;
use crate::gateway::Gateway;
use crate::new_job::random;
use crate::problem::Problem;

/// Builds the job in which a linked site sends its comments. Not stored yet.
fn new_sync(gateway: &Gateway, account: &AccountId, site: &Site, id: JobId, pages: PageOptions) -> Job {
    let now = gateway.clock.now();
    let mut options = ImportOptions { vendor: Some(Vendor::WordPress), ..ImportOptions::default() };
    options.set_pages(pages);
    let new = NewJob {
        id,
        account: account.clone(),
        started_by: site.answered_by.clone().unwrap_or_default(),
        file_name: None,
        spec: options.into(),
    };
    let evidence = "sent by the site's plugin".to_owned();
    let facts = FileFacts::of_site(Vendor::WordPress, site.origin(), evidence);
    let sync = SiteSync::new(site.id, site.domain.clone(), now);
    Job { trace: trace_parent(), ..Job::sync(new, facts, sync, now) }
}

/// A job that is missing and older than this did exist: stores forget jobs that ended long ago.
const TIME_TO_BEGIN: Duration = Duration::from_hours(1);

/// Stores the job named in a site's row, unless it exists or existed. If the process dies between
/// writing the row and this step, the site's next request completes it.
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
    let scope = Scope { account: account.clone(), vendor: Vendor::WordPress, origin: site.origin() };
    // A sync has no page options of its own, so the stored ones apply.
    let pages = gateway.backends.comments.page_options(&scope).await?.unwrap_or_default();
    let job = new_sync(gateway, account, site, id, pages);
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

/// How long comments are rejected after an admin cancelled a sync: the plugin keeps sending for
/// a while.
const QUIET_AFTER_CANCEL: Duration = Duration::from_mins(1);

/// Begins a sync for comments that the site sends unasked. `last` is its last sync, which no longer
/// accepts any. Rejected if an admin has just cancelled that one.
pub(super) async fn open(gateway: &Gateway, caller: &LinkedSite, last: Option<&Job>) -> Result<Job, Problem> {
    let now = gateway.clock.now();
    if last.is_some_and(|job| is_being_cancelled(job, now)) {
        return Err(no_sync());
    }
    let (sites, site) = (gateway.backends.sites.as_ref(), &caller.site);
    let id = JobId::new(now, &random()?);
    if sites.begin_sync(&caller.account, site.id, site.job, id).await? {
        tracing::info!(site = %site.id, job = %id, "a site sends comments unasked, for which a sync begins");
        let site = Site { job: Some(id), ..site.clone() };
        return begin(gateway, &caller.account, &site).await?.ok_or_else(no_sync);
    }
    // Another request of the site, or an admin, was faster; or the link has ended.
    let linked = sites.sites(&caller.account).await?;
    let current =
        linked.into_iter().find(|one| one.id == site.id && one.linked_account().is_some()).ok_or_else(no_sync)?;
    begin(gateway, &caller.account, &current).await?.filter(Job::takes_batches).ok_or_else(no_sync)
}

fn is_being_cancelled(job: &Job, now: Timestamp) -> bool {
    let ended = job.ended_at.map(|at| now.duration_since(at).unsigned_abs());
    job.cancel_requested && ended.is_none_or(|ago| ago < QUIET_AFTER_CANCEL)
}

/// Ends the sync of a site whose link has ended.
pub(crate) async fn end(gateway: &Gateway, account: &AccountId, site: &Site) -> Result<(), Problem> {
    let Some(id) = site.job else { return Ok(()) };
    let (jobs, clock) = (gateway.backends.jobs.as_ref(), gateway.clock.as_ref());
    if jobs.get(&Reach::Account(account.clone()), id).await?.is_none() {
        return Ok(());
    }
    // Fails for a sync that has already ended.
    if let Ok(job) = change(jobs, clock, account, id, Change::CancelRequested).await? {
        gateway.publish(Task::of(&job, TaskKind::Finish)).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_cancelled_sync_is_quiet_for_a_while() {
        let new = NewJob {
            id: JobId::new(at(0), &[7; 10]),
            account: "a".parse().unwrap(),
            started_by: "ann".to_owned(),
            file_name: None,
            spec: ImportOptions::default().into(),
        };
        let running = Job::new(new, at(0));
        assert!(!is_being_cancelled(&running, at(5)));
        let cancelled = Job { cancel_requested: true, ..running.clone() };
        assert!(is_being_cancelled(&cancelled, at(900)), "until it has ended");
        let ended = Job { ended_at: Some(at(10)), ..cancelled };
        assert_eq!([10, 69, 70].map(|second| is_being_cancelled(&ended, at(second))), [true, true, false]);
        assert!(!is_being_cancelled(&Job { ended_at: Some(at(10)), ..running }, at(11)), "it ended by itself");
    }
}
