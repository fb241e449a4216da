//! The only place in this crate that lists the kinds of tasks and of jobs.

use rethread_model::{Order, TaskKind};

use super::export::WriteExport;
use super::finish::FinishJob;
use super::handler::TaskHandler;
use super::import_ending::ImportEnding;
use super::job_ending::JobEnding;
use super::move_pages::MovePages;
use super::plan::PlanUpload;
use super::slice::ReadSlice;

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
pub(super) const fn job_ending(order: &Order) -> &'static dyn JobEnding {
    match order {
        Order::Import(_) => &ImportEnding,
        Order::Export(_) => &WriteExport,
        Order::Move(_) => &MovePages,
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
