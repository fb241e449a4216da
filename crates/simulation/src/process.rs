//! Processes: a role that runs, is killed at whatever it waits for, or stops in good order, and is started again.

use std::sync::Arc;
use std::time::Duration;

use rethread_runtime::{Lifecycle, NotifierConfig};
use tokio::task::JoinHandle;

use crate::lockstep::LockstepThreads;
use crate::world::{World, worker_config};

/// What runs in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Worker { slots: usize },
    Notifier,
}

/// One that runs.
#[derive(Debug)]
pub(crate) struct Process {
    role: Role,
    lifecycle: Lifecycle,
    threads: Arc<LockstepThreads>,
    running: JoinHandle<()>,
}

/// How long a process takes to start again after it ended by itself.
const RESTART_AFTER: Duration = Duration::from_secs(1);

impl Process {
    /// Starts a process; one that gives up, because a store is away, is started again as by its supervisor.
    pub(crate) fn start(world: &Arc<World>, role: Role) -> Self {
        let lifecycle = Lifecycle::new();
        let threads = Arc::new(LockstepThreads::default());
        let running = tokio::spawn(supervise(Arc::clone(world), role, lifecycle.clone(), Arc::clone(&threads)));
        Self { role, lifecycle, threads, running }
    }

    /// Drops it where it stands.
    pub(crate) async fn kill(self) -> Role {
        self.running.abort();
        // Cancelled, or at its end anyway; one that panicked was found by [`Process::has_ended`].
        let _ = self.running.await;
        self.threads.kill().await;
        self.role
    }

    /// Asks it to stop, and waits; it is killed if it takes too long.
    pub(crate) async fn stop(mut self) -> (Role, bool) {
        self.lifecycle.stop();
        if tokio::time::timeout(Duration::from_mins(5), &mut self.running).await.is_err() {
            return (self.kill().await, false);
        }
        self.threads.kill().await;
        (self.role, true)
    }

    /// Whether the role ended though nobody asked it to.
    pub(crate) fn has_ended(&self) -> bool {
        self.running.is_finished()
    }
}

async fn supervise(world: Arc<World>, role: Role, lifecycle: Lifecycle, threads: Arc<LockstepThreads>) {
    while !lifecycle.soft().is_cancelled() {
        let context = world.context(lifecycle.clone());
        let ended = match role {
            Role::Worker { slots } => import_worker::run_on(threads.clone(), context, worker_config(slots)).await,
            Role::Notifier => {
                let channels = vec![world.channel()];
                notifier::run_through(channels, world.seed, context, &NotifierConfig::default()).await;
                Ok(())
            }
        };
        if let Err(error) = ended {
            world.journal.note(&[&"a process gave up:", &error]);
            tokio::time::sleep(RESTART_AFTER).await;
        }
    }
}
