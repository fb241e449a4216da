#![doc = include_str!("../README.md")]

mod beginning;
mod container;
mod detect;
mod error;
mod input;
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
pub use error::PlanError;
pub use input::{Limits, ReadSeek};
pub use plan::{Plan, SliceSink, plan};
pub use reader::{SliceReader, read_slice};
pub use rethread_vendors::Portion;
