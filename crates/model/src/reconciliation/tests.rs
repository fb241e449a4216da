use proptest::prelude::*;

use super::*;
use crate::{
    Change, Ending, FileFacts, ImportOptions, ImportSummary, JobState, NewJob, Origin, SliceContent, SliceSource,
    Timestamp, Vendor,
};

/// What a worker commits at once.
type Batch = (FrameCounts, Tally);

/// A slice and the batches in which it is written.
#[derive(Debug, Clone)]
struct Slice {
    batches: Vec<Batch>,
}

fn batch() -> impl Strategy<Value = Batch> {
    (0_u64..4, 0_u64..30, 0_i64..30, 0_i64..3).prop_map(|(threads, comments, taken, skipped)| {
        let mut tally = Tally::default();
        tally.read.comments = taken + skipped;
        tally.outcome.created = taken;
        tally.outcome.skipped = skipped;
        // Losing a batch without frames would not be a loss.
        (FrameCounts { threads, comments: comments + 1, ..FrameCounts::default() }, tally)
    })
}

fn slices() -> impl Strategy<Value = Vec<Slice>> {
    let slice = prop::collection::vec(batch(), 1..5).prop_map(|batches| Slice { batches });
    prop::collection::vec(slice, 1..6)
}

/// What may be lost on the way.
#[derive(Debug, Clone, Copy)]
enum Loss {
    Nothing,
    /// A batch of a slice whose checkpoint still states that it is complete.
    Batch,
    /// A batch is written twice.
    Double,
    /// The last batches of a slice.
    End,
    /// A whole slice, in the comment store.
    Slice,
    /// A whole slice, in the job store.
    Planned,
    /// The planner's output.
    Plan,
    /// The links.
    Links,
    /// Rows of the ledger.
    Ledger,
    /// The whole import: the comment store has ended it.
    Ended,
}

const LOSSES: [Loss; 10] = [
    Loss::Nothing,
    Loss::Batch,
    Loss::Double,
    Loss::End,
    Loss::Slice,
    Loss::Planned,
    Loss::Plan,
    Loss::Links,
    Loss::Ledger,
    Loss::Ended,
];

fn committed(batches: &[Batch], end: Option<u64>) -> CommittedStep {
    let mut step = CommittedStep { complete: end.is_some(), position: end, ..CommittedStep::default() };
    for (frames, tally) in batches {
        step.frames += *frames;
        step.tally += tally;
    }
    step
}

/// The slices of a plan, and what is written of them after a loss.
fn story(slices: &[Slice], loss: Loss, at: usize) -> (Vec<SliceSpec>, Written) {
    let hit = at % slices.len();
    let mut specs = Vec::new();
    let mut written = Written::default();
    for (number, slice) in (0..).zip(slices) {
        let whole = committed(&slice.batches, None);
        let end = u64::from(number) * 10 + 10;
        specs.push(SliceSpec {
            number: SliceNumber(number),
            source: SliceSource::Upload,
            part: 0,
            start: end - 10,
            end,
            origin: None,
            newest_comment_at: None,
            content: SliceContent { frames: whole.frames, ..SliceContent::default() },
            head: serde_json::Value::Null,
        });
        let mut batches = slice.batches.clone();
        let mut position = Some(end);
        if number as usize == hit {
            let batch = at % batches.len();
            match loss {
                Loss::Batch => drop(batches.remove(batch)),
                Loss::Double => batches.push(batches[batch].clone()),
                Loss::End => {
                    batches.truncate(batch);
                    position = None;
                }
                Loss::Slice => continue,
                _ => {}
            }
        }
        written.steps.insert(Step::Slice(SliceNumber(number)), committed(&batches, position));
    }
    let none = || CommittedStep { complete: true, ..CommittedStep::default() };
    written.steps.insert(Step::Plan, none());
    written.steps.insert(Step::Finish, none());
    written.ledger_comments = written.tally().outcome.taken();
    match loss {
        Loss::Planned => drop(specs.remove(hit)),
        Loss::Plan => drop(written.steps.remove(&Step::Plan)),
        Loss::Links => drop(written.steps.remove(&Step::Finish)),
        Loss::Ledger => written.ledger_comments -= 1,
        Loss::Ended => written.has_ended = true,
        _ => {}
    }
    (specs, written)
}

fn finishing(check: bool, slices: u32) -> Job {
    let new = NewJob {
        id: JobId::new(Timestamp::UNIX_EPOCH, &[7; 10]),
        account: "a".parse().unwrap(),
        started_by: "ann".to_owned(),
        file_name: None,
        spec: ImportOptions { check, ..ImportOptions::default() }.into(),
    };
    let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("f"), String::new());
    let steps = [
        Change::Uploaded { bytes: 9, sha256: "00".to_owned() },
        Change::AttemptStarted,
        Change::Planned { facts, slices, bytes_total: u64::from(slices) * 10 + 3, defect: None, sha256: None },
        Change::FinishStarted,
    ];
    let job = Job::new(new, Timestamp::UNIX_EPOCH);
    steps.into_iter().fold(job, |job, step| job.after(step, Timestamp::UNIX_EPOCH).unwrap())
}

proptest! {
    /// After any loss the job neither succeeds nor waits for confirmation. Without a loss it does,
    /// with the counts of the comment store, whatever was reported.
    #[test]
    fn an_import_succeeds_exactly_when_nothing_is_lost(
        slices in slices(),
        loss in prop::sample::select(LOSSES.to_vec()),
        at in 0_usize..100,
        check in any::<bool>(),
    ) {
        let job = finishing(check, u32::try_from(slices.len()).unwrap());
        let (specs, written) = story(&slices, loss, at);
        let reconciled = Reconciled::of(&job, &specs, &written);
        prop_assert_eq!(reconciled.is_ok(), matches!(loss, Loss::Nothing), "{:?}", reconciled);
        let without = Change::Ended(ImportSummary::default(), Ending::Partial(written.tally()));
        prop_assert!(job.after(without.clone(), Timestamp::UNIX_EPOCH).is_err());
        let other = Change::Ended(ImportSummary::default(), Ending::Other);
        prop_assert!(job.after(other, Timestamp::UNIX_EPOCH).is_err());
        match reconciled {
            Ok(proof) if check => {
                let waiting = job.after(Change::Checked(ImportSummary::default(), proof), Timestamp::UNIX_EPOCH).unwrap();
                prop_assert_eq!((waiting.state, waiting.tally), (JobState::Waiting, written.tally()));
            }
            Ok(proof) => {
                let change = Change::Ended(ImportSummary::default(), Ending::Reconciled(proof));
                let ended = job.after(change, Timestamp::UNIX_EPOCH).unwrap();
                prop_assert_eq!((ended.state, ended.tally), (JobState::Succeeded, written.tally()));
            }
            Err(discrepancy) => {
                let failing = job.after(Change::NotReconciled(discrepancy.into_error()), Timestamp::UNIX_EPOCH).unwrap();
                let failed = failing.after(without, Timestamp::UNIX_EPOCH).unwrap();
                prop_assert_eq!(failed.state, JobState::Failed);
                prop_assert_eq!(failed.error.unwrap().code, "incomplete");
            }
        }
    }
}

/// The check's proof is not valid for the import that follows.
#[test]
fn a_proof_is_of_one_leg() {
    let checking = finishing(true, 1);
    let proof = crate::testing::proof(&checking).unwrap();
    let importing = Job { confirmed: true, ..checking };
    let change = Change::Ended(ImportSummary::default(), Ending::Reconciled(proof));
    importing.after(change, Timestamp::UNIX_EPOCH).unwrap_err();
}
