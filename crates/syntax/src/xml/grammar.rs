//! Describes a vendor's documents for the lenient framer.

use rethread_model::Reason;

use super::tag::is_tag;
use crate::framing::FrameKind;

/// What to find in a document.
#[derive(Debug)]
pub struct Grammar {
    /// The root element; empty if it may have any name. Its end tag ends the document.
    pub root: &'static str,
    /// The elements that are framed.
    pub rules: &'static [Rule],
    /// Whether the start tag of any other prefixed element outside records is framed as
    /// [`FrameKind::Head`].
    pub prefixed_heads: bool,
}

impl Grammar {
    /// The rule for records of this kind.
    pub(super) fn rule(&self, kind: FrameKind) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.kind == kind)
    }
}

/// An element that is framed. Start tags are written as their name, end tags as `/name`. Empty
/// elements (`<thread dsq:id="1"/>`) are references to records, not records.
#[derive(Debug)]
pub struct Rule {
    /// Its start tag's name (`/name` for an end tag).
    pub tag: &'static str,
    /// What its frame holds.
    pub kind: FrameKind,
    /// Where it ends.
    pub ends: Ends,
    /// Tags before which an unclosed element ends.
    pub interrupted_by: &'static [&'static str],
    /// For an unclosed CDATA section or comment: the record ends with (or before, if that is where
    /// it ends) the first of these tags if one of the second follows it.
    pub lost_ends: &'static [(&'static str, &'static [&'static str])],
}

impl Rule {
    /// Whether the tag ends a comment record.
    pub(super) fn is_comment_end(&self, tag: &[u8]) -> bool {
        self.kind == FrameKind::Comment && matches!(self.ends, Ends::With(end) if is_tag(tag, end))
    }

    /// The damage if the record ends without its own end tag: none, if that tag is not part of the
    /// record.
    pub(super) const fn damage_when_open(&self) -> Option<Reason> {
        match self.ends {
            Ends::Before(_) => None,
            Ends::With(_) | Ends::WithStartTag => Some(Reason::DamagedMarkup),
        }
    }
}

/// Where a framed element ends.
#[derive(Debug)]
pub enum Ends {
    /// With its start tag.
    WithStartTag,
    /// With this tag.
    With(&'static str),
    /// Before any of these tags.
    Before(&'static [&'static str]),
}
