#![doc = include_str!("../README.md")]

mod beginning;
mod container;
mod detect;
mod newest;
mod people;
mod plan;
mod reader;
mod sites;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use beginning::{Recognised, recognise};
pub use plan::{Limits, Plan, PlanError, ReadSeek, SliceSink, plan};
pub use reader::{SliceReader, read_slice};
pub use rethread_vendors::Portion;
