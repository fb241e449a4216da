//! Executes a story.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rethread_model::{Clock as _, JobId, Timestamp};
use tokio::task::JoinSet;

use crate::files::ExportFile;
use crate::gateway::{Upload, has_failed};
use crate::process::{Process, Role};
use crate::random::{Purpose, Random};
use crate::story::{Act, Story, Tampering};
use crate::world::World;

/// A rollback of the comment store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setback {
    /// The time whose state was restored.
    pub(crate) to: Timestamp,
    pub(crate) at: Timestamp,
    /// Whether the workers were killed during the rollback.
    pub(crate) kills: bool,
}

/// An upload that was started.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    pub(crate) job: JobId,
    number: usize,
    pub(crate) account: &'static str,
    pub(crate) file: ExportFile,
    pub(crate) is_dry_run: bool,
}

/// Executes a story.
pub(crate) struct Director {
    world: Arc<World>,
    story: Story,
    random: Arc<Mutex<Random>>,
    /// `None` while the process is down.
    processes: Vec<Option<Process>>,
    gateway: JoinSet<()>,
    pub(crate) begun: Arc<Mutex<Vec<Begun>>>,
    pub(crate) setbacks: Vec<Setback>,
    pub(crate) jobs_went_back: bool,
    /// Violations by processes.
    pub(crate) problems: Vec<String>,
}

impl Director {
    pub(crate) fn new(world: Arc<World>, seed: u64, story: Story) -> Self {
        let roles = story.workers.iter().map(|slots| Role::Worker { slots: *slots });
        let roles = roles.chain((0..story.notifiers).map(|_| Role::Notifier));
        let processes = roles.map(|role| Some(Process::start(&world, role))).collect();
        let random = Arc::new(Mutex::new(Random::new(seed, Purpose::Admin)));
        let (gateway, setbacks, problems) = (JoinSet::new(), Vec::new(), Vec::new());
        let begun = Arc::default();
        Self { world, story, random, processes, gateway, begun, setbacks, jobs_went_back: false, problems }
    }

    /// Executes all events, then disables all faults, and returns once the last admin is satisfied.
    pub(crate) async fn run(&mut self) -> anyhow::Result<()> {
        for (at, act) in std::mem::take(&mut self.story.acts) {
            self.sleep_until(at).await;
            self.world.journal.note(&[&format_args!("=== {act:?}")]);
            self.perform(act).await?;
        }
        self.sleep_until(self.story.clears_up_at).await;
        self.world.journal.note(&[&"=== the weather clears up"]);
        self.world.weather.clear_up();
        while let Some(ended) = self.gateway.join_next().await {
            if ended.is_err_and(|error| error.is_panic()) {
                self.problems.push("the gateway panicked".to_owned());
            }
        }
        Ok(())
    }

    async fn sleep_until(&self, at: Duration) {
        tokio::time::sleep(at.saturating_sub(self.world.clock.elapsed())).await;
    }

    async fn perform(&mut self, act: Act) -> anyhow::Result<()> {
        match act {
            Act::Upload(number) => self.upload(number)?,
            Act::Rule(ruling, number) => {
                let last = self.begun.lock().iter().rfind(|begun| begun.number == number).cloned();
                if let Some(Begun { job, account, .. }) = last {
                    self.gateway.spawn(ruling.on(Arc::clone(&self.world), account.parse()?, job));
                }
            }
            Act::Kill { process, away } => self.kill(process, away).await,
            Act::Restart { process } => {
                if let Some(running) = self.processes[process].take() {
                    self.note_end_of(&running);
                    let (role, in_time) = running.stop().await;
                    if !in_time {
                        self.problems.push(format!("{role:?} did not stop in time"));
                    }
                    self.processes[process] = Some(Process::start(&self.world, role));
                }
            }
            Act::KillGateway => self.gateway.shutdown().await,
            Act::TakeDown(seam, time) => self.world.weather.take_down(seam, time),
            Act::Tamper(tampering) => self.tamper(tampering).await,
            Act::CommentsGoBack { by, kills } => self.comments_go_back(by, kills).await?,
            Act::JobsGoBack { by } => {
                let saved = self.world.stores.save_jobs()?;
                tokio::time::sleep(by).await;
                self.world.stores.restore_jobs(&saved)?;
                self.jobs_went_back = true;
            }
        }
        Ok(())
    }

    fn upload(&mut self, number: usize) -> anyhow::Result<()> {
        let plan = self.story.uploads[number].clone();
        let mut upload = Upload {
            id: Upload::id(&self.world, 0),
            account: plan.account.parse()?,
            content: plan.file.content()?,
            pieces: plan.pieces,
            pause: plan.pause,
            breaks_off_after: plan.breaks_off_after,
            options: plan.options,
        };
        let (world, random, begun) = (Arc::clone(&self.world), Arc::clone(&self.random), Arc::clone(&self.begun));
        self.gateway.spawn(async move {
            for _ in 0..=plan.again {
                upload.id = Upload::id(&world, u8::try_from(begun.lock().len()).unwrap_or(u8::MAX));
                let (job, is_dry_run) = (upload.id, upload.options.dry_run);
                begun.lock().push(Begun { job, number, account: plan.account, file: plan.file, is_dry_run });
                let is_taken = upload.receive(&world, &random).await;
                if is_taken && !has_failed(&world, &upload.account, upload.id).await {
                    return;
                }
            }
        });
        Ok(())
    }

    /// In the embedded case a single process holds all roles and the queue.
    async fn kill(&mut self, process: usize, away: Duration) {
        let killed = if self.story.is_embedded { self.all() } else { vec![process] };
        let roles = self.kill_all(&killed).await;
        if self.story.is_embedded {
            self.gateway.shutdown().await;
            self.world.queue.clear();
        }
        tokio::time::sleep(away).await;
        self.start_all(&killed, roles);
    }

    fn all(&self) -> Vec<usize> {
        (0..self.processes.len()).collect()
    }

    async fn kill_all(&mut self, which: &[usize]) -> Vec<Role> {
        let mut roles = Vec::new();
        for &process in which {
            if let Some(running) = self.processes[process].take() {
                self.note_end_of(&running);
                roles.push(running.kill().await);
            }
        }
        roles
    }

    fn start_all(&mut self, which: &[usize], roles: Vec<Role>) {
        for (&process, role) in which.iter().zip(roles) {
            self.processes[process] = Some(Process::start(&self.world, role));
        }
    }

    fn note_end_of(&mut self, process: &Process) {
        if process.has_ended() {
            self.problems.push(format!("a process ended by itself: {process:?}"));
        }
    }

    /// Tampers with the next blob that appears, shortly after.
    async fn tamper(&self, tampering: Tampering) {
        for _ in 0..400 {
            let paths = self.world.blobs.paths();
            if !paths.is_empty() {
                let path = { paths[self.random.lock().index(paths.len())].clone() };
                self.world.journal.note(&[&format_args!("=== {tampering:?} {path}")]);
                let random = &mut *self.random.lock();
                self.world.blobs.tamper(&path, |bytes| tampered(tampering, bytes, random));
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn comments_go_back(&mut self, by: Duration, kills: bool) -> anyhow::Result<()> {
        let (saved, to) = (self.world.stores.save_comments()?, self.world.clock.now());
        tokio::time::sleep(by).await;
        let all = self.all();
        let roles = if kills { self.kill_all(&all).await } else { Vec::new() };
        self.world.stores.restore_comments(&saved)?;
        self.setbacks.push(Setback { to, at: self.world.clock.now(), kills });
        self.world.journal.note(&[&"=== the comment store is as it was"]);
        if kills {
            if self.story.is_embedded {
                self.gateway.shutdown().await;
                self.world.queue.clear();
            }
            self.start_all(&all, roles);
        }
        Ok(())
    }

    /// Stops everything.
    pub(crate) async fn stop(&mut self) {
        for process in 0..self.processes.len() {
            if let Some(running) = self.processes[process].take() {
                self.note_end_of(&running);
                let (role, in_time) = running.stop().await;
                if !in_time {
                    self.problems.push(format!("{role:?} did not stop in time"));
                }
            }
        }
        self.gateway.shutdown().await;
    }
}

fn tampered(tampering: Tampering, bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut changed = bytes.to_vec();
    match tampering {
        Tampering::Lose => return None,
        Tampering::Cut => changed.truncate(random.index(bytes.len())),
        Tampering::Flip => {
            let at = random.index(bytes.len());
            if let Some(byte) = changed.get_mut(at) {
                *byte ^= 1 << random.index(8);
            }
        }
        Tampering::Overwrite => {
            let at = random.index(bytes.len());
            for byte in changed.iter_mut().skip(at).take(200) {
                *byte = b'x';
            }
        }
    }
    Some(changed)
}
