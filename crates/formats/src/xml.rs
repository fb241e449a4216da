//! XML as it really comes: framing by the names of the record elements, and a reader of single records that loses
//! nothing to damage elsewhere.
//!
//! Both halves are lexical and share one notion of tags, comments and CDATA sections, so that they cannot disagree about
//! where something ends. Namespaces are not resolved: elements are known by `prefix:name` as vendors write them, since
//! one real file in four uses a prefix that it does not declare.

mod element;
mod framer;
mod text;

pub(crate) use element::{Element, Unreadable, parse, parse_open};
pub(crate) use framer::{Ends, Grammar, Rule, XmlFramer};
pub(crate) use text::unescape_again;

/// The start of a CDATA section.
const CDATA: &str = "<![CDATA[";

/// Whether the start tag `tag` declares the prefix.
pub(crate) fn declares(tag: &str, prefix: &str) -> bool {
    tag.match_indices("xmlns:").any(|(at, _)| {
        let rest = &tag[at + "xmlns:".len()..];
        rest.strip_prefix(prefix).is_some_and(|rest| rest.trim_start().starts_with('='))
    })
}

/// Whether a name may end before this byte.
const fn ends_name(byte: u8) -> bool {
    matches!(byte, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n')
}
