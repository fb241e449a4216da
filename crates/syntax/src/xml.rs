//! XML, read strictly first. As far as a document is well-formed, quick-xml's events frame and read
//! it, and names are compared by namespace and local name. From the first error on, a lenient
//! framer takes over, together with a lenient reader of single records that confines damage to the
//! record it is in.
//!
//! The lenient halves are lexical and share one tokenizer (`tag`), so that they always agree where
//! a tag ends. They resolve no namespaces: elements are matched by `prefix:name` as vendors write
//! them, because one real file in four uses an undeclared prefix.

use crate::notes::Notes;

mod declarations;
mod dialect;
mod element;
mod framer;
mod grammar;
mod handover;
mod lenient;
mod prefix;
mod section;
mod strict;
mod tag;
mod text;

pub use crate::names::{Names, Namespaces, Scope};
pub use declarations::{declared_namespaces, declares};
pub use dialect::{Dialect, Extent, Shape};
pub use element::{Element, Unreadable};
pub use framer::XmlFramer;
pub use grammar::{Ends, Grammar, Rule};
pub use handover::Handover;
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
