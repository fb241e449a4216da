//! The start of a document, for telling whose it is.

use memchr::memmem;

use super::damage::is_bad;
use super::members::{closing_quote, is_key, members};

/// Whether a document is damaged is told by this many bytes at its start.
const NEAR_BYTES: usize = 1024;

/// The start of a document that begins with `{`, `[` or `(`. It may end anywhere.
#[derive(Debug)]
pub struct JsonPrefix<'d> {
    document: &'d [u8],
    keys: Vec<&'d [u8]>,
    record_keys: Vec<&'d [u8]>,
    is_object: bool,
    is_damaged: bool,
}

impl<'d> JsonPrefix<'d> {
    /// Finds the outermost keys, and those of the first record. A parenthesis before the document
    /// is skipped (Muut wraps its files in them).
    #[must_use]
    pub fn new(document: &'d [u8]) -> Self {
        let inner = document.strip_prefix(b"(").map_or(document, <[u8]>::trim_ascii_start);
        // Its brace may be damaged.
        let is_object = inner.first().is_some_and(|byte| *byte == b'{' || is_bad(*byte));
        Self {
            document: inner,
            keys: if is_object { top_level_keys(inner) } else { Vec::new() },
            record_keys: first_record(inner).map(top_level_keys).unwrap_or_default(),
            is_object,
            is_damaged: begins_damaged(document),
        }
    }

    /// The document, without a parenthesis before it.
    #[must_use]
    pub const fn document(&self) -> &'d [u8] {
        self.document
    }

    /// Whether it is an object.
    #[must_use]
    pub const fn is_object(&self) -> bool {
        self.is_object
    }

    /// Whether the object has this key. If the document is damaged, which may hide what is
    /// outermost, the key may be anywhere.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.has_key(name) || self.is_damaged && self.mentions(name)
    }

    /// Whether the object certainly has this key.
    #[must_use]
    pub fn has_key(&self, name: &str) -> bool {
        holds_key(&self.keys, name)
    }

    /// Whether this is the only key.
    #[must_use]
    pub fn has_only(&self, name: &str) -> bool {
        self.keys.len() == 1 && self.has_key(name)
    }

    /// The first byte of the value of the object's first key.
    #[must_use]
    pub fn first_value(&self) -> Option<u8> {
        document_value(self.document)
    }

    /// Whether the first record has this key: the document itself, the first element of its array,
    /// or of the array under one of the usual names (`comments`, `Items`, `results`).
    #[must_use]
    pub fn record_has_key(&self, name: &str) -> bool {
        holds_key(&self.record_keys, name)
    }

    /// Whether the first record has this key, or it is mentioned anywhere.
    #[must_use]
    pub fn record_has(&self, name: &str) -> bool {
        self.record_has_key(name) || self.mentions(name)
    }

    /// Whether these bytes are anywhere in it.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        memmem::find(self.document, text.as_bytes()).is_some()
    }

    /// Whether this name is anywhere in it, in quotes.
    #[must_use]
    pub fn mentions(&self, name: &str) -> bool {
        self.holds(&format!("\"{name}\""))
    }
}

/// The first byte of the value of the object's first key.
fn document_value(object: &[u8]) -> Option<u8> {
    let quote = memchr::memchr(b'"', object)?;
    let end = closing_quote(object, quote + 1)?;
    object[end + 1..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().first().copied()
}

/// Whether one of these keys is this name, perhaps with escapes.
fn holds_key(keys: &[&[u8]], name: &str) -> bool {
    keys.iter().any(|key| is_key(key, name))
}

/// The first object that is a record: the document itself, the first element of its array, or of
/// the array under one of the usual names.
fn first_record(document: &[u8]) -> Option<&[u8]> {
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
