//! Plans and written data for tests in which jobs end. Proofs are created as everywhere else, by
//! comparison.

use crate::{
    CommittedStep, Ending, FrameCounts, Job, JobKind, Reconciled, SliceContent, SliceNumber, SliceSource, SliceSpec,
    Step, Tally, Written,
};

/// The planned number of slices for a job, of one byte and one comment each.
#[must_use]
pub fn slices(job: &Job) -> Vec<SliceSpec> {
    let slice = |number| SliceSpec {
        number: SliceNumber(number),
        source: SliceSource::Upload,
        part: 0,
        start: u64::from(number),
        end: u64::from(number) + 1,
        origin: None,
        newest_comment_at: None,
        content: SliceContent { frames: FrameCounts { comments: 1, ..FrameCounts::default() }, ..Default::default() },
        head: serde_json::Value::Null,
    };
    (0..job.progress.slices_total).map(slice).collect()
}

/// What a comment store has of these slices when everything is written; the counts are those of the
/// plan.
#[must_use]
pub fn written(slices: &[SliceSpec], tally: Tally) -> Written {
    let ledger_comments = tally.outcome.taken();
    let whole = |slice: &SliceSpec| CommittedStep {
        complete: true,
        position: Some(slice.end),
        frames: slice.content.frames,
        tally: Tally::default(),
    };
    let plan = CommittedStep { complete: true, tally, ..CommittedStep::default() };
    let link = CommittedStep { complete: true, ..CommittedStep::default() };
    let steps = slices.iter().map(|slice| (Step::Slice(slice.number), whole(slice)));
    let steps = steps.chain([(Step::Plan, plan), (Step::Finish, link)]).collect();
    Written { steps, ledger_comments, has_ended: false }
}

/// Proof that everything planned was written, with the job's counts. `None` if nothing was planned.
#[must_use]
pub fn proof(job: &Job) -> Option<Reconciled> {
    let slices = slices(job);
    Reconciled::of(job, &slices, &written(&slices, job.tally.clone())).ok()
}

/// A valid ending for the job's current state.
#[must_use]
pub fn ending(job: &Job) -> Ending {
    match proof(job) {
        _ if job.kind() != JobKind::Import => Ending::Other,
        Some(proof) => Ending::Reconciled(proof),
        None => Ending::Partial(job.tally.clone()),
    }
}
