//! What a vendor's XML consists of.

use super::framer::Handover;
use crate::format::{FrameKind, Framer};

/// The names of a vendor's documents, and which of its elements are records.
///
/// A name is written as the vendor usually writes it (`wp:comment`): the usual prefix stands for the namespace, whatever
/// prefix a document gives it. Names without a prefix are those of the root's own namespace.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// The usual prefix of a namespace, which is given without its scheme, `www.` and a slash at its end. Empty for the
    /// namespace of names without a prefix.
    pub prefix_of: fn(&str) -> Option<&'static str>,
    /// Prefixes that mean the vendor's namespace even if the root gives them another name, as long as it gives that
    /// namespace no prefix.
    pub usual_prefixes: &'static [&'static str],
    /// The elements that are framed.
    pub shapes: &'static [Shape],
    /// The framer that takes over from where the document is not well-formed.
    pub lenient: fn(&Handover) -> Box<dyn Framer + Send>,
}

impl Dialect {
    /// The usual prefix of the namespace with this name. Exporters and people differ in scheme, `www.` and the last slash.
    pub(crate) fn usual_prefix(&self, name: &str) -> Option<&'static str> {
        let name = name.strip_prefix("https://").or_else(|| name.strip_prefix("http://")).unwrap_or(name);
        let name = name.strip_prefix("www.").unwrap_or(name);
        (self.prefix_of)(name.strip_suffix('/').unwrap_or(name))
    }
}

/// An element that is framed.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Its usual prefix.
    pub prefix: &'static str,
    /// Its local name.
    pub name: &'static str,
    pub kind: FrameKind,
    pub extent: Extent,
}

/// How much of an element its frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it.
    Whole,
    /// Its start tag.
    StartTag,
    /// Everything up to the first comment in it. Its end tag is a frame of its own, a [`FrameKind::ThreadEnd`].
    Beginning,
}
