//! The harness of the scenarios: runs the real binary, looks at what it stored, and speaks to it as its users do.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails by panicking, which fails the test")]
#![allow(clippy::missing_panics_doc, reason = "a harness fails by panicking, which fails the test")]

mod binary;
mod rows;
mod serve;
mod store;

pub use binary::{Finished, Rethread, sample, unpacked};
pub use rows::{Rows, Said, comment_rows, findings, row_counts, rows, said, undelivered_events};
pub use serve::{Serve, free_address, wait_for};
pub use store::{files_under, gzip, zip_of};
