#![doc = include_str!("../README.md")]

mod blobs;
mod clock;
mod director;
mod files;
mod gateway;
mod journal;
mod lockstep;
mod process;
mod queue;
mod random;
mod run;
mod story;
mod truth;
mod weather;
mod world;

pub use run::{Report, Totals, run, warm_up};
pub use world::undisturbed;
