//! Rules of XML 1.0 that quick-xml leaves to its callers.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr3, memmem};
use quick_xml::events::attributes::{Attribute, Attributes};

use crate::text::is_forbidden;

/// The position of the first character that XML does not allow.
pub(super) fn illegal_character(bytes: &[u8]) -> Option<usize> {
    let is_illegal = |byte: &u8| *byte < 0x20 && is_forbidden(char::from(*byte));
    // Without an early exit the loop is vectorised; illegal characters are rare.
    let is_found =
        bytes.iter().fold(false, |found, byte| found | (*byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')));
    let control = if is_found { bytes.iter().position(is_illegal) } else { None };
    let end = control.unwrap_or(bytes.len());
    let other = memmem::find_iter(&bytes[..end], b"\xef\xbf").find(|at| matches!(bytes.get(at + 2), Some(0xbe | 0xbf)));
    other.or(control)
}

/// White space as XML defines it.
pub(super) const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// The position of a section's end marker in text, where it is not allowed.
pub(super) fn section_end(text: &str) -> Option<usize> {
    memchr_iter(b'>', text.as_bytes()).find(|at| text[..*at].ends_with("]]")).map(|at| at - 2)
}

/// The character for the name of a reference (`amp`, `#8217`, `#x2019`). `None` for any other name:
/// without a document type there are no others.
pub(super) fn character(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        return match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => None,
        };
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    let code = u32::from_str_radix(digits, radix).ok().filter(|_| is_number)?;
    char::from_u32(code).filter(|character| !is_forbidden(*character))
}

/// Replaces references in text. Invalid ones stay unchanged; a framer lets none through.
pub(in crate::xml) fn unescape(raw: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'&', raw.as_bytes()) else { return Cow::Borrowed(raw) };
    let mut text = String::with_capacity(raw.len());
    text.push_str(&raw[..first]);
    for piece in raw[first + 1..].split('&') {
        if let Some((character, after)) =
            piece.split_once(';').and_then(|(name, after)| Some((character(name)?, after)))
        {
            text.push(character);
            text.push_str(after);
        } else {
            text.push('&');
            text.push_str(piece);
        }
    }
    Cow::Owned(text)
}

/// The attributes of a tag whose syntax was checked before.
pub(in crate::xml) fn attributes(raw: &str) -> impl Iterator<Item = Attribute<'_>> {
    let mut attributes = Attributes::new(raw, 0);
    attributes.with_checks(false);
    attributes.flatten()
}

/// The value of an attribute from its raw text: white space becomes spaces, references are
/// replaced. `None` if it is not well-formed.
pub(in crate::xml) fn attribute_value(raw: &str) -> Option<Cow<'_, str>> {
    if memchr3(b'<', b'&', b'\r', raw.as_bytes()).is_none() && !raw.contains(['\n', '\t']) {
        return Some(Cow::Borrowed(raw));
    }
    let references = raw.split('&').skip(1);
    let are_legal =
        references.map(|piece| piece.split_once(';')).all(|name| name.and_then(|(name, _)| character(name)).is_some());
    if raw.contains('<') || !are_legal {
        return None;
    }
    let spaced = raw.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
    Some(Cow::Owned(unescape(&spaced).into_owned()))
}

/// Whether this is a name with at most one prefix.
pub(super) fn is_qualified_name(name: &str) -> bool {
    match name.split_once(':') {
        Some((prefix, local)) => is_name(prefix) && is_name(local),
        None => is_name(name),
    }
}

/// Whether this is a name without a colon.
pub(super) fn is_name(name: &str) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if name.as_bytes().iter().all(is_plain) {
        return name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    }
    let mut characters = name.chars();
    characters.next().is_some_and(begins_name) && characters.all(continues_name)
}

/// `NameStartChar` of XML 1.0, without the colon.
const fn begins_name(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '_' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

/// `NameChar` of XML 1.0, without the colon.
const fn continues_name(c: char) -> bool {
    matches!(c, '0'..='9' | '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}') || begins_name(c)
}
