//! Whether everything that was planned was written. No import succeeds without the proof that is made here.

use std::collections::BTreeMap;

use crate::{FrameCounts, Job, JobError, JobId, SliceNumber, SliceSpec, Step, Tally};

/// What the comment store has of a step: stored with the rows that it speaks of, so it goes back in time where they do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommittedStep {
    /// Whether the step is complete.
    pub complete: bool,
    /// Byte offset in the document up to which records are written.
    pub position: Option<u64>,
    /// The frames that were read for what is written.
    pub frames: FrameCounts,
    /// The counts.
    pub tally: Tally,
}

/// What the comment store has of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// Its steps, those that were begun.
    pub steps: BTreeMap<Step, CommittedStep>,
    /// Comments in the ledger that were stored, or would be.
    pub ledger_comments: i64,
}

impl Written {
    /// The sum of the steps' counts.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut sum = Tally::default();
        for step in self.steps.values() {
            sum += &step.tally;
        }
        sum
    }

    /// Whether a step is complete.
    #[must_use]
    pub fn is_complete(&self, step: Step) -> bool {
        self.steps.get(&step).is_some_and(|step| step.complete)
    }
}

/// Where the plan, the slices and the ledger disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Discrepancy {
    /// Slices were lost.
    #[error("{planned} slices were planned, {found} are known")]
    Slices {
        /// How many there should be.
        planned: u32,
        /// How many there are.
        found: usize,
    },
    /// The slices do not add up to the file.
    #[error("{planned} bytes were planned, the slices hold more: {found}")]
    Bytes {
        /// Of the whole file.
        planned: u64,
        /// Of the slices.
        found: u64,
    },
    /// What the planner found was not written.
    #[error("what was found while planning is not written")]
    Plan,
    /// A slice was not written to its end.
    #[error("slice {0} is not written to its end")]
    Slice(SliceNumber),
    /// A slice was written, and something of it is missing or double.
    #[error("of slice {number} was planned: {planned}; written: {written}")]
    Frames {
        /// Which one.
        number: SliceNumber,
        /// What the planner saw.
        planned: FrameCounts,
        /// What was read for what is written.
        written: FrameCounts,
    },
    /// Replies were not linked to their end.
    #[error("replies are not linked to the end")]
    Unlinked,
    /// Comments became nothing.
    #[error("{read} comments were read, {accounted} are accounted for")]
    Comments {
        /// How many were read.
        read: i64,
        /// The sum of what became of them.
        accounted: i64,
    },
    /// The ledger lacks comments.
    #[error("{counted} comments were taken, the ledger holds {held}")]
    Ledger {
        /// By the steps' counts.
        counted: i64,
        /// By the ledger.
        held: i64,
    },
}

impl Discrepancy {
    /// As what a job fails with.
    #[must_use]
    pub fn into_error(self) -> JobError {
        let message = format!(
            "not everything of the file is written: {self}. The comment store was probably put back to an earlier state while \
             the import ran. Upload the file again: what is here already is not doubled"
        );
        JobError { code: "incomplete".to_owned(), message, offset: None }
    }
}

/// Proof that everything that was planned for a job's present pass is written. There is no other way to one than
/// [`Reconciled::of`], and no other way to a successful import than one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    import: JobId,
    tally: Tally,
}

impl Reconciled {
    /// Compares the plan (what the job and its slices say) with what the comment store has.
    ///
    /// An import that a linked site sends has no plan but the batches that came, which are its slices.
    pub fn of(job: &Job, slices: &[SliceSpec], written: &Written) -> Result<Self, Discrepancy> {
        if job.facts.is_none() {
            return Err(Discrepancy::Plan);
        }
        if job.sync.is_none() {
            all_slices(job, slices)?;
            if !written.is_complete(Step::Plan) {
                return Err(Discrepancy::Plan);
            }
        }
        slices.iter().try_for_each(|slice| whole(slice, written))?;
        if !written.is_complete(Step::Finish) {
            return Err(Discrepancy::Unlinked);
        }
        let tally = written.tally();
        let (read, accounted) = (tally.read.comments, tally.outcome.sum());
        if read != accounted {
            return Err(Discrepancy::Comments { read, accounted });
        }
        let (counted, held) = (tally.outcome.taken(), written.ledger_comments);
        if counted != held {
            return Err(Discrepancy::Ledger { counted, held });
        }
        Ok(Self { import: job.import_id(), tally })
    }

    /// Whether this is about what a job is doing now.
    pub(crate) fn is_of(&self, job: &Job) -> bool {
        self.import == job.import_id()
    }

    /// The counts of the comment store.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }
}

/// Whether the slices are those that were planned, each once.
fn all_slices(job: &Job, slices: &[SliceSpec]) -> Result<(), Discrepancy> {
    let planned = job.progress.slices_total;
    let is_each_there = (0..planned).eq(slices.iter().map(|slice| slice.number.0));
    if !is_each_there {
        return Err(Discrepancy::Slices { planned, found: slices.len() });
    }
    let (planned, found) = (job.progress.bytes_total, slices.iter().map(SliceSpec::size_bytes).sum());
    if found > planned { Err(Discrepancy::Bytes { planned, found }) } else { Ok(()) }
}

/// Whether a slice is written to its end, with every frame.
fn whole(slice: &SliceSpec, written: &Written) -> Result<(), Discrepancy> {
    let number = slice.number;
    let step = written.steps.get(&Step::Slice(number)).filter(|step| step.complete);
    let step = step.filter(|step| step.position == Some(slice.end)).ok_or(Discrepancy::Slice(number))?;
    let (planned, written) = (slice.content.frames, step.frames);
    if planned == written { Ok(()) } else { Err(Discrepancy::Frames { number, planned, written }) }
}

#[cfg(test)]
mod tests;
