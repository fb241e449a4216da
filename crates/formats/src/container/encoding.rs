//! Detects encodings and converts documents to UTF-8.
//!
//! The order follows the XML and JSON standards. A byte order mark decides; valid UTF-8 is UTF-8;
//! then the document's own declaration counts, by the names of the WHATWG's Encoding Standard
//! (`iso-8859-1` is windows-1252). A document that matches none of these is read as UTF-8 anyway,
//! by readers that replace invalid sequences.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};
use memchr::memmem;

/// An XML declaration is searched for in this many bytes, because junk may precede it.
const DECLARATION_WITHIN: usize = 64 * 1024;

/// The longest declaration.
const LONGEST_DECLARATION: usize = 1024;

/// Bytes read and decoded at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// What the start of a document says about its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// It is certainly in this encoding.
    Sure(&'static Encoding),
    /// It declares this encoding, which counts unless the whole document is valid UTF-8.
    Declared(&'static Encoding),
    /// Four bytes per character, which no web standard supports.
    Utf32,
    /// No evidence: it is UTF-8.
    Nothing,
}

/// Inspects the start of a document.
pub(crate) fn evidence(beginning: &[u8]) -> Evidence {
    match beginning {
        [0xff, 0xfe, 0, 0, ..]
        | [0, 0, 0xfe, 0xff, ..]
        | [b'<' | b'{' | b'[', 0, 0, 0, ..]
        | [0, 0, 0, b'<' | b'{' | b'[', ..] => Evidence::Utf32,
        [0xff, 0xfe, ..] => Evidence::Sure(encoding_rs::UTF_16LE),
        [0xfe, 0xff, ..] => Evidence::Sure(encoding_rs::UTF_16BE),
        [0xef, 0xbb, 0xbf, ..] => Evidence::Nothing,
        [one, 0, two, 0, ..] if is_ascii_text(*one) && is_ascii_text(*two) => Evidence::Sure(encoding_rs::UTF_16LE),
        [0, one, 0, two, ..] if is_ascii_text(*one) && is_ascii_text(*two) => Evidence::Sure(encoding_rs::UTF_16BE),
        _ => declared(beginning).map_or(Evidence::Nothing, Evidence::Declared),
    }
}

const fn is_ascii_text(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte.is_ascii_whitespace()
}

/// The encoding that an XML declaration names, if it is not UTF-8. A declaration readable as ASCII
/// is not UTF-16, whatever it says.
fn declared(beginning: &[u8]) -> Option<&'static Encoding> {
    let beginning = &beginning[..beginning.len().min(DECLARATION_WITHIN)];
    let start = memmem::find(beginning, b"<?xml")?;
    let declaration = &beginning[start..beginning.len().min(start + LONGEST_DECLARATION)];
    let declaration = &declaration[..memchr::memchr(b'>', declaration)?];
    let value = &declaration[memmem::find(declaration, b"encoding")? + b"encoding".len()..];
    let value = value.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = value.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let quoted = &value[1..];
    let label = &quoted[..memchr::memchr(*quote, quoted)?];
    let encoding = Encoding::for_label_no_replacement(label)?;
    let is_utf16 = encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE;
    (encoding != encoding_rs::UTF_8 && !is_utf16).then_some(encoding)
}

/// Whether the whole document is valid UTF-8 and contains no escape sequences of this encoding,
/// which consist of ASCII (as in ISO-2022-JP).
pub(crate) fn is_utf8(document: &mut dyn Read, encoding: &'static Encoding) -> io::Result<bool> {
    let has_escapes = !encoding.is_ascii_compatible();
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut kept = 0;
    loop {
        let length = match document.read(&mut buffer[kept..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let text = &buffer[..kept + length];
        if has_escapes && memchr::memchr(0x1b, text).is_some() {
            return Ok(false);
        }
        let valid = match std::str::from_utf8(text) {
            Ok(_) => text.len(),
            Err(error) if error.error_len().is_some() => return Ok(false),
            Err(error) => error.valid_up_to(),
        };
        // A character cut off by the document's end is not evidence.
        if length == 0 {
            return Ok(true);
        }
        let end = text.len();
        buffer.copy_within(valid..end, 0);
        kept = end - valid;
    }
}

/// The start of a document as text, if the start alone determines the encoding.
pub(crate) fn beginning(bytes: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    match evidence(bytes) {
        Evidence::Sure(encoding) => {
            let (text, _) = encoding.decode_without_bom_handling(bytes);
            text.into_owned().into_bytes().into()
        }
        Evidence::Declared(_) | Evidence::Utf32 | Evidence::Nothing => bytes.into(),
    }
}

/// A document converted to UTF-8.
pub(crate) struct Transcoded<R> {
    inner: R,
    /// `None` if the document needs no conversion.
    decoder: Option<Decoder>,
    /// Bytes read; those from `from` on are not decoded yet.
    input: Vec<u8>,
    from: usize,
    /// Decoded text; that from `given` on is not returned yet.
    output: Vec<u8>,
    given: usize,
    /// Length of the text before `output`.
    offset: u64,
    /// Whether `inner` is exhausted.
    is_last: bool,
    is_ended: bool,
    replaced_at: Option<u64>,
}

impl<R: Read> Transcoded<R> {
    pub(crate) fn new(inner: R, encoding: Option<&'static Encoding>) -> Self {
        Self {
            inner,
            // The byte order mark stays; detection skips it.
            decoder: encoding.map(Encoding::new_decoder_without_bom_handling),
            input: Vec::new(),
            from: 0,
            output: Vec::new(),
            given: 0,
            offset: 0,
            is_last: false,
            is_ended: false,
            replaced_at: None,
        }
    }

    /// Position in the text of the first U+FFFD that replaces an invalid sequence.
    pub(crate) const fn replaced_at(&self) -> Option<u64> {
        self.replaced_at
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(decoder) = &mut self.decoder else { return self.inner.read(buffer) };
        while self.given == self.output.len() && !self.is_ended {
            if self.from == self.input.len() && !self.is_last {
                let mut chunk = vec![0; CHUNK_BYTES];
                let length = self.inner.read(&mut chunk)?;
                chunk.truncate(length);
                (self.input, self.from, self.is_last) = (chunk, 0, length == 0);
            }
            self.offset += self.output.len() as u64;
            self.output.resize(CHUNK_BYTES, 0);
            let input = &self.input[self.from..];
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(input, &mut self.output, self.is_last);
            self.output.truncate(written);
            (self.given, self.from) = (0, self.from + read);
            match result {
                DecoderResult::Malformed(..) => {
                    self.replaced_at.get_or_insert(self.offset + written as u64);
                    self.output.extend_from_slice("\u{fffd}".as_bytes());
                }
                DecoderResult::InputEmpty => self.is_ended = self.is_last,
                DecoderResult::OutputFull => {}
            }
        }
        let rest = &self.output[self.given..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn transcoded(bytes: &[u8], encoding: &'static Encoding) -> (String, Option<u64>) {
        let mut document = Transcoded::new(Halting(bytes), Some(encoding));
        let mut text = String::new();
        document.read_to_string(&mut text).unwrap();
        (text, document.replaced_at())
    }

    /// A reader that returns few bytes at a time and is interrupted.
    struct Halting<'b>(&'b [u8]);

    impl Read for Halting<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(3);
            self.0.read(&mut buffer[..length])
        }
    }

    fn of_label(label: &str) -> &'static Encoding {
        Encoding::for_label(label.as_bytes()).unwrap()
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn marks_and_patterns_come_before_declarations() {
        let xml = "<?xml version='1.0' encoding='windows-1251'?><a/>";
        let sure = Evidence::Sure;
        let cases = [
            (xml.as_bytes().to_vec(), Evidence::Declared(encoding_rs::WINDOWS_1251)),
            (format!("\u{feff}{xml}").into_bytes(), Evidence::Nothing),
            (utf16(xml, u16::to_le_bytes), sure(encoding_rs::UTF_16LE)),
            (utf16(&format!("\u{feff}{xml}"), u16::to_be_bytes), sure(encoding_rs::UTF_16BE)),
            (utf16("{\"a\":1}", u16::to_be_bytes), sure(encoding_rs::UTF_16BE)),
            (utf16("\u{feff}{}", u16::to_le_bytes), sure(encoding_rs::UTF_16LE)),
            (b"<\0\0\0?\0\0\0".to_vec(), Evidence::Utf32),
            (b"\0\x01\0\x02".to_vec(), Evidence::Nothing),
            (b"".to_vec(), Evidence::Nothing),
        ];
        for (bytes, expected) in cases {
            assert_eq!(evidence(&bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn declarations_are_read_by_the_names_of_the_encoding_standard() {
        let of = |encoding: &str| evidence(format!("junk\n<?xml version=\"1.0\" {encoding} ?><a>").as_bytes());
        for (label, expected) in [
            ("ISO-8859-1", encoding_rs::WINDOWS_1252),
            ("latin1", encoding_rs::WINDOWS_1252),
            ("GB2312", encoding_rs::GBK),
            ("Shift_JIS", encoding_rs::SHIFT_JIS),
            ("koi8-r", encoding_rs::KOI8_R),
            ("ISO-2022-JP", encoding_rs::ISO_2022_JP),
        ] {
            assert_eq!(of(&format!("encoding=\"{label}\"")), Evidence::Declared(expected));
            assert_eq!(of(&format!("encoding = '{label}'")), Evidence::Declared(expected));
        }
        for nothing in
            ["encoding=\"utf-8\"", "encoding='UTF-16'", "encoding=\"klingon\"", "encoding=x", "encoding=\"", ""]
        {
            assert_eq!(of(nothing), Evidence::Nothing, "{nothing}");
        }
    }

    #[test]
    fn valid_utf8_is_told_wherever_it_is_cut() {
        let valid = "Grüße 🦀 ".repeat(20_000);
        let latin = encoding_rs::WINDOWS_1252;
        assert!(is_utf8(&mut Halting(valid.as_bytes()), latin).unwrap());
        assert!(is_utf8(&mut valid.as_bytes(), latin).unwrap());
        assert!(is_utf8(&mut &valid.as_bytes()[..valid.len() - 2], latin).unwrap());
        assert!(!is_utf8(&mut &b"caf\xe9."[..], latin).unwrap());
        assert!(!is_utf8(&mut &b"\x1b$B"[..], encoding_rs::ISO_2022_JP).unwrap());
    }

    #[test]
    fn what_does_not_fit_is_replaced_and_its_first_place_told() {
        assert_eq!(transcoded(b"\xcf\xf0\xe8\xe2\xe5\xf2", of_label("windows-1251")), ("Привет".to_owned(), None));
        assert_eq!(transcoded(b"ab\x81\xffc\x81", of_label("gbk")), ("ab\u{fffd}c\u{fffd}".to_owned(), Some(2)));
        let cut = [utf16("aé", u16::to_le_bytes), vec![0x20]].concat();
        assert_eq!(transcoded(&cut, encoding_rs::UTF_16LE), ("aé\u{fffd}".to_owned(), Some(3)));
    }

    proptest! {
        #[test]
        fn documents_become_what_the_library_makes_of_them_at_once(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            label in prop::sample::select(&["shift_jis", "gb18030", "euc-kr", "utf-16le", "windows-1252", "iso-2022-jp"][..]),
        ) {
            let encoding = of_label(label);
            let (expected, had_errors) = encoding.decode_without_bom_handling(&bytes);
            let (text, replaced_at) = transcoded(&bytes, encoding);
            prop_assert_eq!(replaced_at.is_some(), had_errors);
            if let Some(at) = replaced_at {
                let is_there = text[usize::try_from(at).unwrap()..].starts_with(char::REPLACEMENT_CHARACTER);
                prop_assert!(is_there);
            }
            prop_assert_eq!(text, expected);
        }
    }
}
