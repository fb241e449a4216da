#![doc = include_str!("../README.md")]

mod answer;
mod encrypted;
mod job_inspector;
mod serve;
mod service;
mod watch;

pub use serve::run;

#[cfg(test)]
mod tests;
