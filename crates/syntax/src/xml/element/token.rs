//! The tokens of a record.

use memchr::{memchr, memmem};
use rethread_model::Reason;

use super::{Element, Name};
use crate::notes::Notes;
use crate::xml::tag::{Markup, ends_name, markup};
use crate::xml::text::unescape;

/// A piece of a record.
pub(super) enum Token {
    /// This many bytes of character data.
    Text(usize),
    Cdata,
    /// A comment, a processing instruction or a declaration, of this length.
    Passed(usize),
    /// A start tag.
    Start {
        length: usize,
        is_empty: bool,
    },
    End(usize),
}

/// The token at the start of `rest`, which is not empty.
pub(super) fn token(rest: &str) -> Token {
    let bytes = rest.as_bytes();
    if bytes[0] != b'<' {
        return Token::Text(memchr(b'<', bytes).unwrap_or(bytes.len()));
    }
    match markup(bytes, true) {
        Markup::Section => Token::Cdata,
        Markup::Comment => {
            let end = memmem::find(&bytes[4..], b"-->").map(|found| 4 + found + 3);
            Token::Passed(end.unwrap_or(bytes.len()))
        }
        Markup::Other { length } => Token::Passed(length),
        Markup::Start { length, is_empty } => Token::Start { length, is_empty },
        Markup::End { length } => Token::End(length),
        // A `<` that begins no tag is text.
        Markup::Text | Markup::Cut => Token::Text(1),
    }
}

/// The element that this start tag begins.
pub(super) fn start_tag<'a>(tag: &'a str, notes: &mut Notes) -> Element<'a> {
    let inside = &tag[1..tag.len() - 1];
    let inside = inside.strip_suffix('/').unwrap_or(inside);
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
    element
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
