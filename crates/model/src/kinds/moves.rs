//! Moves: reports of the worker that moves the threads.

use super::{JobSpec, KindChange, KindFacts, KindVerbs, Phase};
use crate::{Change, Job, MoveTally, Moving, TimelineEvent, Timestamp};

pub(super) const FACTS: KindFacts = KindFacts {
    word: "move",
    first_phase: Phase::Moving,
    cancelled: "cancelled; what was moved before stays, and can be undone",
    audit_action: "move_begun",
    verbs: KindVerbs { done: "Moved", doing: "Moving", to_do: "move", object: "pages" },
};

/// A change of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoveChange {
    /// Progress of a worker that is moving threads.
    Progressed(MoveTally),
    /// All threads were moved.
    Moved(MoveTally),
}

impl MoveChange {
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Progressed(_) => "move progressed",
            Self::Moved(_) => "moved",
        }
    }

    pub(super) fn apply(self, job: &mut Job, now: Timestamp) -> bool {
        match self {
            Self::Progressed(tally) if job.is_working(Phase::Moving) && !job.stopping => {
                job.results.moved = Some(tally);
                // Each completed step counts as progress.
                job.attempts = 0;
            }
            // Accepted even if the job is stopping: the request came too late.
            Self::Moved(tally) if job.is_working(Phase::Moving) => {
                job.results.moved = Some(tally);
                job.finish_work(now, TimelineEvent::Moved, format!("{} threads moved", tally.threads));
            }
            _ => return false,
        }
        true
    }
}

impl From<Moving> for JobSpec {
    fn from(moving: Moving) -> Self {
        Self::Move(moving)
    }
}

impl From<MoveChange> for Change {
    fn from(change: MoveChange) -> Self {
        Self::OfKind(KindChange::Move(change))
    }
}

impl MoveTally {
    /// The totals.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let Self { threads, pages, comments, merged, kept } = self;
        let stayed = (*kept > 0).then(|| format!("{kept} threads were moved again since, and stay where they are"));
        let moved = [
            format!("{comments} comments from {pages} pages, in {threads} threads"),
            format!("{merged} pages were there already and took some of them in"),
        ];
        moved.into_iter().chain(stayed).collect()
    }
}

#[cfg(test)]
mod tests;
