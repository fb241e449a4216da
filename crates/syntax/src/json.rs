//! JSON as vendors write it: one object whose arrays hold the records; or, where the grammar says
//! so, an array of records, or one record after another (JSON Lines).
//!
//! A file is framed by bytes, without building values. Elements are found at memory speed with
//! their offsets, and damage in one element costs only that element:
//!
//! - [`JsonFramer`] finds the elements of the arrays that a [`Grammar`] names, in windows of any
//!   size, at any depth;
//! - [`Object`] reads one element leniently: quoted numbers, repeated keys, control characters, bad
//!   UTF-8, extra or missing commas;
//! - nothing recurses, so that nesting is limited only by the element's size;
//! - [`members`] and [`elements`] inspect nested values without building them;
//! - [`salvage`] recovers an id from an unreadable element.

mod damage;
mod framer;
mod grammar;
mod members;
mod mend;
mod object;
mod prefix;
mod resync;
mod salvage;
mod scan;
mod space;
#[cfg(test)]
mod tests;
mod timestamp;
mod tree;

pub use damage::{is_bad, is_damaged, key as damaged_key, opened_array};
pub use framer::JsonFramer;
#[cfg(test)]
pub use framer::slice_head;
pub use grammar::{ArrayRule, Grammar, LINES, ROOT};
pub use members::{closing_quote, elements, is_key, members, split_member, value};
pub use object::Object;
pub use prefix::JsonPrefix;
pub use salvage::salvage;
pub use timestamp::moment;
pub use tree::{Node, Tree};
