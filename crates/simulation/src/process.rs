//! Processes: a role that runs, is killed at any await point or stops gracefully, and is
//! started again.

use std::sync::Arc;
use std::time::Duration;

use rethread_runtime::{Lifecycle, NotifierConfig};
use tokio::task::JoinHandle;

use crate::lockstep::LockstepThreads;
use crate::world::{World, worker_config};

/// The role of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Worker { slots: usize },
    Notifier,
}

/// A running process.
#[derive(Debug)]
pub(crate) struct Process {
    role: Role,
    lifecycle: Lifecycle,
    threads: Arc<LockstepThreads>,
    running: JoinHandle<()>,
}

/// The longest that a stop may take. A task that is ending is not broken off between its calls, each
/// of which may take five minutes in the worst weather.
const STOPS_WITHIN: Duration = Duration::from_hours(1);

/// How long a process takes to restart after it ended unexpectedly.
const RESTART_AFTER: Duration = Duration::from_secs(1);

impl Process {
    /// Starts a process. If it gives up because a store is down, it is restarted, as by
    /// its supervisor.
    pub(crate) fn start(world: &Arc<World>, role: Role) -> Self {
        let lifecycle = Lifecycle::new();
        let threads = Arc::new(LockstepThreads::default());
        let running = tokio::spawn(supervise(Arc::clone(world), role, lifecycle.clone(), Arc::clone(&threads)));
        Self { role, lifecycle, threads, running }
    }

    /// Drops the process at its current await point.
    pub(crate) async fn kill(self) -> Role {
        self.running.abort();
        // Cancelled, or ending anyway. [`Process::has_ended`] detects a panic.
        let _ = self.running.await;
        self.threads.kill().await;
        self.role
    }

    /// Requests a stop and waits for it; kills the process if that takes too long.
    pub(crate) async fn stop(mut self) -> (Role, bool) {
        self.lifecycle.stop();
        if tokio::time::timeout(STOPS_WITHIN, &mut self.running).await.is_err() {
            return (self.kill().await, false);
        }
        self.threads.kill().await;
        (self.role, true)
    }

    /// Whether the role ended without being asked to.
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
