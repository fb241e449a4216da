#![doc = include_str!("../README.md")]

mod answer;
mod encrypted;
mod job_inspector;
mod process;
mod serve;
mod service;
mod watch;

pub use process::{NAME, run_process};
pub use serve::run;

#[cfg(test)]
mod tests;
