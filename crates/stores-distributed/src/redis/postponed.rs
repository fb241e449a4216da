//! Tasks that wait for a backend to recover.

use std::time::Duration;

use rethread_model::{SliceNumber, Task};
use rethread_stores::Result;
use rethread_stores::rules::redelivery::not_before;
use rethread_stores::stored_value::unreadable;

use super::{RedisJobs, nonce, scripts};

impl RedisJobs {
    /// Postpones a task and returns how many times in a row this happened. Starts again if it was
    /// postponed, or made progress, in between.
    pub(super) async fn hold_back(&self, task: &Task, base: Duration, cap: Duration) -> Result<u32> {
        let number = task.kind.slice();
        let keys = self.keys.all(task.job);
        let [job, slices, ..] = &keys;
        let nonce = nonce()?;
        loop {
            let mut command = redis::cmd("HGET");
            match number {
                Some(number) => command.arg(slices).arg(format!("{number}.postponed")),
                None => command.arg(job).arg("postponed"),
            };
            let before: Option<u32> = self.server.command("cannot read a task", &command).await?;
            let before = before.unwrap_or(0);
            let times = before.saturating_add(1);
            let mut invocation = scripts::POSTPONE.prepare_invoke();
            invocation.key(&keys[..]).arg(task.account.as_str()).arg(&nonce);
            invocation.arg(number.map(|number| number.to_string()).unwrap_or_default());
            invocation.arg(before).arg(times).arg(not_before(self.clock.now(), times, base, cap));
            let answer = self.server.script("cannot postpone a task", &invocation).await?;
            if answer.is_conflict() {
                continue;
            }
            let answer = answer.of_slice(&task.account, task.job, number.unwrap_or(SliceNumber(0)))?;
            return answer.first().and_then(|times| times.parse().ok()).ok_or_else(|| unreadable("number"));
        }
    }
}
