//! A single record as a tree.

mod cdata;
mod strict;
mod token;

use std::borrow::Cow;

use rethread_model::Reason;

use self::cdata::{SEARCHES, cdata};
use self::token::{Token, start_tag, token};
use super::text::{line_ends, unescape};
use crate::notes::Notes;

pub(super) use self::strict::parse_strict;

/// Records are three or four levels deep. Much deeper nesting is an attack or damage.
const DEEPEST: usize = 64;

/// An element of a record. Elements and their parts are looked up by the names that vendors usually
/// write (`wp:comment_id`).
#[derive(Debug, Default)]
pub struct Element<'a> {
    name: Name<'a>,
    attributes: Vec<(Name<'a>, Cow<'a, str>)>,
    text: Cow<'a, str>,
    /// White space that counts only if more text follows.
    pending: &'a str,
    /// Where its content begins in the source; after closing, the content itself.
    content_at: usize,
    source: &'a str,
    children: Vec<Element<'a>>,
}

/// The name of an element or attribute.
#[derive(Debug, Default, Clone, Copy)]
struct Name<'a> {
    /// The usual prefix of its namespace, if known; otherwise the prefix in the document.
    prefix: &'a str,
    local: &'a str,
    /// The name as the document writes it.
    written: &'a str,
}

impl<'a> Name<'a> {
    /// A name whose prefix has its usual meaning.
    fn usual(written: &'a str) -> Self {
        let (prefix, local) = written.split_once(':').unwrap_or(("", written));
        Self { prefix, local, written }
    }

    /// Whether this is the name that vendors write as `usual`.
    fn is(&self, usual: &str) -> bool {
        match usual.strip_suffix(self.local) {
            Some("") => self.prefix.is_empty(),
            Some(prefix) => prefix.strip_suffix(':') == Some(self.prefix),
            None => false,
        }
    }
}

/// Why a record has no tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It contains no element.
    NoElement,
    /// It is nested too deeply.
    TooDeep,
}

impl Unreadable {
    /// The reason for a finding.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::NoElement => Reason::UnreadableRecord,
            Self::TooDeep => Reason::NestedTooDeeply,
        }
    }
}

impl<'a> Element<'a> {
    /// Whether the element has this name.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.is(name)
    }

    /// The first child with this name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name.is(name))
    }

    /// An attribute, trimmed; `None` when absent or empty.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(own, _)| own.is(name))?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// The text of a child, trimmed; `None` when absent or empty.
    pub fn scalar(&self, name: &str, notes: &mut Notes) -> Option<&str> {
        self.child(name)?.value(notes)
    }

    /// The trimmed text of a child that people read, such as a title. Exporters pad these
    /// routinely, so trimming is not a repair.
    #[must_use]
    pub fn line(&self, name: &str) -> Option<&str> {
        Some(self.child(name)?.text.trim()).filter(|line| !line.is_empty())
    }

    /// Its own text, trimmed; `None` when empty.
    pub fn value(&self, notes: &mut Notes) -> Option<&str> {
        let trimmed = self.text.trim();
        if trimmed.is_empty() {
            return None;
        }
        if trimmed.len() != self.text.len() {
            notes.add(Reason::PaddedValue);
        }
        Some(trimmed)
    }

    /// The content of an element that holds a person's text: its text, or the markup if someone
    /// wrote markup without escaping it.
    pub fn prose(&self, notes: &mut Notes) -> &str {
        if self.children.is_empty() {
            &self.text
        } else {
            notes.add(Reason::DamagedMarkup);
            self.source.trim()
        }
    }

    fn push(&mut self, piece: Cow<'a, str>) {
        if self.text.is_empty() && self.pending.is_empty() {
            self.text = piece;
        } else {
            let text = self.text.to_mut();
            text.push_str(&line_ends(self.pending));
            text.push_str(&piece);
        }
        self.pending = "";
    }
}

/// Reads the record at the start of `source`. `notes` records a missing end tag.
pub(super) fn parse<'a>(source: &'a str, notes: &mut Notes) -> Result<Element<'a>, Unreadable> {
    let (element, is_closed) = parse_open(source, notes)?;
    if !is_closed {
        notes.add(Reason::DamagedMarkup);
    }
    Ok(element)
}

/// Reads the record at the start of `source`, which may be incomplete. Returns whether it is
/// complete.
pub(super) fn parse_open<'a>(source: &'a str, notes: &mut Notes) -> Result<(Element<'a>, bool), Unreadable> {
    let mut open: Vec<Element<'a>> = Vec::with_capacity(4);
    let mut searches = SEARCHES;
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        match token(rest) {
            Token::Text(length) => {
                text(&rest[..length], open.last_mut(), notes);
                at += length;
            }
            Token::Cdata => {
                let name = open.last().map_or("", |element| element.name.written);
                let (section, length) = cdata(rest, name, &mut searches, notes);
                if let Some(element) = open.last_mut().filter(|_| !section.is_empty()) {
                    element.push(line_ends(section));
                }
                at += length;
            }
            Token::Passed(length) => at += length,
            Token::Start { length, is_empty } => {
                if open.len() == DEEPEST {
                    return Err(Unreadable::TooDeep);
                }
                let mut element = start_tag(&rest[..length], notes);
                at += length;
                element.content_at = at;
                if !is_empty {
                    open.push(element);
                } else if let Some(parent) = open.last_mut() {
                    parent.children.push(element);
                } else {
                    return Ok((element, true));
                }
            }
            Token::End(length) => {
                let name = rest[2..length - 1].trim();
                if let Some(root) = close(&mut open, name, source, at, notes) {
                    return Ok((root, true));
                }
                at += length;
            }
        }
    }
    if open.len() > 1 {
        notes.add(Reason::DamagedMarkup);
    }
    let root = finish(&mut open, 0, source, source.len()).ok_or(Unreadable::NoElement)?;
    Ok((root, false))
}

/// Closes the innermost element with this name and the open elements inside it. Returns the root
/// once it is closed.
fn close<'a>(
    open: &mut Vec<Element<'a>>,
    name: &str,
    source: &'a str,
    at: usize,
    notes: &mut Notes,
) -> Option<Element<'a>> {
    let Some(depth) = open.iter().rposition(|element| element.name.written == name) else {
        notes.add(Reason::DamagedMarkup);
        return None;
    };
    if depth + 1 != open.len() {
        notes.add(Reason::DamagedMarkup);
    }
    finish(open, depth, source, at)
}

/// Closes all open elements down to this depth. Returns the root if it is among them.
fn finish<'a>(open: &mut Vec<Element<'a>>, depth: usize, source: &'a str, at: usize) -> Option<Element<'a>> {
    while open.len() > depth {
        let mut element = open.pop()?;
        element.source = &source[element.content_at..at];
        match open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => return Some(element),
        }
    }
    None
}

fn text<'a>(raw: &'a str, element: Option<&mut Element<'a>>, notes: &mut Notes) {
    let Some(element) = element else { return };
    if !raw.trim_ascii().is_empty() {
        element.push(match line_ends(raw) {
            Cow::Borrowed(raw) => unescape(raw, notes),
            Cow::Owned(raw) => Cow::Owned(unescape(&raw, notes).into_owned()),
        });
    } else if !element.text.is_empty() {
        element.pending = raw;
    }
}

#[cfg(test)]
mod tests;
