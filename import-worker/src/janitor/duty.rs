//! A duty of the janitor, and how it is repeated.

use std::time::Duration;

use async_trait::async_trait;
use rethread_runtime::{METRICS, WorkerConfig};

use crate::task_error::{Chain, TaskError};
use crate::worker::Worker;

/// Work that is repeated at intervals. Duties are independent: one that is slow or fails delays no
/// other. Several workers may perform the same duty at once.
#[async_trait]
pub(super) trait Duty: Send {
    /// The name in logs and metrics.
    fn name(&self) -> &'static str;

    /// The time from the end of a round to the start of the next.
    fn interval(&self, config: &WorkerConfig) -> Duration {
        config.janitor_interval
    }

    /// Performs one round. Whatever fails goes to `failures`, and is retried in the next round.
    async fn round(&mut self, worker: &Worker, failures: Failures);
}

/// Logs and counts the failures of one duty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failures {
    duty: &'static str,
}

impl Failures {
    /// The failures of the duty with this name.
    pub(super) const fn of(duty: &'static str) -> Self {
        Self { duty }
    }

    /// Records the result of the duty, or of a part of it.
    pub(super) fn note(self, done: Result<(), TaskError>) {
        if let Err(trouble) = done {
            let Self { duty } = self;
            METRICS.janitor_failures.add(&[duty], 1);
            tracing::warn!(duty, error = %Chain(&trouble), "the janitor could not do a duty, it tries again later");
        }
    }

    /// The jobs to process, one by one: a job that fails does not hold up the others. Empty when
    /// they cannot be listed.
    pub(super) fn list<T>(self, jobs: rethread_stores::Result<Vec<T>>) -> Vec<T> {
        jobs.unwrap_or_else(|error| {
            self.note(Err(error.into()));
            Vec::new()
        })
    }
}

/// Performs a round at once, and the next ones at the duty's interval, until the soft stop. A round
/// in progress ends by itself, except at the hard stop.
pub(super) async fn repeat(duty: &mut dyn Duty, worker: &Worker) {
    let (soft, hard) = (worker.context.lifecycle.soft(), worker.context.lifecycle.hard());
    let failures = Failures::of(duty.name());
    loop {
        tokio::select! {
            biased;
            () = hard.cancelled() => return,
            () = duty.round(worker, failures) => {}
        }
        tokio::select! {
            biased;
            () = soft.cancelled() => return,
            () = tokio::time::sleep(duty.interval(&worker.config)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join;

    use super::*;

    /// Counts its rounds, and never ends the one with this number.
    struct Counting {
        rounds: u32,
        stuck_in: u32,
        every: Duration,
    }

    #[async_trait]
    impl Duty for Counting {
        fn name(&self) -> &'static str {
            "counting"
        }

        fn interval(&self, _config: &WorkerConfig) -> Duration {
            self.every
        }

        async fn round(&mut self, _worker: &Worker, _failures: Failures) {
            self.rounds += 1;
            if self.rounds == self.stuck_in {
                std::future::pending::<()>().await;
            }
        }
    }

    #[tokio::test]
    async fn a_duty_that_is_stuck_delays_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let (worker, _ended) = Worker::for_tests(folder.path()).await;
        tokio::time::pause();
        let every = Duration::from_secs(10);
        let mut stuck = Counting { rounds: 0, stuck_in: 2, every };
        let mut slow = Counting { rounds: 0, stuck_in: 0, every: 4 * every };
        let mut going_on = Counting { rounds: 0, stuck_in: 0, every };
        let stop = async {
            tokio::time::sleep(Duration::from_secs(95)).await;
            worker.context.lifecycle.stop();
            tokio::time::sleep(every).await;
            worker.context.lifecycle.abort();
        };
        let others = join(repeat(&mut slow, &worker), repeat(&mut going_on, &worker));
        tokio::join!(repeat(&mut stuck, &worker), others, stop);
        // The first rounds are at the start. None is after the soft stop.
        assert_eq!((stuck.rounds, slow.rounds, going_on.rounds), (2, 3, 10));
    }
}
