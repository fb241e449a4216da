//! XML, read strictly first. As far as a document is well-formed, quick-xml's events frame and read
//! it, and names are compared by namespace and local name. From the first error on, a lenient
//! framer takes over, together with a lenient reader of single records that confines damage to the
//! record it is in.
//!
//! The lenient halves are lexical and share one tokenizer (`tag`), so that they always agree where a
//! tag ends. They resolve no namespaces: elements are matched by
//! `prefix:name` as vendors write them, because one real file in four uses an undeclared prefix.

use std::borrow::Cow;

use crate::notes::Notes;

mod dialect;
mod element;
mod framer;
mod grammar;
mod lenient;
mod prefix;
mod strict;
mod tag;
mod text;

pub use crate::names::{Names, Namespaces, Scope};
pub use dialect::{Dialect, Extent, Shape};
pub use element::{Element, Unreadable};
pub use framer::{Handover, XmlFramer};
pub use grammar::{Ends, Grammar, Rule};
pub use lenient::LenientFramer;
pub use prefix::{XmlPrefix, is_empty_root};
pub use tag::tag_end;
pub use text::{line_ends, replace_typographic, unescape, unescape_again};

/// Reads the record at the start of `source`: strictly if a scope is given, otherwise leniently.
/// `notes` records repairs.
pub fn read<'a>(source: &'a str, scope: Option<Scope<'_>>, notes: &mut Notes) -> Result<Element<'a>, Unreadable> {
    match scope {
        Some(scope) => element::parse_strict(source, scope).map(|(element, _)| element),
        None => element::parse(source, notes),
    }
}

/// Like [`read`], for a record that may be incomplete.
pub fn read_open<'a>(source: &'a str, scope: Option<Scope<'_>>, notes: &mut Notes) -> Result<Element<'a>, Unreadable> {
    match scope {
        Some(scope) => element::parse_strict(source, scope).map(|(element, _)| element),
        None => element::parse_open(source, notes).map(|(element, _)| element),
    }
}

/// The start of a CDATA section.
const CDATA: &str = "<![CDATA[";

/// Whether the start tag `tag` declares the prefix.
#[must_use]
pub fn declares(tag: &str, prefix: &str) -> bool {
    tag.match_indices("xmlns:").any(|(at, _)| {
        let rest = &tag[at + "xmlns:".len()..];
        rest.strip_prefix(prefix).is_some_and(|rest| rest.trim_start().starts_with('='))
    })
}

/// The namespaces that the start tag `tag` (without its `<`) declares.
pub fn declared_namespaces(tag: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let raw = &tag[tag.find(char::is_whitespace).unwrap_or(tag.len())..];
    strict::attributes(raw).filter(|attribute| attribute.key.as_namespace_binding().is_some()).filter_map(|attribute| {
        match attribute.value {
            Cow::Borrowed(value) => strict::attribute_value(value),
            Cow::Owned(value) => strict::attribute_value(&value).map(|value| Cow::Owned(value.into_owned())),
        }
    })
}

/// Whether a name can end before this byte.
const fn ends_name(byte: u8) -> bool {
    matches!(byte, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n')
}
