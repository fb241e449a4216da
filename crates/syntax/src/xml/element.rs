//! A single record as a tree.

mod strict;

use std::borrow::Cow;

use memchr::{memchr, memmem};
use rethread_model::Reason;

use super::text::{line_ends, unescape};
use super::{CDATA, ends_name};
use crate::notes::Notes;

pub(super) use self::strict::parse_strict;

/// Records are three or four levels deep. Much deeper nesting is an attack or damage.
const DEEPEST: usize = 64;

/// Quotes are matched inside tags up to this length. Bounds the work for text that only looks like
/// tags.
const LONGEST_TAG: usize = 4096;

/// How many failed searches for the end of a nested section a record may cause. Bounds the work
/// likewise.
const SEARCHES: usize = 16;

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
            Token::Start(length) => {
                if open.len() == DEEPEST {
                    return Err(Unreadable::TooDeep);
                }
                let (mut element, is_empty) = start_tag(&rest[..length], notes);
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

enum Token {
    /// This many bytes of character data.
    Text(usize),
    Cdata,
    /// A comment, a processing instruction or a declaration, of this length.
    Passed(usize),
    Start(usize),
    End(usize),
}

/// The token at the start of `rest`, which is not empty.
fn token(rest: &str) -> Token {
    let bytes = rest.as_bytes();
    if bytes[0] != b'<' {
        return Token::Text(memchr(b'<', bytes).unwrap_or(bytes.len()));
    }
    let passed = |end: &str, at: usize| {
        let end = memmem::find(&bytes[at..], end.as_bytes()).map(|found| at + found + end.len());
        Token::Passed(end.unwrap_or(bytes.len()))
    };
    match bytes.get(1) {
        Some(b'!') if rest.starts_with(CDATA) => Token::Cdata,
        Some(b'!') if rest.starts_with("<!--") => passed("-->", 4),
        Some(b'!' | b'?') => passed(">", 2),
        // Without a `>`, none of the rest is a tag.
        Some(b'/') => memchr(b'>', bytes).map_or(Token::Text(bytes.len()), |found| Token::End(found + 1)),
        Some(first) if first.is_ascii_alphabetic() || *first == b'_' => {
            tag_end(bytes).map_or(Token::Text(bytes.len()), Token::Start)
        }
        // A `<` that begins no tag is text.
        _ => Token::Text(1),
    }
}

/// The position after a tag's `>`, if there is one. A `>` in quotes does not end the tag, unless
/// the tag would exceed the maximum length: an unclosed quote hides nothing beyond itself.
#[must_use]
pub fn tag_end(bytes: &[u8]) -> Option<usize> {
    let near = &bytes[..bytes.len().min(LONGEST_TAG)];
    quoted_tag_end(near).or_else(|| memchr(b'>', bytes).map(|found| found + 1))
}

fn quoted_tag_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        let found = at + memchr::memchr3(b'>', b'"', b'\'', &bytes[at..])?;
        if bytes[found] == b'>' {
            return Some(found + 1);
        }
        // Only a quote after `=` opens a value.
        let is_value = bytes[at..found].trim_ascii_end().ends_with(b"=");
        let closing = memchr(bytes[found], &bytes[found + 1..]).filter(|_| is_value);
        at = closing.map_or(found + 1, |closing| found + 1 + closing + 1);
    }
}

fn start_tag<'a>(tag: &'a str, notes: &mut Notes) -> (Element<'a>, bool) {
    let inside = &tag[1..tag.len() - 1];
    let (inside, is_empty) = inside.strip_suffix('/').map_or((inside, false), |inside| (inside, true));
    let name_end = inside.bytes().position(ends_name).unwrap_or(inside.len());
    let mut element = Element { name: Name::usual(&inside[..name_end]), ..Element::default() };
    let mut rest = inside[name_end..].trim_start();
    while !rest.is_empty() {
        let Some((name, value, after)) = attribute(rest) else {
            notes.add(Reason::DamagedMarkup);
            break;
        };
        element.attributes.push((Name::usual(name), unescape(value, notes)));
        rest = after.trim_start();
    }
    (element, is_empty)
}

/// Parses `name="value"`. Returns the rest as well.
fn attribute(rest: &str) -> Option<(&str, &str, &str)> {
    let (name, after) = rest.split_once('=')?;
    let name = name.split_ascii_whitespace().next_back()?;
    let after = after.trim_start();
    let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, after) = after[1..].split_once(quote)?;
    Some((name, value, after))
}

/// The text of the CDATA section at the start of `rest`, and the section's whole length.
///
/// Old exporters put text that contains a CDATA section into another one without splitting it. Such
/// a section ends where the element does, not at the first `]]>`.
fn cdata<'a>(rest: &'a str, element: &str, searches: &mut usize, notes: &mut Notes) -> (&'a str, usize) {
    let content = &rest[CDATA.len()..];
    let first_end = memmem::find(content.as_bytes(), b"]]>");
    // A `<` that a person typed is escaped, so the element's own end tag inside its section shows
    // that the section was not closed.
    let inside = &content[..first_end.unwrap_or(content.len())];
    let lost_end = memmem::find_iter(inside.as_bytes(), b"</").find(|at| ends_field(&content[*at..], element));
    let (Some(first_end), None) = (first_end, lost_end) else {
        notes.add(Reason::UnclosedCdata);
        let end = lost_end.unwrap_or(content.len());
        return (&content[..end], CDATA.len() + end);
    };
    let mut end = first_end;
    let is_nested = memmem::find(&content.as_bytes()[..first_end], CDATA.as_bytes()).is_some();
    if is_nested && *searches > 0 && !section_may_end(&content[end + 3..], element) {
        // The outer section ends directly before the element's end tag.
        let mut later = memmem::find_iter(&content.as_bytes()[end + 3..], b"]]>").map(|found| first_end + 3 + found);
        match later.find(|at| ends_element(&content[at + 3..], element)) {
            Some(outer) => {
                notes.add(Reason::NestedCdata);
                end = outer;
            }
            None => *searches -= 1,
        }
    }
    (&content[..end], CDATA.len() + end + 3)
}

/// Whether `rest` begins with the element's end tag, followed by markup.
fn ends_field(rest: &str, element: &str) -> bool {
    let after = rest.strip_prefix("</").and_then(|rest| rest.strip_prefix(element));
    let after = after.and_then(|after| after.trim_ascii_start().strip_prefix('>'));
    after.is_some_and(|after| after.trim_ascii_start().starts_with('<') && !element.is_empty())
}

fn section_may_end(after: &str, element: &str) -> bool {
    after.starts_with(CDATA) || ends_element(after, element)
}

fn ends_element(after: &str, element: &str) -> bool {
    let name = after.trim_ascii_start().strip_prefix("</").and_then(|after| after.strip_prefix(element));
    name.is_some_and(|after| after.bytes().next().is_none_or(ends_name))
}

#[cfg(test)]
mod tests;
