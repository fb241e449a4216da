//! Restores titles as they were typed.
//!
//! Titles reach a commenting system escaped for HTML, and exporters escape them again:
//! `A “quoted” title` came as `A &amp;#8220;quoted&amp;#8221; title` in a real file, after XML's
//! own escaping was undone. No field states how often. The text shows this much:
//!
//! - In escaped text, every ampersand begins a reference. An ampersand that begins none was typed,
//!   so the text around it is as typed, too: `AT&T and &amp;` is about `&amp;`.
//! - People do not type `&#8220;` or `&hellip;`.
//!
//! So layers are removed while each ampersand begins a reference, three at most. If one begins
//! none, only references that people do not type are replaced. JSON needs no escaping, so even its
//! first layer is removed only if such a reference proves that there is one. One case is ambiguous
//! and read as the more frequent of the two: a title about `&amp;` alone, without another
//! ampersand, in a format that escapes. A format that is known to escape once needs only
//! `unescape`.

use std::borrow::Cow;

use rethread_syntax::Notes;
use rethread_syntax::xml::{replace_typographic, unescape};

/// The most layers of escaping seen so far.
pub const MOST_LAYERS: usize = 3;

/// The longest reference that is inspected.
const LONGEST_REFERENCE: usize = 32;

/// A title from a format that escapes text, after the format's own escaping was undone.
#[must_use]
pub fn typed(title: &str) -> Cow<'_, str> {
    let mut title = Cow::Borrowed(title);
    for _ in 0..MOST_LAYERS {
        if !title.contains('&') {
            break;
        }
        let mut notes = Notes::default();
        let unescaped = unescape(&title, &mut notes);
        if notes.holds(rethread_model::Reason::BareAmpersand) {
            return Cow::Owned(without_machine_made(&title));
        }
        let unescaped = replace_typographic(unescaped).into_owned();
        if unescaped == *title {
            break;
        }
        title = Cow::Owned(unescaped);
    }
    title
}

/// A title from a format that does not need to escape text.
#[must_use]
pub fn typed_in_json(title: &str) -> Cow<'_, str> {
    let is_doubled = title.contains("&amp;amp;") || title.contains("&amp;#");
    let is_machine_made = || without_machine_made(title) != title;
    if title.contains('&') && (is_doubled || is_machine_made()) { typed(title) } else { Cow::Borrowed(title) }
}

/// Replaces references that people do not type: numeric ones, and the names of typographic
/// characters.
fn without_machine_made(title: &str) -> String {
    let mut replaced = String::with_capacity(title.len());
    let mut rest = title;
    while let Some(at) = rest.find("&#") {
        let (before, reference) = rest.split_at(at);
        replaced.push_str(before);
        let end = reference.bytes().take(LONGEST_REFERENCE).position(|byte| byte == b';').map_or(2, |end| end + 1);
        let (reference, after) = reference.split_at(end);
        replaced.push_str(&unescape(reference, &mut Notes::default()));
        rest = after;
    }
    replaced.push_str(rest);
    replace_typographic(Cow::Owned(replaced)).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn layers_are_taken_off_as_far_as_they_can_be_seen() {
        for (title, expected) in [
            ("plain", "plain"),
            ("R&D", "R&D"),
            ("Q&amp;A", "Q&A"),
            ("&#8220;Q&amp;A&#8221;&hellip;", "“Q&A”…"),
            ("A &amp;#8220;quoted&amp;#8221; title", "A “quoted” title"),
            ("A &amp;amp;#8220;quoted&amp;amp;#8221; title", "A “quoted” title"),
            ("Q&amp;amp;amp;A", "Q&A"),
            ("Tom &amp;amp; Jerry&amp;#8217;s", "Tom & Jerry’s"),
            ("&lt;b&gt; &amp;amp;quot;x&amp;amp;quot;", "<b> \"x\""),
            // A typed ampersand shows that the rest was typed, too.
            ("AT&T and &amp;", "AT&T and &amp;"),
            ("AT&amp;T and &amp;amp;", "AT&T and &amp;"),
            ("Use &amp; not & &#8211; please", "Use &amp; not & – please"),
            ("a=1&b=2&#", "a=1&b=2&#"),
            ("&unknown; &amp;", "&unknown; &"),
        ] {
            assert_eq!(typed(title), expected, "{title}");
        }
    }

    #[test]
    fn json_needs_no_escaping() {
        for (title, expected) in [
            ("Use &amp; in HTML", "Use &amp; in HTML"),
            ("R&D &lt;", "R&D &lt;"),
            ("Q&#038;A &amp; more", "Q&A & more"),
            ("Ann&rsquo;s", "Ann’s"),
            ("Q&amp;amp;A", "Q&A"),
        ] {
            assert_eq!(typed_in_json(title), expected, "{title}");
        }
    }

    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('“', "&#8220;")
    }

    proptest! {
        /// A title typed without references is restored however often it was escaped; an ampersand
        /// that begins none stops the process.
        #[test]
        fn what_was_typed_comes_back(title in "[a-z&<>“\" é]{0,20}", times in 0_usize..4) {
            let mut text = title.clone();
            for _ in 0..times {
                text = escaped(&text);
            }
            prop_assert_eq!(typed(&text), title);
        }

        #[test]
        fn no_ampersand_makes_it_fail(title in "[&#x;amp0-9a-z日 ]{0,40}") {
            let _ = (typed(&title), typed_in_json(&title));
        }
    }
}
