//! What a worker does: one file for each kind of task, and how each kind of job ends.

mod export;
mod finish;
mod handler;
mod import_ending;
mod job_ending;
mod move_pages;
mod plan;
mod slice;
mod start_attempt;
mod table;

pub(crate) use handler::TaskHandler;
pub(crate) use table::handler;
