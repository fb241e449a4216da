//! Decodes character data.

use std::borrow::Cow;

use memchr::memchr;
use rethread_model::Reason;

use crate::notes::Notes;

/// The longest text between `&` and `;` that is inspected.
const LONGEST_ENTITY: usize = 32;

/// Replaces numeric references and the five entities of XML. Other names (`&nbsp;`) stay, because
/// the text may be HTML. An ampersand that begins no reference stands for itself, which is added to
/// `notes`.
pub fn unescape<'a>(raw: &'a str, notes: &mut Notes) -> Cow<'a, str> {
    let Some(first) = memchr(b'&', raw.as_bytes()) else { return Cow::Borrowed(raw) };
    let mut text = String::with_capacity(raw.len());
    text.push_str(&raw[..first]);
    let mut rest = &raw[first..];
    while let Some(after) = rest.strip_prefix('&') {
        let name = entity_name(after);
        match name.map(entity) {
            Some(Entity::Character(character)) => text.push(character),
            Some(Entity::Control) => notes.add(Reason::ControlCharacters),
            Some(Entity::Unknown) => {
                text.push('&');
                text.push_str(name.unwrap_or_default());
                text.push(';');
            }
            None => {
                notes.add(Reason::BareAmpersand);
                text.push('&');
            }
        }
        rest = name.map_or(after, |name| &after[name.len() + 1..]);
        let plain = memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        text.push_str(&rest[..plain]);
        rest = &rest[plain..];
    }
    Cow::Owned(text)
}

/// Normalises line ends to a line feed, as every XML reader does.
#[must_use]
pub fn line_ends(raw: &str) -> Cow<'_, str> {
    if memchr(b'\r', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Unescapes text that was escaped once too often, as names are: `&#8220;`, `&amp;`, `&hellip;`.
/// Other text stays unchanged.
#[must_use]
pub fn unescape_again(text: &str) -> Cow<'_, str> {
    let mut notes = Notes::default();
    replace_typographic(unescape(text, &mut notes))
}

/// Replaces the HTML entities that blogs put into titles.
#[must_use]
pub fn replace_typographic(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('&') {
        return text;
    }
    let mut replaced = text.into_owned();
    for (name, character) in TYPOGRAPHIC {
        if replaced.contains(name) {
            replaced = replaced.replace(name, character);
        }
    }
    Cow::Owned(replaced)
}

/// The HTML entities that blogs put into titles.
const TYPOGRAPHIC: [(&str, &str); 15] = [
    ("&nbsp;", "\u{a0}"),
    ("&hellip;", "…"),
    ("&ndash;", "–"),
    ("&mdash;", "—"),
    ("&lsquo;", "‘"),
    ("&rsquo;", "’"),
    ("&ldquo;", "“"),
    ("&rdquo;", "”"),
    ("&laquo;", "«"),
    ("&raquo;", "»"),
    ("&bull;", "•"),
    ("&middot;", "·"),
    ("&copy;", "©"),
    ("&reg;", "®"),
    ("&trade;", "™"),
];

enum Entity {
    Character(char),
    /// A reference to a character that XML does not allow.
    Control,
    Unknown,
}

/// The text between `&` and `;`, if it has the shape of a reference.
fn entity_name(after: &str) -> Option<&str> {
    let end = memchr(b';', &after.as_bytes()[..after.len().min(LONGEST_ENTITY)])?;
    let name = &after[..end];
    let digits = name.strip_prefix('#').map(|digits| digits.strip_prefix(['x', 'X']).unwrap_or(digits));
    let is_reference = match digits {
        Some(digits) => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => {
            name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
    };
    is_reference.then_some(name)
}

fn entity(name: &str) -> Entity {
    let code = match name.strip_prefix('#') {
        None => {
            return match name {
                "amp" => Entity::Character('&'),
                "lt" => Entity::Character('<'),
                "gt" => Entity::Character('>'),
                "quot" => Entity::Character('"'),
                "apos" => Entity::Character('\''),
                _ => Entity::Unknown,
            };
        }
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => digits.parse(),
        },
    };
    match code.ok().and_then(char::from_u32) {
        Some(space @ ('\t' | '\n' | '\r')) => Entity::Character(space),
        None | Some('\0'..' ' | '\u{fffe}' | '\u{ffff}') => Entity::Control,
        Some(character) => Entity::Character(character),
    }
}

#[cfg(test)]
mod tests {
    use rethread_model::Position;

    use super::*;

    fn reasons(raw: &str) -> (String, Vec<Reason>) {
        let mut notes = Notes::default();
        let text = unescape(raw, &mut notes).into_owned();
        (text, notes.into_findings(Position::default(), None).map(|finding| finding.reason).collect())
    }

    #[test]
    fn references_are_replaced_and_html_names_are_left() {
        assert_eq!(reasons("&lt;b&gt; &amp;amp; &#8217;&#x2019; &nbsp;"), ("<b> &amp; ’’ &nbsp;".to_owned(), vec![]));
        assert_eq!(reasons("a&#10;b").0, "a\nb");
    }

    #[test]
    fn an_ampersand_that_begins_nothing_stands_for_itself() {
        for raw in ["http://h/?a=1&b=2", "&", "a & b", "&;", "&#;", "&#xg;", "Ä&Ä;"] {
            assert_eq!(reasons(raw), (raw.to_owned(), vec![Reason::BareAmpersand]), "{raw}");
        }
    }

    #[test]
    fn references_to_control_characters_are_removed() {
        assert_eq!(
            reasons("a&#1;b&#x0;c&#xD800;d&#99999999999;"),
            ("abcd".to_owned(), vec![Reason::ControlCharacters])
        );
    }

    #[test]
    fn a_name_that_was_escaped_twice_is_readable() {
        assert_eq!(unescape_again("&#8220;Q&amp;A&#8221;&hellip;"), "“Q&A”…");
        assert_eq!(unescape_again("plain"), "plain");
        assert_eq!(unescape_again("R&D"), "R&D");
    }
}
