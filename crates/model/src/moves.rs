//! Moves: threads get another page.

mod mover;
mod rule;

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

pub use mover::{MoveFilter, MoveMatcher};
pub use rule::{InvalidMove, MoveRule, MoveTarget};

use crate::JobId;

/// What a move job does. As JSON `{"from": …, "to": …}` or `{"undo": "<id of a move job>"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged, try_from = "Given")]
pub enum Moving {
    /// Moves from one target to another.
    Rule(MoveRule),
    /// Reverts an earlier job, for threads that are still where that job put them.
    Undo {
        /// The earlier job; an undo can itself be undone.
        undo: JobId,
    },
}

/// Accepts any of the fields, so that errors are specific.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    from: Option<MoveTarget>,
    to: Option<MoveTarget>,
    undo: Option<JobId>,
}

impl TryFrom<Given> for Moving {
    type Error = InvalidMove;

    fn try_from(given: Given) -> Result<Self, InvalidMove> {
        match given {
            Given { from: Some(from), to: Some(to), undo: None } => MoveRule::new(from, to).map(Self::Rule),
            Given { from: None, to: None, undo: Some(undo) } => Ok(Self::Undo { undo }),
            _ => Err(InvalidMove::shape()),
        }
    }
}

/// What a move did, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct MoveTally {
    /// Threads moved.
    pub threads: u64,
    /// Pages with comments that they came from.
    pub pages: u64,
    /// Comments on those threads.
    pub comments: u64,
    /// Existing pages that received some of them.
    pub merged: u64,
    /// For an undo: threads left in place because they were moved again since.
    pub kept: u64,
}

impl AddAssign for MoveTally {
    fn add_assign(&mut self, other: Self) {
        self.threads += other.threads;
        self.pages += other.pages;
        self.comments += other.comments;
        self.merged += other.merged;
        self.kept += other.kept;
    }
}

#[cfg(test)]
mod tests;
