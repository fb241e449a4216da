//! Applies the allow-list.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::allow_list::{ATTRIBUTES, DROPPED_WITH_CONTENT, LINK_REL, SCHEMES, TAGS};
use super::complexity::{self, Complexity};
use super::{blocks, runs, unknown};

/// Parsing the output may change it again (paragraphs in buttons in paragraphs). A text that has
/// not settled after this many rounds is shown as plain text.
const ROUNDS: usize = 4;

static POLICY: LazyLock<Builder<'static>> = LazyLock::new(|| policy(TAGS.iter().copied()));

/// Also allows blocks, so that [`blocks::drop_from`] sees where they were. Its result goes through
/// [`POLICY`].
static POLICY_WITH_BLOCKS: LazyLock<Builder<'static>> =
    LazyLock::new(|| policy(TAGS.iter().chain(blocks::DROPPED).copied()));

fn policy(tags: impl Iterator<Item = &'static str>) -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(tags.collect())
        .generic_attributes(HashSet::new())
        .clean_content_tags(set(DROPPED_WITH_CONTENT))
        .tag_attributes(ATTRIBUTES.iter().map(|(tag, names)| (*tag, set(names))).collect())
        .url_schemes(set(SCHEMES))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some(LINK_REL))
        .strip_comments(true)
        .attribute_filter(only_web_pictures);
    builder
}

fn set(words: &[&'static str]) -> HashSet<&'static str> {
    words.iter().copied().collect()
}

/// The scheme was checked already; only `mailto` for a picture is left to refuse.
fn only_web_pictures<'v>(element: &str, attribute: &str, value: &'v str) -> Option<Cow<'v, str>> {
    let is_picture = element == "img" && attribute == "src";
    let is_web = || url::Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    (!is_picture || is_web()).then_some(Cow::Borrowed(value))
}

/// The source after the policy. The result is a fixed point of the policy. `None` if the source is
/// too complex to be parsed in bounded time and depth.
pub(super) fn apply(source: &str) -> Option<String> {
    if is_its_own_html(source) {
        return Some(source.to_owned());
    }
    match complexity::of(source) {
        Complexity::Plain => Some(parsed(source, &POLICY)),
        Complexity::Tangled => settled(source),
        Complexity::Excessive => None,
    }
}

fn parsed(source: &str, policy: &Builder<'_>) -> String {
    let html = policy.clean(&runs::cut(source)).to_string();
    without_newlines_opening_pre(html)
}

fn settled(source: &str) -> Option<String> {
    let mut html = blocks::drop_from(&parsed(&unknown::renamed(source), &POLICY_WITH_BLOCKS));
    // Repeat until the output no longer changes.
    for _ in 1..ROUNDS {
        if complexity::of(&html) == Complexity::Excessive {
            return None;
        }
        let again = parsed(&html, &POLICY);
        if again == html {
            return Some(html);
        }
        html = again;
    }
    None
}

/// A parser drops one newline after `<pre>` and a serialiser does not restore it. Without any
/// newline there, none can get lost.
fn without_newlines_opening_pre(html: String) -> String {
    const OPENING: &str = "<pre>\n";
    if !html.contains(OPENING) {
        return html;
    }
    let mut pieces = html.split("<pre>");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push_str("<pre>");
        out.push_str(piece.trim_start_matches('\n'));
    }
    out
}

/// Whether parsing and serialising would return the text unchanged: no tag, no character reference,
/// nothing that a serialiser escapes (`>`, no-break space), nothing that a parser drops or changes
/// (NUL, CR, a BOM at the start). The byte 0xC2, which the no-break space shares with other
/// characters, always counts as special.
fn is_its_own_html(source: &str) -> bool {
    let bytes = source.as_bytes();
    // Without an early exit the loop is vectorised.
    let is_special = |byte: u8| matches!(byte, b'<' | b'>' | b'&' | b'\r' | 0 | 0xc2);
    !bytes.iter().fold(false, |found, byte| found | is_special(*byte)) && !bytes.starts_with(b"\xef\xbb\xbf")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_taken_for_its_own_html_is(source in "[^<>&]{0,80}") {
            if is_its_own_html(&source) {
                prop_assert_eq!(parsed(&source, &POLICY), source);
            }
        }
    }

    #[test]
    fn most_plain_text_takes_the_fast_path() {
        assert!(is_its_own_html("Well said, \"Jane\"! Übrigens: 日本語 🦀\n\tBye"));
        for special in ["a<b", "a>b", "a&b", "a\rb", "a\u{a0}b", "\u{feff}a", "a\0b"] {
            assert!(!is_its_own_html(special), "{special:?}");
        }
    }
}
