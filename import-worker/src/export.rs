//! Exports: a snapshot of an account's comments in a file format, for the command line and as
//! a job.

mod file;
mod pack;
mod sweep;
mod write;

pub use pack::Pack;
pub use write::{ExportSink, write_export};
