//! What the tasks of an import share: its plan, its slices, and what is compared at its end.

mod commit_plan;
mod finalize;
mod lost_upload;
mod make_plan;
mod page_options;
mod reconcile;
mod sent_fewer;
mod site_sync;
mod slice_source;
mod target;
mod window;
mod write_slice;

pub(crate) use commit_plan::with_site;
pub(crate) use finalize::is_whole;
