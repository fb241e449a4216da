//! What `PostgreSQL` cannot store or index as it is.
//!
//! A text cannot contain U+0000. The non-character U+FFFF replaces it: the file readers remove
//! both, so neither comes from a file. Also, an index entry has at most 2,700 bytes: longer keys
//! than any sensible one are shortened, in a way that keeps different keys different.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tokio_postgres::Row;

use super::DbResult;

const NUL: char = '\0';
const STAND_IN: char = '\u{ffff}';
/// The longest key in bytes.
const LONGEST_KEY: usize = 1_000;
/// The bytes kept of a longer key, before the hash of the whole key.
const KEPT: usize = 900;

/// Text in its storable form.
pub(crate) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains(NUL) { text.replace(NUL, "\u{ffff}").into() } else { text.into() }
}

/// The same for owned text.
pub(crate) fn make_storable(text: &mut String) {
    if text.contains(NUL) {
        *text = storable(text).into_owned();
    }
}

/// The original of stored text.
pub(crate) fn given(text: String) -> String {
    if text.contains(STAND_IN) { text.replace(STAND_IN, "\0") } else { text }
}

/// The original of a stored text that may be null.
pub(crate) fn given_text(row: &Row, column: usize) -> DbResult<Option<String>> {
    Ok(row.try_get::<_, Option<String>>(column)?.map(given))
}

/// A source id or another key in its storable and indexable form.
pub(crate) fn key(text: &str) -> Cow<'_, str> {
    let text = storable(text);
    if text.len() <= LONGEST_KEY {
        return text;
    }
    let kept = &text[..text.floor_char_boundary(KEPT)];
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()));
    format!("{kept}\u{2026}{hash}").into()
}

/// The same for an owned key.
pub(crate) fn make_key(text: &mut String) {
    if let Cow::Owned(changed) = key(text) {
        *text = changed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_as_it_was_given() {
        for text in ["", "plain", "a\0b\0", "Grüße 👋\u{fffd}"] {
            assert!(!storable(text).contains(NUL));
            assert_eq!(given(storable(text).into_owned()), text);
        }
    }

    #[test]
    fn long_keys_become_short_and_stay_different() {
        let long = "ü".repeat(2_000);
        let other = format!("{long}x");
        assert!(key(&long).len() <= LONGEST_KEY && key(&long).starts_with("üüü"));
        assert_ne!(key(&long), key(&other));
        assert_eq!(key(&key(&long)), key(&long), "a stored key is its own");
        assert_eq!(key("https://example.com/?a=b"), "https://example.com/?a=b");
    }
}
