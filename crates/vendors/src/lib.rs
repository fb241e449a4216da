#![doc = include_str!("../README.md")]

mod commento;
mod dates;
pub mod disqus;
pub mod evidence;
mod format;
mod hyvor;
mod identity;
mod info;
mod intensedebate;
mod invented;
mod justcomments;
mod muut;
mod origin;
mod portion;
mod record;
mod refusal;
mod registry;
mod sites;
pub mod title;
pub mod wordpress;

pub use format::{FILE_HEAD, Format, FrameReader, Likeness, SLICE_HEAD, Survey, Surveyor, UNVERIFIED_HEAD};
pub use info::{Question, Syntax, VendorInfo};
pub use invented::{INVALID, is_personal};
pub use origin::host;
pub use portion::Portion;
pub use refusal::refusal;
pub use registry::{format_of, formats, info, vendors};
pub use sites::DocumentSites;
