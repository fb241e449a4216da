//! Detects JSON exports.

use memchr::memmem;
use rethread_model::Vendor;
use rethread_syntax::json::{closing_quote, is_bad, is_key, members};

use super::{Detection, empty, foreign, other};

/// The identifying keys are within this many bytes of the start, not counting nested values.
const NEAR_BYTES: usize = 1024;

/// Inspects a document that begins with `{`, `[` or `(`.
pub(super) fn look(document: &[u8]) -> Detection {
    // Muut's files may be wrapped in parentheses.
    let inner = document.strip_prefix(b"(").map_or(document, <[u8]>::trim_ascii_start);
    // Its brace may be damaged.
    let is_object = inner.first().is_some_and(|byte| *byte == b'{' || is_bad(*byte));
    let keys = if is_object { top_level_keys(inner) } else { Vec::new() };
    let holds = |key: &str| memmem::find(document, key.as_bytes()).is_some();
    // Damage may hide which keys are outermost.
    let is_damaged = begins_damaged(document);
    let has = |name: &str| holds_key(&keys, name) || is_damaged && holds(&format!("\"{name}\""));
    if let Some(what) = foreign::json(inner, &keys) {
        return Detection::Foreign(what);
    }
    if has("website") && has("comments") || has("website") && holds("\"hyvor") || has("rules") && has("badges") {
        return Detection::Like(Vendor::Hyvor);
    }
    // Extra brackets, as in Muut's files, hide `threads`.
    let is_muut = has("threads") && has("categories") || holds("\"seed\"") && holds("\"replies\"");
    if is_object && is_muut {
        return Detection::Like(Vendor::Muut);
    }
    // The version may be the only key.
    let is_version =
        || keys.len() == 1 && holds_key(&keys, "version") && matches!(document_value(inner), Some(b'0'..=b'9' | b'"'));
    let is_commento = has("commenters") || has("version") && (has("comments") || has("pages")) || is_version();
    if is_commento || has("comments") && holds("\"commentHex\"") {
        return Detection::Like(Vendor::Commento);
    }
    // Layouts of Hyvor Talk without the website, recognised by the shape of their comments.
    let marks =
        ["body_html", "content_html", "page_identifier", "page_url", "page_id", "htid", "picture_url", "upvotes"];
    if has("comments") && marks.iter().filter(|mark| holds(&format!("\"{mark}\""))).count() >= 2 {
        return Detection::Like(Vendor::Hyvor);
    }
    let record = first_record(inner).map(top_level_keys).unwrap_or_default();
    let has_comment = |name: &str| holds_key(&record, name) || holds(&format!("\"{name}\""));
    if has_comment("commentId") && (has_comment("pageUrl") || has_comment("itemId")) {
        return Detection::Like(Vendor::JustComments);
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
    if empty::is_nothing(document) {
        return Detection::Nothing;
    }
    Detection::Otherwise(if is_json { "a JSON file of something else" } else { other::PLAIN_TEXT }.to_owned())
}

/// The first byte of the value of the object's first key.
fn document_value(object: &[u8]) -> Option<u8> {
    let quote = memchr::memchr(b'"', object)?;
    let end = closing_quote(object, quote + 1)?;
    object[end + 1..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().first().copied()
}

/// Whether the document itself, not what may follow it, has keys of this vendor.
pub(super) fn has_keys_of(document: &[u8], vendor: Vendor) -> bool {
    let keys = top_level_keys(document);
    let has = |names: &[&str]| names.iter().any(|name| holds_key(&keys, name));
    match vendor {
        Vendor::Commento => has(&["commenters", "comments", "version"]),
        Vendor::Hyvor => has(&["comments", "website"]),
        Vendor::Muut => has(&["threads", "categories"]),
        Vendor::JustComments => {
            first_record(document).is_some_and(|record| holds_key(&top_level_keys(record), "commentId"))
        }
        Vendor::Disqus | Vendor::WordPress | Vendor::IntenseDebate => false,
    }
}

/// Whether one of these keys is this name, perhaps with escapes.
pub(super) fn holds_key(keys: &[&[u8]], name: &str) -> bool {
    keys.iter().any(|key| is_key(key, name))
}

/// The first object that is a record: the document itself, the first element of its array, or of
/// the array under one of the usual names.
pub(super) fn first_record(document: &[u8]) -> Option<&[u8]> {
    const ARRAYS: [&[u8]; 3] = [b"comments", b"Items", b"results"];
    let in_array = |array: &[u8]| -> Option<usize> {
        let inner = array.strip_prefix(b"[")?;
        let space = inner.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        (inner.get(space) == Some(&b'{')).then_some(space + 1)
    };
    if document.starts_with(b"[") {
        return in_array(document).map(|start| &document[start..]);
    }
    let mut arrays = members(document).filter(|member| ARRAYS.contains(&&*member.key));
    let record = arrays.find_map(|member| in_array(&document[member.start..]).map(|start| member.start + start));
    Some(record.map_or(document, |start| &document[start..]))
}

/// Whether the start of the document contains bytes that JSON never has.
fn begins_damaged(document: &[u8]) -> bool {
    let near = &document[..document.len().min(NEAR_BYTES)];
    let is_control = |byte: &u8| *byte < b' ' && !byte.is_ascii_whitespace();
    near.iter().any(is_control) || std::str::from_utf8(near).is_err_and(|error| error.error_len().is_some())
}

/// The keys of the object at the start of `object`, as far as it reaches. Values are skipped by
/// counting brackets outside strings.
pub(super) fn top_level_keys(object: &[u8]) -> Vec<&[u8]> {
    let mut keys = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = object.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            _ if at == 0 => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let Some(end) = closing_quote(object, at + 1) else { break };
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
