//! Verifies that everything planned was written. An import succeeds only with the proof created
//! here.

use std::collections::BTreeMap;

use crate::{FrameCounts, Job, JobError, JobId, SliceNumber, SliceSpec, Step, Tally};

/// What the comment store recorded for a step. It is stored with the rows that it describes, so a
/// restored backup reverts both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommittedStep {
    /// Whether the step is complete.
    pub complete: bool,
    /// Byte offset in the document up to which records are written.
    pub position: Option<u64>,
    /// The frames read for the written records.
    pub frames: FrameCounts,
    /// The counts.
    pub tally: Tally,
}

/// What the comment store has of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// The steps that were started.
    pub steps: BTreeMap<Step, CommittedStep>,
    /// Comments in the ledger that were stored, or would be.
    pub ledger_comments: i64,
    /// The import has ended: nothing more can be written for it, and its steps are forgotten.
    pub has_ended: bool,
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

/// A disagreement between the plan, the slices and the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Discrepancy {
    /// The comment store has ended the import, though its job has not.
    #[error("the import had ended before")]
    Ended,
    /// Slices were lost.
    #[error("{planned} slices were planned, {found} are known")]
    Slices {
        /// The planned number.
        planned: u32,
        /// The actual number.
        found: usize,
    },
    /// The slices do not add up to the file.
    #[error("{planned} bytes were planned, the slices hold more: {found}")]
    Bytes {
        /// Bytes of the whole file.
        planned: u64,
        /// Bytes of the slices.
        found: u64,
    },
    /// The planner's findings were not written.
    #[error("what was found while planning is not written")]
    Plan,
    /// A slice was not written completely.
    #[error("slice {0} is not written to its end")]
    Slice(SliceNumber),
    /// A slice was written, but something in it is missing or duplicated.
    #[error("of slice {number} was planned: {planned}; written: {written}")]
    Frames {
        /// The slice's number.
        number: SliceNumber,
        /// What the planner saw.
        planned: FrameCounts,
        /// What was read for the written records.
        written: FrameCounts,
    },
    /// Linking of replies did not complete.
    #[error("replies are not linked to the end")]
    Unlinked,
    /// Comments have no outcome.
    #[error("{read} comments were read, {accounted} are accounted for")]
    Comments {
        /// The number of comments read.
        read: i64,
        /// The sum of the outcomes.
        accounted: i64,
    },
    /// Comments are missing from the ledger.
    #[error("{counted} comments were taken, the ledger holds {held}")]
    Ledger {
        /// According to the steps' counts.
        counted: i64,
        /// According to the ledger.
        held: i64,
    },
}

impl Discrepancy {
    /// The error that the job fails with.
    #[must_use]
    pub fn into_error(self) -> JobError {
        let store = if self == Self::Ended { "job store" } else { "comment store" };
        let message = format!(
            "not everything of the file is written: {self}. The {store} was probably put back to an earlier state while \
             the import ran. Upload the file again: what is here already is not doubled"
        );
        JobError { code: "incomplete".to_owned(), message, offset: None }
    }
}

/// Proof that everything planned for a job's current pass was written. Only [`Reconciled::of`]
/// creates it, and no import succeeds without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    import: JobId,
    tally: Tally,
}

impl Reconciled {
    /// Compares the plan (from the job and its slices) with the comment store.
    ///
    /// For an import from a linked site, the plan is the batches received, which are its slices.
    pub fn of(job: &Job, slices: &[SliceSpec], written: &Written) -> Result<Self, Discrepancy> {
        if written.has_ended {
            return Err(Discrepancy::Ended);
        }
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

    /// Whether this proof belongs to the job's current pass.
    pub(crate) fn is_of(&self, job: &Job) -> bool {
        self.import == job.import_id()
    }

    /// The counts from the comment store.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }
}

/// Checks that the slices are those that were planned, each once.
fn all_slices(job: &Job, slices: &[SliceSpec]) -> Result<(), Discrepancy> {
    let planned = job.progress.slices_total;
    let is_each_there = (0..planned).eq(slices.iter().map(|slice| slice.number.0));
    if !is_each_there {
        return Err(Discrepancy::Slices { planned, found: slices.len() });
    }
    let (planned, found) = (job.progress.bytes_total, slices.iter().map(SliceSpec::size_bytes).sum());
    if found > planned { Err(Discrepancy::Bytes { planned, found }) } else { Ok(()) }
}

/// Checks that a slice was written completely, with every frame.
fn whole(slice: &SliceSpec, written: &Written) -> Result<(), Discrepancy> {
    let number = slice.number;
    let step = written.steps.get(&Step::Slice(number)).filter(|step| step.complete);
    let step = step.filter(|step| step.position == Some(slice.end)).ok_or(Discrepancy::Slice(number))?;
    let (planned, written) = (slice.content.frames, step.frames);
    if planned == written { Ok(()) } else { Err(Discrepancy::Frames { number, planned, written }) }
}

#[cfg(test)]
mod tests;
