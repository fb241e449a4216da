//! Names files that are not exports.

/// A file without structure.
pub(super) const PLAIN_TEXT: &str = "plain text";

/// File signatures.
const MAGIC: [(&[u8], &str); 17] = [
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"RIFF", "an image or a sound"),
    (b"BM\x00", "an image"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "a text document in RTF"),
    (b"BZh", "packed with bzip2 (unpack it first)"),
    (b"\xfd7zXZ", "packed with xz (unpack it first)"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd (unpack it first)"),
    (b"7z\xbc\xaf", "packed with 7-Zip (unpack it first)"),
    (b"Rar!", "packed with RAR (unpack it first)"),
    (b"\x1f\x8b", "packed with gzip inside another archive (unpack it first)"),
    (b"PK\x03\x04", "a zip inside another archive (unpack it first)"),
    (b"\x7fELF", "a program"),
];

/// Names a file by its signature.
pub(super) fn by_magic(text: &[u8]) -> Option<&'static str> {
    MAGIC.iter().find(|(magic, _)| text.starts_with(magic)).map(|(_, what)| *what)
}

/// Describes a file without a signature.
pub(super) fn by_bytes(text: &[u8]) -> &'static str {
    let beginning = &text[..text.len().min(4096)];
    let is_binary = beginning.iter().any(|byte| *byte < b' ' && !byte.is_ascii_whitespace() && *byte != 0x1b);
    let first_line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let has_columns = |separator: u8| memchr::memchr_iter(separator, first_line).count() >= 2;
    if is_binary {
        "a binary file that is not known"
    } else if has_columns(b',') || has_columns(b';') || has_columns(b'\t') {
        "a table in text form (CSV)"
    } else {
        PLAIN_TEXT
    }
}
