#![doc = include_str!("../README.md")]

mod commento;
mod dates;
pub mod disqus;
pub mod evidence;
mod format;
mod hyvor;
mod identity;
mod intensedebate;
mod invented;
pub mod justcomments;
mod muut;
mod origin;
mod portion;
mod record;
mod refusal;
mod registry;
mod sites;
pub mod title;
pub mod wordpress;

pub use format::{FILE_HEAD, Format, FrameReader, SLICE_HEAD, Survey, Surveyor, UNVERIFIED_HEAD};
pub use invented::{INVALID, is_personal};
pub use origin::host;
pub use portion::Portion;
pub use record::plain_comment;
pub use refusal::refusal;
pub use registry::of as format_of;
pub use sites::DocumentSites;
