//! Describes a vendor's XML.

use super::framer::Handover;
use crate::framing::{FrameKind, Framer};

/// The names in a vendor's documents, and which elements are records.
///
/// Names are written as the vendor usually writes them (`wp:comment`): the usual prefix stands for
/// the namespace, whatever prefix a document uses. Names without a prefix belong to the root's own
/// namespace.
#[derive(Debug)]
pub struct Dialect {
    /// The usual prefix of a namespace, given without scheme, `www.` and trailing slash. Empty for
    /// the namespace of names without a prefix.
    pub prefix_of: fn(&str) -> Option<&'static str>,
    /// Prefixes that mean the vendor's namespace even if the root binds them to another name, as
    /// long as the root gives the vendor's namespace no prefix.
    pub usual_prefixes: &'static [&'static str],
    /// The elements that are framed.
    pub shapes: &'static [Shape],
    /// Creates the framer that takes over where the document is not well-formed.
    pub lenient: fn(&Handover) -> Box<dyn Framer + Send>,
}

impl Dialect {
    /// The usual prefix of the namespace with this name. Exporters and people vary the scheme,
    /// `www.` and the trailing slash.
    #[must_use]
    pub fn usual_prefix(&self, name: &str) -> Option<&'static str> {
        let name = name.strip_prefix("https://").or_else(|| name.strip_prefix("http://")).unwrap_or(name);
        let name = name.strip_prefix("www.").unwrap_or(name);
        (self.prefix_of)(name.strip_suffix('/').unwrap_or(name))
    }
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
