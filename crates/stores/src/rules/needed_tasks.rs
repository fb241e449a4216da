//! Which tasks of a job belong in the queue.

use rethread_model::{JobState, Phase, TaskKind};

use crate::SliceProgress;

/// The tasks that a job needs as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeededTasks {
    /// Nothing: the job has ended, or waits for an admin's confirmation.
    Nothing,
    /// A task for each open slice. One slice may stall while others of its job move, so each has a
    /// redelivery state of its own.
    OpenSlices,
    /// One task, whose redelivery state is the job's.
    One(TaskKind),
}

impl NeededTasks {
    /// The tasks of a job in this state and phase, whose slices are as `slices` says.
    #[must_use]
    pub const fn of(state: JobState, phase: Phase, slices: SliceProgress) -> Self {
        if state.is_final() || (matches!(state, JobState::Waiting) && !slices.stopping) {
            return Self::Nothing;
        }
        match phase {
            Phase::Importing if slices.open > 0 => Self::OpenSlices,
            // Nothing is open although there is something left to read: a worker died between the
            // end of a slice and the opening of the next one.
            Phase::Importing if !slices.is_read() => Self::One(TaskKind::Plan),
            _ if slices.stopping => Self::One(TaskKind::Finish),
            _ => match phase.task() {
                Some(kind) => Self::One(kind),
                None => Self::One(TaskKind::Finish),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slices(open: u32, pending: u32) -> SliceProgress {
        SliceProgress { stopping: false, open, pending }
    }

    fn stopping(open: u32, pending: u32) -> SliceProgress {
        SliceProgress { stopping: true, ..slices(open, pending) }
    }

    #[test]
    fn an_import_needs_its_open_slices_then_a_window_then_its_end() {
        let needed = |slices| NeededTasks::of(JobState::Running, Phase::Importing, slices);
        assert_eq!(needed(slices(2, 3)), NeededTasks::OpenSlices);
        assert_eq!(needed(slices(0, 3)), NeededTasks::One(TaskKind::Plan));
        assert_eq!(needed(slices(0, 0)), NeededTasks::One(TaskKind::Finish));
        assert_eq!(needed(stopping(1, 3)), NeededTasks::OpenSlices, "its worker reports where it stopped");
        assert_eq!(needed(stopping(0, 3)), NeededTasks::One(TaskKind::Finish), "nothing pending is read");
    }

    #[test]
    fn every_other_phase_has_one_task_and_a_stopping_job_only_ends() {
        for (phase, kind) in [
            (Phase::Uploading, TaskKind::Finish),
            (Phase::Planning, TaskKind::Plan),
            (Phase::Exporting, TaskKind::Export),
            (Phase::Moving, TaskKind::Move),
            (Phase::Finishing, TaskKind::Finish),
        ] {
            // The planner stores slices before the import begins.
            let needed = |slices| NeededTasks::of(JobState::Queued, phase, slices);
            assert_eq!(needed(slices(0, 7)), NeededTasks::One(kind), "{phase:?}");
            assert_eq!(needed(stopping(0, 0)), NeededTasks::One(TaskKind::Finish), "{phase:?}");
        }
    }

    #[test]
    fn an_ended_job_needs_nothing_and_a_waiting_one_only_its_end() {
        let needed = |state, slices| NeededTasks::of(state, Phase::Finishing, slices);
        for state in [JobState::Succeeded, JobState::Failed, JobState::Cancelled] {
            assert_eq!(needed(state, stopping(0, 0)), NeededTasks::Nothing);
        }
        assert_eq!(needed(JobState::Waiting, slices(0, 0)), NeededTasks::Nothing);
        assert_eq!(needed(JobState::Waiting, stopping(0, 0)), NeededTasks::One(TaskKind::Finish));
    }
}
