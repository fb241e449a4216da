#![doc = include_str!("../README.md")]

mod channel;
mod deliver;
mod notice;
mod run;

pub use channel::check;
pub use run::run;

#[cfg(test)]
mod tests;
