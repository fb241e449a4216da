//! Jobs and changes for tests.

use proptest::prelude::*;

use crate::{
    Change, Ending, FileFacts, ImportOptions, ImportSummary, Job, JobError, JobId, JobSpec, NewJob, Origin, Progress,
    Reconciled, Tally, Timestamp, Vendor, testing,
};

pub(crate) fn job_of(spec: impl Into<JobSpec>) -> Job {
    let new = NewJob {
        id: JobId::new(Timestamp::UNIX_EPOCH, &[7; 10]),
        account: "a".parse().unwrap(),
        started_by: "ann".to_owned(),
        file_name: None,
        spec: spec.into(),
    };
    Job::new(new, Timestamp::UNIX_EPOCH)
}

pub(crate) fn new_import(check: bool) -> Job {
    job_of(ImportOptions { check, ..ImportOptions::default() })
}

pub(crate) fn error(code: &str) -> JobError {
    JobError { code: code.to_owned(), message: format!("{code} happened"), offset: Some(3) }
}

pub(crate) fn ended(ending: Ending) -> Change {
    Change::Ended(ImportSummary::default(), ending)
}

pub(crate) fn through(mut job: Job, steps: impl IntoIterator<Item = Change>) -> Job {
    for step in steps {
        job = job.after(step, Timestamp::UNIX_EPOCH).unwrap();
        job.revision += 1;
    }
    job
}

/// Proof that the check, or the import, of the two slices planned by [`any_change`] is complete.
pub(crate) fn proof_of(check: bool) -> Reconciled {
    let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("f"), String::new());
    let progress = Progress { slices_total: 2, bytes_total: 9, ..Progress::default() };
    testing::proof(&Job { facts: Some(facts), progress, ..new_import(check) }).unwrap()
}

pub(crate) fn any_ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        any::<bool>().prop_map(|check| Ending::Reconciled(proof_of(check))),
        Just(Ending::Partial(Tally::default())),
        Just(Ending::Other),
    ]
}

pub(crate) fn any_change() -> impl Strategy<Value = Change> {
    let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("f"), String::new());
    prop_oneof![
        Just(Change::Uploaded { bytes: 9, sha256: "00".to_owned() }),
        Just(Change::AttemptStarted),
        Just(Change::Heartbeat),
        Just(Change::AttemptReleased),
        prop::bool::ANY.prop_map(move |damaged| Change::Planned {
            facts: facts.clone(),
            slices: 2,
            bytes_total: 9,
            sha256: None,
            defect: damaged.then(|| error("truncated")),
        }),
        Just(Change::CancelRequested),
        Just(Change::Fault(error("poison"))),
        Just(Change::FinishStarted),
        any::<bool>().prop_map(|checks| Change::Checked(
            ImportSummary { pages: 1, ..ImportSummary::default() },
            proof_of(checks)
        )),
        Just(Change::Confirmed { by: "ann".to_owned(), site_url: None, pages_as_before: false }),
        Just(Change::NotConfirmed),
        Just(Change::UploadDeleted),
        any_ending().prop_map(|ending| Change::Ended(ImportSummary { pages: 1, ..ImportSummary::default() }, ending)),
        Just(Change::NotReconciled(error("incomplete"))),
    ]
}
