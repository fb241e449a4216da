//! JSON.

use memchr::memmem;
use rethread_model::Vendor;

use super::Looks;
use crate::json::is_bad;

/// The keys by which files are known stand no further from the beginning, but for what is in between.
const NEAR_BYTES: usize = 1024;

/// Looks at a document that begins with `{`, `[` or `(`.
pub(super) fn look(document: &[u8]) -> Looks {
    // Muut's files may be wrapped in parentheses.
    let inner = document.strip_prefix(b"(").map_or(document, <[u8]>::trim_ascii_start);
    // Its brace may be damaged.
    let is_object = inner.first().is_some_and(|byte| *byte == b'{' || is_bad(*byte));
    let keys = if is_object { top_level_keys(inner) } else { Vec::new() };
    let holds = |key: &str| memmem::find(document, key.as_bytes()).is_some();
    // Damage may hide which keys are the outermost.
    let is_damaged = begins_damaged(document);
    let has = |name: &str| keys.contains(&name.as_bytes()) || is_damaged && holds(&format!("\"{name}\""));
    if has("website") && has("comments") || has("website") && holds("\"hyvor") || has("rules") && has("badges") {
        return Looks::Like(Vendor::Hyvor);
    }
    // Brackets too many, as Muut's files have them, hide `threads`.
    let is_muut = has("threads") && has("categories") || holds("\"seed\"") && holds("\"replies\"");
    if is_object && is_muut {
        return Looks::Like(Vendor::Muut);
    }
    let is_commento = has("commenters") || has("version") && (has("comments") || has("pages"));
    if is_commento || has("comments") && holds("\"commentHex\"") {
        return Looks::Like(Vendor::Commento);
    }
    // Layouts of Hyvor Talk without the website: by how its comments are written.
    let marks =
        ["body_html", "content_html", "page_identifier", "page_url", "page_id", "htid", "picture_url", "upvotes"];
    if has("comments") && marks.iter().filter(|mark| holds(&format!("\"{mark}\""))).count() >= 2 {
        return Looks::Like(Vendor::Hyvor);
    }
    if holds("\"commentId\"") && (holds("\"pageUrl\"") || holds("\"itemId\"")) {
        return Looks::Like(Vendor::JustComments);
    }
    let is_json = match inner {
        [b'{', rest @ ..] => matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}')),
        [b'[', rest @ ..] => {
            matches!(
                rest.trim_ascii_start().first(),
                Some(b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')
            )
        }
        _ => false,
    };
    Looks::Otherwise(if is_json { "a JSON file of something else" } else { "plain text" }.to_owned())
}

/// Whether near its beginning the document holds what no JSON does.
fn begins_damaged(document: &[u8]) -> bool {
    let near = &document[..document.len().min(NEAR_BYTES)];
    let is_control = |byte: &u8| *byte < b' ' && !byte.is_ascii_whitespace();
    near.iter().any(is_control) || std::str::from_utf8(near).is_err_and(|error| error.error_len().is_some())
}

/// The keys of the object at the start of `object`, as far as it reaches. Values are passed over by counting brackets
/// outside of strings.
fn top_level_keys(object: &[u8]) -> Vec<&[u8]> {
    let mut keys = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = object.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            _ if at == 0 => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let Some(end) = end_of_string(object, at + 1) else { break };
                let is_key = object[end + 1..].trim_ascii_start().first() == Some(&b':');
                if depth == 1 && is_key {
                    keys.push(&object[at + 1..end]);
                }
                at = end;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
        at += 1;
    }
    keys
}

/// The closing quote of the string whose content begins at `at`.
fn end_of_string(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[found] == b'"' {
            return Some(found);
        }
        at = found + 2;
    }
}
