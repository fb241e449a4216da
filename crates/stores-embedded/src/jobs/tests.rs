use rethread_model::{FixedClock, ImportOptions, NewJob};

use super::*;

async fn open(path: &Path) -> SqliteJobs {
    SqliteJobs::open(path, Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH))).await.unwrap()
}

fn new_job() -> Job {
    let new = NewJob {
        id: JobId::new(Timestamp::UNIX_EPOCH, &[1; 10]),
        account: "a".parse().unwrap(),
        started_by: "ann".to_owned(),
        file_name: None,
        spec: ImportOptions::default().into(),
    };
    Job::new(new, Timestamp::UNIX_EPOCH)
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms() {
    let directory = tempfile::tempdir().unwrap();
    rethread_stores_testsuite::jobs(Arc::new(open(&directory.path().join("jobs.db")).await)).await;
}

#[tokio::test]
async fn changes_by_another_process_are_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("jobs.db");
    let (here, elsewhere) = (open(&path).await, open(&path).await);
    let job = new_job();
    here.create(&job).await.unwrap();
    let waiting = here.wait(&Reach::All, job.id, job.revision, Duration::from_mins(1));
    let (seen, changed) = tokio::join!(waiting, elsewhere.replace(&job));
    assert_eq!(seen.unwrap().unwrap().revision, changed.unwrap().revision);
}

#[tokio::test]
async fn jobs_outlive_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("jobs.db");
    let job = new_job();
    open(&path).await.create(&job).await.unwrap();
    assert_eq!(open(&path).await.get(&Reach::All, job.id).await.unwrap(), Some(job));
}
