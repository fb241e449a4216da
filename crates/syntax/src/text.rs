//! Turns bytes from a file into text that can be stored: valid UTF-8 without control characters.

use std::borrow::Cow;

use memchr::memmem;

/// The repairs made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Repairs {
    /// Control characters were removed.
    pub control_characters: bool,
    /// Invalid UTF-8 was replaced by U+FFFD.
    pub invalid_utf8: bool,
}

/// Text without C0 control characters (except TAB, LF and CR) and the non-characters U+FFFE and
/// U+FFFF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanText<'a> {
    /// The text; borrowed if nothing was repaired.
    pub text: Cow<'a, str>,
    /// The repairs made.
    pub repairs: Repairs,
}

/// Converts bytes to text.
pub fn clean(bytes: &[u8]) -> CleanText<'_> {
    let text = String::from_utf8_lossy(bytes);
    let invalid_utf8 = matches!(text, Cow::Owned(_));
    let control_characters = holds_forbidden(text.as_bytes());
    let text = if control_characters { Cow::Owned(text.replace(is_forbidden, "")) } else { text };
    CleanText { text, repairs: Repairs { control_characters, invalid_utf8 } }
}

/// Removes forbidden characters, and returns whether there were any; for decoded text (`\u0000` in
/// JSON).
pub fn without_forbidden(text: Cow<'_, str>) -> (Cow<'_, str>, bool) {
    if holds_forbidden(text.as_bytes()) { (Cow::Owned(text.replace(is_forbidden, "")), true) } else { (text, false) }
}

/// Whether the character is forbidden in XML or in a store.
#[must_use]
pub const fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// [`is_forbidden`] on UTF-8 bytes, without decoding: this runs over every byte of every record.
fn holds_forbidden(bytes: &[u8]) -> bool {
    let is_control = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    // Without an early exit the loop is vectorised, which is faster except for huge damaged
    // records.
    let controls = bytes.iter().fold(false, |found, byte| found | is_control(*byte));
    controls || memmem::find_iter(bytes, b"\xef\xbf").any(|at| matches!(bytes.get(at + 2), Some(0xbe | 0xbf)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_text_is_borrowed() {
        let cleaned = clean("Grüße\t\r\n🦀 \u{fffd}".as_bytes());
        assert!(matches!(cleaned.text, Cow::Borrowed(_)));
        assert_eq!(cleaned.repairs, Repairs::default());
    }

    #[test]
    fn each_damage_is_named() {
        let controls = clean(b"a\0b\x1fc\x0bd");
        assert_eq!(controls.text, "abcd");
        assert_eq!(controls.repairs, Repairs { control_characters: true, invalid_utf8: false });

        let latin1 = clean(b"caf\xe9");
        assert_eq!(latin1.text, "caf\u{fffd}");
        assert_eq!(latin1.repairs, Repairs { control_characters: false, invalid_utf8: true });

        let both = clean(b"\x01\xff");
        assert_eq!(both.text, "\u{fffd}");
        assert_eq!(both.repairs, Repairs { control_characters: true, invalid_utf8: true });

        let non_characters = clean("a\u{fffe}b\u{ffff}c".as_bytes());
        assert_eq!(non_characters.text, "abc");
        assert!(non_characters.repairs.control_characters);
    }

    proptest! {
        #[test]
        fn nothing_forbidden_stays_and_nothing_else_goes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let cleaned = clean(&bytes);
            prop_assert!(!cleaned.text.contains(is_forbidden));
            let expected: String = String::from_utf8_lossy(&bytes).chars().filter(|c| !is_forbidden(*c)).collect();
            prop_assert_eq!(cleaned.text, expected);
        }
    }
}
