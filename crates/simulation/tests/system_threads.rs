//! Runs the simulated code on system threads as well, instead of lockstep threads.

use std::sync::Arc;

use import_worker::{SystemThreads, run_on};
use rethread_bench::{Recipe, generate};
use rethread_model::{
    Change, Clock, ImportOptions, Job, JobId, JobState, NewJob, Reach, SystemClock, Task, TaskKind, Vendor,
};
use rethread_runtime::{Context, Lifecycle, WorkerConfig};
use rethread_simulation::undisturbed;
use rethread_stores::{BlobKey, change};
use sha2::{Digest as _, Sha256};

#[tokio::test]
async fn a_file_is_planned_and_read() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let backends = undisturbed(Arc::clone(&clock)).unwrap();
    let new = NewJob {
        id: JobId::new(clock.now(), &[7; 10]),
        account: "acme".parse().unwrap(),
        started_by: "ann".to_owned(),
        file_name: None,
        spec: ImportOptions::default().into(),
    };
    let job = Job::new(new, clock.now());
    backends.jobs.create(&job).await.unwrap();
    let mut document = Vec::new();
    let truth = generate(&Recipe::new(Vendor::Disqus, 120), &mut document).unwrap();
    let mut writer = backends.blobs.create(&BlobKey::Upload(job.account.clone(), job.id)).await.unwrap();
    let sha256 = base16ct::lower::encode_string(&Sha256::digest(&document));
    writer.write(document.into()).await.unwrap();
    let uploaded = Change::Uploaded { bytes: writer.finish().await.unwrap(), sha256 };
    change(&*backends.jobs, &*clock, &job.account, job.id, uploaded).await.unwrap().unwrap();
    backends.queue.publish_task(&Task::of(&job, TaskKind::Plan)).await.unwrap();

    let context = Context::new(backends.clone(), clock, Lifecycle::new());
    let config = WorkerConfig { slots: 2, slice_bytes: 16 << 10, batch_comments: 10, ..WorkerConfig::default() };
    let worker = tokio::spawn(run_on(Arc::new(SystemThreads), context.clone(), config));
    let mut now = job;
    while !now.state.is_final() {
        let reach = Reach::Account(now.account.clone());
        now =
            backends.jobs.wait(&reach, now.id, now.revision, std::time::Duration::from_mins(1)).await.unwrap().unwrap();
    }
    context.lifecycle.stop();
    worker.await.unwrap().unwrap();
    assert_eq!((now.state, now.tally.outcome), (JobState::Succeeded, truth.outcome), "{:?}", now.error);
    assert!(now.progress.slices_total > 2, "{:?}", now.progress);
}
