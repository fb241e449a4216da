#![doc = include_str!("../README.md")]

mod channel;
mod deliver;
mod notice;
mod process;
mod run;

pub use channel::{Channel, SendError, check};
pub use notice::Notice;
pub use process::{NAME, run_process};
pub use run::{run, run_through};

#[cfg(test)]
mod tests;
