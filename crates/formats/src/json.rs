//! JSON as vendors write it: one object, whose arrays hold the records; or, where the grammar says so, an array of
//! records, or records one after another (JSON Lines).
//!
//! A file is framed by bytes, without building values, so that elements are found at memory speed with their offsets,
//! and so that damage in one of them costs that one:
//!
//! - [`JsonFramer`] finds the elements of the arrays that a [`Grammar`] names, in windows of any size, to any depth;
//! - [`Object`] reads one element, forgivingly: numbers in quotes, keys that repeat, control characters, bad UTF-8,
//!   commas too many or too few;
//! - nothing recurses, so that what is nested in an element may be as deep as it is large;
//! - [`members`] and [`elements`] look into what is nested in an element, without building it;
//! - [`salvage`] gets an id out of an element that cannot be read.

mod damage;
mod framer;
mod members;
mod mend;
mod object;
mod resync;
mod salvage;
mod scan;
#[cfg(test)]
mod tests;
mod timestamp;
mod tree;

use crate::format::FrameKind;

pub(crate) use damage::{is_bad, is_damaged, key as damaged_key, opened_array};
pub(crate) use framer::JsonFramer;
#[cfg(test)]
pub(crate) use framer::slice_head;
pub(crate) use members::{closing_quote, elements, is_key, members, value};
pub(crate) use object::Object;
pub(crate) use salvage::salvage;
pub(crate) use timestamp::moment;
pub(crate) use tree::{Node, Tree};

/// What to look for in the top-level object.
#[derive(Debug)]
pub(crate) struct Grammar {
    /// The arrays that hold records.
    pub arrays: &'static [ArrayRule],
    /// Values that the surveyor wants to see (each as a [`FrameKind::Head`] frame, `"key": value`).
    pub scalars: &'static [&'static str],
}

/// The name of the rule for records that no key names: those of a document that is an array itself (surveyors see `[` as a
/// [`FrameKind::Head`] frame), or of JSON Lines (see [`LINES`]). Without such a rule, a document is an object.
pub(crate) const ROOT: &str = "[";

/// The name that a slice of JSON Lines has in its head; surveyors see no head. The rule is that of [`ROOT`].
pub(crate) const LINES: &str = "\n";

/// An array of records.
#[derive(Debug)]
pub(crate) struct ArrayRule {
    /// Its key, or [`ROOT`]. Surveyors see `"key": [` as a [`FrameKind::Head`] frame.
    pub name: &'static str,
    /// What its elements are.
    pub kind: FrameKind,
    /// Keys of its elements: by one of these the next element is known after damage. By the first one, which each element
    /// should have, the lines of JSON Lines are told from an object with arrays.
    pub keys: &'static [&'static str],
}

impl Grammar {
    /// The number of the array with this key.
    pub(crate) fn array(&self, name: &[u8]) -> Option<usize> {
        self.arrays.iter().position(|array| is_key(name, array.name))
    }
}

/// White space of JSON.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The place after white space, from `from` on.
fn after_space(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|byte| !is_space(*byte)).map_or(bytes.len(), |length| from + length)
}
