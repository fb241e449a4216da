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
mod members;
mod mend;
mod object;
mod prefix;
mod resync;
mod salvage;
mod scan;
#[cfg(test)]
mod tests;
mod timestamp;
mod tree;

use crate::framing::FrameKind;

pub use damage::{is_bad, is_damaged, key as damaged_key, opened_array};
pub use framer::JsonFramer;
#[cfg(test)]
pub use framer::slice_head;
pub use members::{closing_quote, elements, is_key, members, value};
pub use object::Object;
pub use prefix::JsonPrefix;
pub use salvage::salvage;
pub use timestamp::moment;
pub use tree::{Node, Tree};

/// What to find in the top-level object.
#[derive(Debug)]
pub struct Grammar {
    /// The arrays that hold records.
    pub arrays: &'static [ArrayRule],
    /// Values that the surveyor needs (each as a [`FrameKind::Head`] frame, `"key": value`).
    pub scalars: &'static [&'static str],
}

/// The rule name for records without a key: those of a document that is itself an array (surveyors
/// see `[` as a [`FrameKind::Head`] frame), or of JSON Lines (see [`LINES`]). Without such a rule,
/// a document is an object.
pub const ROOT: &str = "[";

/// The array name in the head of a JSON Lines slice; surveyors see no head. The rule is that of
/// [`ROOT`].
pub const LINES: &str = "\n";

/// An array of records.
#[derive(Debug)]
pub struct ArrayRule {
    /// Its key, or [`ROOT`]. Surveyors see `"key": [` as a [`FrameKind::Head`] frame.
    pub name: &'static str,
    /// What its elements are.
    pub kind: FrameKind,
    /// Keys of its elements. After damage, the next element is recognised by one of these. The
    /// first key, which every element should have, distinguishes JSON Lines from an object with
    /// arrays.
    pub keys: &'static [&'static str],
}

impl Grammar {
    /// The index of the array with this key.
    #[must_use]
    pub fn array(&self, name: &[u8]) -> Option<usize> {
        self.arrays.iter().position(|array| is_key(name, array.name))
    }
}

/// White space of JSON.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The position after white space, starting at `from`.
fn after_space(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|byte| !is_space(*byte)).map_or(bytes.len(), |length| from + length)
}
