#![doc = include_str!("../README.md")]

mod beginning;
mod commento;
mod container;
mod csv_row;
#[cfg(test)]
mod damage;
mod detect;
#[cfg(test)]
mod differential;
mod disqus;
mod evidence;
pub mod export;
mod format;
mod html;
mod hyvor;
mod identity;
mod intensedebate;
mod invented;
mod json;
mod justcomments;
mod muut;
mod newest;
mod notes;
mod origin;
mod people;
mod plan;
mod reader;
mod record;
mod sites;
#[cfg(test)]
mod testing;
mod text;
mod time;
mod title;
mod wordpress;
mod xml;

pub use beginning::{Recognised, recognise};
pub use plan::{Limits, Plan, PlanError, ReadSeek, SliceSink, plan};
pub use reader::{Portion, SliceReader, read_slice};
pub use wordpress::{
    BatchError, SentBatch, SentComment, batch_head, html_for_wordpress, name_for_wordpress, read_batch,
};
