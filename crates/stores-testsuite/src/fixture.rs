//! Accounts, jobs and clocks for the suites.

use rethread_model::{AccountId, ImportOptions, Job, JobId, JobSpec, NewJob, Timestamp};

/// A fresh account.
pub(super) fn fresh_account() -> AccountId {
    let random = getrandom::u64().expect("randomness");
    format!("conformance-{random:016x}").parse().expect("an account id")
}

/// A job id that sorts after those of jobs with a smaller `second`.
pub(super) fn job_id(second: i64) -> JobId {
    let mut random = [0; 10];
    getrandom::fill(&mut random).expect("randomness");
    JobId::new(at(second), &random)
}

/// A point in time.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).expect("a moment")
}

/// A job whose upload begins at a point in time.
pub(super) fn new_job(account: &AccountId, second: i64) -> Job {
    job_with(account, second, ImportOptions::default())
}

/// The same for a job with options, started by an admin.
pub(super) fn job_with(account: &AccountId, second: i64, spec: impl Into<JobSpec>) -> Job {
    let new = NewJob {
        id: job_id(second),
        account: account.clone(),
        started_by: "ann".to_owned(),
        file_name: Some("export.xml".to_owned()),
        spec: spec.into(),
    };
    Job::new(new, at(second))
}
