#![doc = include_str!("../README.md")]

mod channel;
mod deliver;
mod notice;
mod run;

pub use channel::{Channel, SendError, check};
pub use notice::Notice;
pub use run::{run, run_through};

#[cfg(test)]
mod tests;
