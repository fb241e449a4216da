#![doc = include_str!("../README.md")]

pub mod csv;
mod frames;
mod framing;
pub mod json;
mod names;
mod notes;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod text;
pub mod time;
pub mod xml;

pub use frames::Frames;
pub use framing::{Frame, FrameKind, Framed, Framer, Step};
pub use notes::Notes;
