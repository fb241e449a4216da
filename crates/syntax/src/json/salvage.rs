//! Recovers what it can from an unreadable element.

use memchr::memmem;

use super::space::after_space;

/// The text after the first `"key":` in the bytes, if it looks like an id.
#[must_use]
pub fn salvage<'b>(bytes: &'b [u8], key: &str) -> Option<&'b str> {
    let quoted = format!("\"{key}\"");
    memmem::find_iter(bytes, quoted.as_bytes()).find_map(|place| value(bytes, place + quoted.len()))
}

fn value(bytes: &[u8], from: usize) -> Option<&str> {
    let colon = after_space(bytes, from);
    (bytes.get(colon) == Some(&b':')).then_some(())?;
    let quote = after_space(bytes, colon + 1);
    let text = bytes.get(quote..)?.strip_prefix(b"\"")?;
    let is_id = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.');
    let length = text.iter().position(|byte| !is_id(byte))?;
    let is_whole = text[length] == b'"' && (1..=128).contains(&length);
    std::str::from_utf8(&text[..length]).ok().filter(|_| is_whole)
}
