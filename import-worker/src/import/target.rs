//! Where an import writes to.

use rethread_model::{FileFacts, Job, Scope, SliceSpec};
use rethread_stores::Target;

/// The target of a job.
pub(super) fn target(job: &Job, facts: &FileFacts) -> Target {
    let scope = Scope { account: job.account.clone(), vendor: facts.vendor, origin: facts.origin.clone() };
    let overwrite = job.import().is_some_and(|options| options.overwrite);
    Target { scope, job: job.import_id(), dry_run: job.is_dry_run(), newest_comment_at: None, overwrite }
}

/// The target of a slice: its scope is the site of records that name none.
pub(super) fn target_of_slice(job: &Job, facts: &FileFacts, spec: &SliceSpec) -> Target {
    let target = target(job, facts);
    let origin = spec.origin.clone().unwrap_or(target.scope.origin);
    Target { scope: Scope { origin, ..target.scope }, newest_comment_at: spec.newest_comment_at, ..target }
}
