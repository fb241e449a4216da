//! A seed or a reply as the file contains it.

use std::borrow::Cow;

use rethread_model::Reason;
use rethread_syntax::Notes;
use rethread_syntax::json::{Object, elements, members, salvage, value};
use rethread_syntax::text::clean;

/// An object, its source bytes, and the repairs in it.
pub(super) struct Entry<'b> {
    object: Object<'b>,
    bytes: &'b [u8],
    /// The source without control characters, which would hide what follows them.
    text: Cow<'b, str>,
    /// Whether a missing member may be a damaged one.
    is_damaged: bool,
    pub notes: Notes,
}

impl<'b> Entry<'b> {
    /// Reads the object in `bytes`.
    pub(super) fn read(bytes: &'b [u8]) -> Result<Self, Reason> {
        let mut notes = Notes::default();
        let object = Object::read(bytes, &mut notes).map_err(|_| Reason::UnreadableRecord)?;
        let is_damaged = notes != Notes::default();
        // Nested values were skipped unread.
        let cleaned = clean(bytes);
        if cleaned.repairs.control_characters {
            notes.add(Reason::ControlCharacters);
        }
        if cleaned.repairs.invalid_utf8 {
            notes.add(Reason::InvalidUtf8);
        }
        Ok(Self { object, bytes, text: cleaned.text, is_damaged, notes })
    }

    /// Its texts and numbers.
    pub(super) const fn object(&self) -> &Object<'b> {
        &self.object
    }

    /// A member that ids are built from. `None` if it has a damaged byte, because its remainder
    /// would be another id.
    pub(super) fn id(&mut self, key: &str) -> Option<String> {
        let Some(raw) = value(self.bytes, key) else { return salvage(self.bytes, key).map(str::to_owned) };
        let is_exact = std::str::from_utf8(raw).is_ok_and(|raw| !raw.contains(char::is_control));
        self.object.value(key, &mut self.notes).filter(|_| is_exact).map(Cow::into_owned)
    }

    /// Whether the entry certainly has no member of this name, and no damaged member that could be
    /// it.
    pub(super) fn surely_lacks(&self, key: &str) -> bool {
        let mut end = 1;
        for member in members(self.bytes) {
            let between = &self.bytes[end..member.start];
            let is_whole = self.bytes[member.key_at.clone()].iter().all(u8::is_ascii_graphic)
                && between.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
            let Some(member_end) = member.end.filter(|_| is_whole && *member.key != *key.as_bytes()) else {
                return false;
            };
            end = member_end;
        }
        self.bytes.get(end..).is_some_and(|rest| rest.trim_ascii() == b"}")
    }

    /// The raw bytes of a member that is an object or an array.
    pub(super) fn nested(&self, key: &str) -> Option<&[u8]> {
        value(self.text.as_bytes(), key)
    }

    /// The text: a string, or the lines of an array of strings. Empty if there is none; `None` if
    /// it may have been lost.
    pub(super) fn body(&mut self) -> Option<String> {
        if let Some(text) = self.object.text("body") {
            return Some(super::text::markdown(text));
        }
        let Some(array) = value(self.text.as_bytes(), "body") else {
            return (!self.is_damaged).then(String::new);
        };
        let pieces: Vec<String> = elements(array)
            .filter_map(|range| {
                let wrapped = [b"{\"text\":", &array[range], b"}"].concat();
                let object = Object::read(&wrapped, &mut self.notes).ok()?;
                object.text("text").map(str::to_owned)
            })
            .collect();
        Some(super::text::markdown(&pieces.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(source: &str) -> Entry<'_> {
        Entry::read(source.as_bytes()).unwrap_or_else(|reason| panic!("{reason}: {source}"))
    }

    #[test]
    fn bodies_are_texts_or_arrays_of_them() {
        let of = |value: &str| entry(&format!("{{\"id\":\"1\",\"body\":{value}}}")).body();
        assert_eq!(of(r#"["a\nb", "c \u00e9"]"#).as_deref(), Some("a\nb\nc é"));
        assert_eq!(of(r#""a""#).as_deref(), Some("a"));
        for none in ["null", "[]", "[[\"a\"]]", "{}", "7"] {
            assert_eq!(of(none).as_deref(), Some(""), "{none}");
        }
        assert_eq!(entry("{\"id\":\"1\"}").body().as_deref(), Some(""));
        assert_eq!(entry("{\"id\":\"1\",\"bo\u{8}y\":[\"x\"]}").body(), None);
        assert_eq!(entry("{\"date\":1\u{8}0,\"body\":[\"x\"]}").body().as_deref(), Some("x"));
    }

    #[test]
    fn ids_are_exact_or_none() {
        assert_eq!(entry("{\"id\":\" a b \"}").id("id").as_deref(), Some("a b"));
        assert_eq!(entry("{\"id\":7}").id("id").as_deref(), Some("7"));
        assert_eq!(entry("{\"date\":1\u{8}0,\"id\":\"ab\"}").id("id").as_deref(), Some("ab"));
        for none in ["{\"id\":\"a\u{8}b\"}", "{\"i\u{8}d\":\"ab\"}", "{\"id\":null}", "{}"] {
            assert_eq!(entry(none).id("id"), None, "{none}");
        }
        assert!(entry("{ \"key\":\"a\u{8}\" }").surely_lacks("id"));
        for perhaps in ["{\"i\u{8}d\":1}", "{\"id\":1}", "{\"key\":1\u{8}1,\"id\":1}"] {
            assert!(!entry(perhaps).surely_lacks("id"), "{perhaps}");
        }
    }
}
