//! What the gateway does for admins, without HTTP: the same store calls in the same order.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use bytes::Bytes;
use parking_lot::Mutex;
use rethread_model::{
    AccountId, Change, Clock as _, ImportOptions, Job, JobError, JobId, JobState, NewJob, Reach, Task, TaskKind,
};
use rethread_stores::{BlobKey, BlobPrefix, BlobWriter, change, create_job};
use sha2::{Digest as _, Sha256};

use crate::random::Random;
use crate::world::World;

/// An upload: its owner, its options, and how it arrives.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) id: JobId,
    pub(crate) account: AccountId,
    pub(crate) options: ImportOptions,
    pub(crate) content: Bytes,
    /// Number of pieces in which the file arrives.
    pub(crate) pieces: usize,
    /// Longest pause between two pieces.
    pub(crate) pause: Duration,
    /// The piece after which the client disconnects, if it does.
    pub(crate) breaks_off_after: Option<usize>,
}

impl Upload {
    /// The id of the upload with this number in the run.
    pub(crate) fn id(world: &World, number: u8) -> JobId {
        JobId::new(world.clock.now(), &[number; 10])
    }

    /// `POST /imports`. Returns whether the file was accepted.
    pub(crate) async fn receive(&self, world: &World, random: &Mutex<Random>) -> bool {
        let backends = world.backends();
        let new = NewJob {
            id: self.id,
            account: self.account.clone(),
            started_by: "ann".to_owned(),
            file_name: None,
            spec: self.options.clone().into(),
        };
        let job = Job::new(new, world.clock.now());
        if create_job(&*backends.jobs, &job).await.is_err() {
            return false;
        }
        let mut writer = None;
        if let Err(reason) = self.store_and_hand_over(world, random, &mut writer).await {
            world.journal.note(&[&"an upload breaks off:", &reason]);
            self.clean_up(world, writer).await;
            return false;
        }
        true
    }

    async fn store_and_hand_over(
        &self,
        world: &World,
        random: &Mutex<Random>,
        writer: &mut Option<Box<dyn BlobWriter>>,
    ) -> anyhow::Result<()> {
        let backends = world.backends();
        let key = BlobKey::Upload(self.account.clone(), self.id);
        let open = writer.insert(backends.blobs.create(&key).await?);
        let mut hash = Sha256::new();
        let mut received = 0;
        let piece_bytes = self.content.len().div_ceil(self.pieces).max(1);
        for (number, piece) in self.content.chunks(piece_bytes).enumerate() {
            if self.breaks_off_after == Some(number) {
                bail!("the client is gone");
            }
            hash.update(piece);
            received += piece.len() as u64;
            open.write(Bytes::copy_from_slice(piece)).await?;
            let slice_progress = backends.jobs.receiving(&self.account, self.id, received).await;
            if slice_progress.is_ok_and(|slice_progress| slice_progress.stopping) {
                bail!("the job was cancelled");
            }
            let pause = random.lock().up_to(self.pause);
            tokio::time::sleep(pause).await;
        }
        let Some(whole) = writer.take() else { bail!("there is no writer") };
        let bytes = whole.finish().await?;
        let uploaded = Change::Uploaded { bytes, sha256: base16ct::lower::encode_string(&hash.finalize()) };
        match change(&*backends.jobs, &*world.clock, &self.account, self.id, uploaded).await? {
            Ok(job) if !job.stopping => publish(world, &job, TaskKind::Plan).await,
            _ => bail!("the job was cancelled"),
        }
        Ok(())
    }

    /// Failures here are left to the janitor.
    async fn clean_up(&self, world: &World, writer: Option<Box<dyn BlobWriter>>) {
        let backends = world.backends();
        if let Some(writer) = writer {
            let _ = writer.abort().await;
        }
        let reach = Reach::Account(self.account.clone());
        if let Ok(Some(job)) = backends.jobs.get(&reach, self.id).await
            && !job.cancel_requested
        {
            let error = JobError {
                code: "upload_broken".to_owned(),
                message: "the upload broke off; upload the file again".to_owned(),
                offset: None,
            };
            let _ = change(&*backends.jobs, &*world.clock, &self.account, self.id, Change::Fault(error)).await;
        }
        let _ = backends.blobs.delete_job(BlobPrefix::Uploads, &self.account, self.id).await;
        let finish = Task { account: self.account.clone(), job: self.id, kind: TaskKind::Finish, trace: None };
        let _ = backends.queue.publish_task(&finish).await;
    }
}

/// For an admin who uploads again after a failed import: the interval and the number of checks.
const LOOKS: (Duration, u32) = (Duration::from_secs(15), 40);

/// Whether the job of an upload has failed, as seen by an admin who checks at intervals.
pub(crate) async fn has_failed(world: &World, account: &AccountId, id: JobId) -> bool {
    let (backends, reach) = (world.backends(), Reach::Account(account.clone()));
    let (pause, looks) = LOOKS;
    for _ in 0..looks {
        tokio::time::sleep(pause).await;
        if let Ok(job) = backends.jobs.get(&reach, id).await
            && let Some(state) = job.map(|job| job.state).filter(|state| state.is_final())
        {
            return state == JobState::Failed;
        }
    }
    false
}

/// An admin's decision about a job.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ruling {
    Cancel,
    Confirm,
}

impl Ruling {
    /// `POST /jobs/{id}/cancel` or `…/confirm`. Rejections and errors concern only the admin.
    pub(crate) async fn on(self, world: Arc<World>, account: AccountId, id: JobId) {
        let (wanted, next) = match self {
            Self::Cancel => (Change::CancelRequested, TaskKind::Finish),
            Self::Confirm => {
                (Change::Confirmed { by: "ann".to_owned(), site_url: None, pages_as_before: false }, TaskKind::Plan)
            }
        };
        let backends = world.backends();
        let changed = change(&*backends.jobs, &*world.clock, &account, id, wanted).await;
        if let Ok(Ok(job)) = changed {
            publish(&world, &job, next).await;
        }
    }
}

/// Tasks that cannot be published are left to the janitor.
async fn publish(world: &World, job: &Job, kind: TaskKind) {
    let _ = world.backends().queue.publish_task(&Task::of(job, kind)).await;
}
