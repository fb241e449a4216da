//! Detects JSON exports.

use rethread_syntax::json::JsonPrefix;
use rethread_vendors::formats;

use super::{Detection, empty, foreign, other};

/// Inspects a document that begins with `{`, `[` or `(`.
pub(super) fn look(document: &[u8]) -> Detection {
    let prefix = JsonPrefix::new(document);
    if let Some(what) = foreign::json(&prefix) {
        return Detection::Foreign(what);
    }
    let vendors = formats().filter_map(|format| Some((format.looks_like_json(&prefix)?, format.info().vendor)));
    // Of those that are equally sure, the first.
    let likeliest = vendors.reduce(|best, next| if next.0 > best.0 { next } else { best });
    if let Some((_, vendor)) = likeliest {
        return Detection::Like(vendor);
    }
    let is_json = match prefix.document() {
        [b'{', rest @ ..] => matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}')),
        [b'[', rest @ ..] => {
            matches!(
                rest.trim_ascii_start().first(),
                Some(b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')
            )
        }
        _ => false,
    };
    if empty::is_nothing(document) {
        return Detection::Nothing;
    }
    Detection::Otherwise(if is_json { "a JSON file of something else" } else { other::PLAIN_TEXT }.to_owned())
}
