//! Jobs, their slices and their progress.

mod change;
mod life;
mod listing;
mod redelivery;
mod slices;

pub use change::{apply_in_pass, change, create_job};
pub use life::JobLife;
pub use listing::{JobCounts, JobFilter, JobListing, JobPage};
pub use redelivery::{Overdue, Redelivery};
pub use slices::{SliceProgress, SliceStart, SliceStore, StepReport};

use crate::Health;

/// Stores jobs: everything that is done with them, for callers that pass the store on. A function
/// takes the narrowest of these traits that it needs.
pub trait JobStore: JobLife + SliceStore + JobListing + Redelivery + Health {}

impl<T> JobStore for T where T: JobLife + SliceStore + JobListing + Redelivery + Health {}
