//! Slots take tasks from the queue and run them; what a task does is no concern of theirs.

mod dead_letters;
mod failure;
mod run_task;
mod slot;

pub(crate) use dead_letters::run as fail_dead_tasks;
pub(crate) use slot::run;
