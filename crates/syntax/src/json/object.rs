//! One element of an array of records.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;

use rethread_model::Reason;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::mend::mend;
use crate::notes::Notes;
use crate::text::{clean, without_forbidden};

/// The scalars of an element, by key. Vendors' types are not relied on: a number may be quoted.
#[derive(Debug, Default)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Scalar<'a>)>);

/// The element is not a JSON object, even after repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

#[derive(Debug, Clone, PartialEq)]
enum Scalar<'a> {
    Null,
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text(Cow<'a, str>),
    /// An object or an array.
    Nested,
}

impl<'a> Object<'a> {
    /// Reads an element, and notes what was repaired.
    pub fn read(bytes: &'a [u8], notes: &mut Notes) -> Result<Self, Unreadable> {
        let mut object = match serde_json::from_slice(bytes) {
            Ok(object) => object,
            Err(_) => Self::read_damaged(bytes, notes)?,
        };
        object.strip_forbidden(notes);
        Ok(object)
    }

    fn read_damaged(bytes: &[u8], notes: &mut Notes) -> Result<Self, Unreadable> {
        let cleaned = clean(bytes);
        let mended = mend(&cleaned.text);
        // Owned, because the text does not outlive this function.
        let object: Object<'_> = serde_json::from_str(&mended).map_err(|_| Unreadable)?;
        let object = object.into_owned();
        if cleaned.repairs.control_characters {
            notes.add(Reason::ControlCharacters);
        }
        if cleaned.repairs.invalid_utf8 {
            notes.add(Reason::InvalidUtf8);
        }
        let is_readable_unmended = serde_json::from_str::<Object<'_>>(&cleaned.text).is_ok();
        if !is_readable_unmended {
            notes.add(Reason::DamagedMarkup);
        }
        Ok(object)
    }

    fn into_owned<'o>(self) -> Object<'o> {
        let owned = self.0.into_iter().map(|(key, value)| {
            let value = match value {
                Scalar::Text(text) => Scalar::Text(Cow::Owned(text.into_owned())),
                Scalar::Null => Scalar::Null,
                Scalar::Flag(flag) => Scalar::Flag(flag),
                Scalar::Integer(integer) => Scalar::Integer(integer),
                Scalar::Number(number) => Scalar::Number(number),
                Scalar::Nested => Scalar::Nested,
            };
            (Cow::Owned(key.into_owned()), value)
        });
        Object(owned.collect())
    }

    /// Escapes (`\u0000`) can produce characters that raw bytes could not.
    fn strip_forbidden(&mut self, notes: &mut Notes) {
        let mut stripped = Vec::new();
        for (place, (_, value)) in self.0.iter_mut().enumerate() {
            if let Scalar::Text(text) = value {
                let (clean, was_there) = without_forbidden(std::mem::take(text));
                *text = clean;
                if was_there {
                    stripped.push(place);
                }
            }
        }
        if stripped.is_empty() {
            return;
        }
        // If a key repeats, only the last value counts.
        let last: HashMap<&str, usize> =
            self.0.iter().enumerate().map(|(place, (key, _))| (key.as_ref(), place)).collect();
        if stripped.iter().any(|place| last.get(self.0[*place].0.as_ref()) == Some(place)) {
            notes.add(Reason::ControlCharacters);
        }
    }

    /// An element that does not come from JSON: these texts under these keys.
    pub fn of_texts(texts: impl IntoIterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Self {
        Self(texts.into_iter().map(|(key, text)| (key, Scalar::Text(text))).collect())
    }

    /// If a key repeats, the last value counts, as in JSON parsers.
    fn get(&self, key: &str) -> Option<&Scalar<'a>> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Whether the element has the key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// A string, unchanged; `None` for other types.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Scalar::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A trimmed string or number; `None` if nothing is left.
    pub fn value(&self, key: &str, notes: &mut Notes) -> Option<Cow<'_, str>> {
        match self.get(key)? {
            Scalar::Text(text) => {
                let trimmed = text.trim();
                if trimmed.len() < text.len() && !trimmed.is_empty() {
                    notes.add(Reason::PaddedValue);
                }
                (!trimmed.is_empty()).then_some(Cow::Borrowed(trimmed))
            }
            Scalar::Integer(integer) => Some(Cow::Owned(integer.to_string())),
            Scalar::Null | Scalar::Flag(_) | Scalar::Number(_) | Scalar::Nested => None,
        }
    }

    /// A whole number.
    #[must_use]
    pub fn integer(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Scalar::Integer(integer) => Some(*integer),
            Scalar::Text(text) => text.trim().parse().ok(),
            #[expect(clippy::cast_possible_truncation, reason = "a count that some tool wrote as 3.0; it saturates")]
            Scalar::Number(number) => Some(number.round() as i64),
            Scalar::Null | Scalar::Flag(_) | Scalar::Nested => None,
        }
    }

    /// The values that are whole numbers, with their keys.
    pub fn integers(&self) -> impl Iterator<Item = (&str, i64)> {
        let keys: BTreeSet<&str> = self.0.iter().map(|(key, _)| key.as_ref()).collect();
        keys.into_iter().filter_map(|key| Some((key, self.integer(key)?)))
    }

    /// A boolean; `false` if the key is missing.
    #[must_use]
    pub fn flag(&self, key: &str) -> bool {
        match self.get(key) {
            Some(Scalar::Flag(flag)) => *flag,
            Some(Scalar::Integer(integer)) => *integer != 0,
            Some(Scalar::Text(text)) => text.trim().eq_ignore_ascii_case("true") || text.trim() == "1",
            Some(Scalar::Null | Scalar::Number(_) | Scalar::Nested) | None => false,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut members = Vec::with_capacity(16);
        while let Some(Key(key)) = map.next_key()? {
            members.push((key, map.next_value()?));
        }
        Ok(Object(members))
    }
}

/// A `Cow` that borrows where possible, which serde's own does not.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Scalar::deserialize(deserializer)? {
            Scalar::Text(text) => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("a key is no text")),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Integer(integer))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Integer(i64::try_from(integer).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Scalar<'de>, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nested)
    }
}
