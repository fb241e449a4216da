//! Describes a document.

use super::members::is_key;
use crate::framing::FrameKind;

/// What to find in the top-level object.
#[derive(Debug)]
pub struct Grammar {
    /// The arrays that hold records.
    pub arrays: &'static [ArrayRule],
    /// Values that the surveyor needs, whatever their type (each as a [`FrameKind::Head`] frame,
    /// `"key": value`, which [`split_member`](super::split_member) takes apart).
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

/// The shape of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An object with arrays of records.
    Object,
    /// An array of records.
    Array,
    /// Records, one after another.
    Lines,
}
