//! See [`super`].

use std::sync::Arc;

use async_trait::async_trait;
use rethread_model::{Event, JobId, Task};
use rethread_stores::{Consumer, Depth, Diagnosis, Health, Queue, Result};

use super::Call;

#[derive(Debug)]
pub(super) struct Traced {
    pub(super) inner: Arc<dyn Queue>,
    pub(super) system: &'static str,
}

impl Traced {
    const fn publish(&self, job: JobId) -> Call {
        Call { kind: "producer", ..Call::of("queue.publish", self.system, job) }
    }
}

#[async_trait]
impl Queue for Traced {
    async fn publish_task(&self, task: &Task) -> Result<()> {
        self.publish(task.job).run(self.inner.publish_task(task)).await
    }

    async fn publish_event(&self, event: &Event) -> Result<()> {
        let Event::JobFailed(ended) = event;
        self.publish(ended.job).run(self.inner.publish_event(event)).await
    }

    async fn tasks(&self) -> Result<Box<dyn Consumer<Task>>> {
        self.inner.tasks().await
    }

    async fn events(&self) -> Result<Box<dyn Consumer<Event>>> {
        self.inner.events().await
    }

    async fn dead_tasks(&self) -> Result<Box<dyn Consumer<Task>>> {
        self.inner.dead_tasks().await
    }

    async fn depth(&self) -> Result<Depth> {
        self.inner.depth().await
    }

    fn survives_restart(&self) -> bool {
        self.inner.survives_restart()
    }
}

#[async_trait]
impl Health for Traced {
    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }

    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        self.inner.diagnose(apply).await
    }
}
