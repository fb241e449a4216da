//! Describes a vendor's XML.

use super::handover::Handover;
use crate::framing::{FrameKind, Framer};
use crate::names::Namespaces;

/// The names in a vendor's documents, and which elements are records.
///
/// Names are written as the vendor usually writes them (`wp:comment`): the usual prefix stands for
/// the namespace, whatever prefix a document uses. Names without a prefix belong to the root's own
/// namespace.
#[derive(Debug)]
pub struct Dialect {
    /// The meaning of its namespaces.
    pub namespaces: Namespaces,
    /// The elements that are framed.
    pub shapes: &'static [Shape],
    /// Creates the framer that takes over where the document is not well-formed.
    pub lenient: fn(&Handover) -> Box<dyn Framer + Send>,
}

/// An element that is framed.
#[derive(Debug)]
pub struct Shape {
    /// Its usual prefix.
    pub prefix: &'static str,
    /// Its local name.
    pub name: &'static str,
    /// What its frame holds.
    pub kind: FrameKind,
    /// How much of it the frame holds.
    pub extent: Extent,
}

/// How much of an element its frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The whole element.
    Whole,
    /// Only its start tag.
    StartTag,
    /// Everything up to the first comment in it. Its end tag is a separate frame, a
    /// [`FrameKind::ThreadEnd`].
    Beginning,
}
