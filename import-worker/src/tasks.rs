//! What a worker does: one file for each kind of task, and how each kind of job ends. This file is
//! the only one in the crate that lists the kinds.

mod export;
mod finish;
mod handler;
mod import_ending;
mod job_ending;
mod move_pages;
mod plan;
mod slice;
mod start_attempt;

use rethread_model::{JobSpec, TaskKind};

use self::export::WriteExport;
use self::finish::FinishJob;
use self::import_ending::ImportEnding;
use self::job_ending::JobEnding;
use self::move_pages::MovePages;
use self::plan::PlanUpload;
use self::slice::ReadSlice;

pub(crate) use self::handler::TaskHandler;

/// The handler of a kind of task.
pub(crate) fn handler(kind: TaskKind) -> Box<dyn TaskHandler> {
    match kind {
        TaskKind::Plan => Box::new(PlanUpload),
        TaskKind::Slice { number } => Box::new(ReadSlice { number }),
        TaskKind::Export => Box::new(WriteExport),
        TaskKind::Move => Box::new(MovePages),
        TaskKind::Finish => Box::new(FinishJob),
    }
}

/// How a job ends, by what was requested.
const fn ending_of(spec: &JobSpec) -> &'static dyn JobEnding {
    match spec {
        JobSpec::Import(_) => &ImportEnding,
        JobSpec::Export(_) => &WriteExport,
        JobSpec::Move(_) => &MovePages,
    }
}

#[cfg(test)]
mod tests {
    use std::iter::successors;

    use rethread_model::SliceNumber;

    use super::*;

    /// Every kind of task. A kind that is missing here does not compile.
    fn kinds() -> impl Iterator<Item = TaskKind> {
        successors(Some(TaskKind::Plan), |kind| match kind {
            TaskKind::Plan => Some(TaskKind::Slice { number: SliceNumber(3) }),
            TaskKind::Slice { .. } => Some(TaskKind::Export),
            TaskKind::Export => Some(TaskKind::Move),
            TaskKind::Move => Some(TaskKind::Finish),
            TaskKind::Finish => None,
        })
    }

    /// A task that fails its job leads to `Finish` directly, or repeats until the job has seen that
    /// it is stopping and publishes `Finish` itself, as slices do.
    #[test]
    fn a_failed_task_leads_to_an_end() {
        for kind in kinds() {
            let next = handler(kind).task_after_failure();
            assert!(next == TaskKind::Finish || next == kind, "{kind:?} leads to {next:?}");
        }
    }

    /// The end of a job must not depend on a task that may give up.
    #[test]
    fn only_the_last_task_is_retried_until_it_succeeds() {
        for kind in kinds() {
            assert_eq!(handler(kind).may_fail_job(), kind != TaskKind::Finish, "{kind:?}");
        }
    }

    #[test]
    fn every_failure_is_worded() {
        for kind in kinds() {
            let activity = handler(kind).activity();
            assert!(activity.contains(' ') && !activity.ends_with('.'), "{activity}");
        }
    }
}
