//! How values of the model are stored in columns and fields, whatever the client of the database
//! is.

use std::str::FromStr;

use rethread_model::{Fingerprint, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, ErrorKind, Result};

/// Microseconds since 1970 in UTC: the times of comments, threads and authors.
#[must_use]
pub fn micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_microsecond)
}

/// The reverse of [`micros`].
pub fn from_micros(stored: Option<i64>) -> Result<Option<Timestamp>> {
    stored.map(|us| Timestamp::from_microsecond(us).map_err(|_| unreadable("time"))).transpose()
}

/// Milliseconds since 1970 in UTC: the times of what happens here.
#[must_use]
pub fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The reverse of [`millis`].
pub fn from_millis(stored: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(stored).map_err(|_| unreadable("time"))
}

/// Integer columns are signed; byte offsets and counts of this program never reach the sign bit.
pub fn signed(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| Error::new(ErrorKind::Internal, "a number is too large to be stored"))
}

/// The reverse of [`signed`], for any unsigned type.
pub fn unsigned<T: TryFrom<i64>>(stored: i64) -> Result<T> {
    T::try_from(stored).map_err(|_| unreadable("number"))
}

/// The fingerprint in a column of bytes.
pub fn fingerprint(stored: &[u8]) -> Result<Fingerprint> {
    stored.try_into().map(Fingerprint).map_err(|_| unreadable("fingerprint"))
}

/// A word of a closed list; `known` is its value, if the list has it. `what` names it in the error.
pub fn word<T>(what: &str, known: Option<T>) -> Result<T> {
    known.ok_or_else(|| unreadable(what))
}

/// An id or a name of a checked format.
pub fn text_of<T: FromStr>(what: &str, text: &str) -> Result<T> {
    text.parse().map_err(|_| unreadable(what))
}

/// A document as JSON.
pub fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(ErrorKind::Internal, "a document cannot be written").because(error))
}

/// The reverse of [`json`].
pub fn of_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| unreadable(what).because(error))
}

/// A list in a column that is null for an empty one.
pub fn json_list(list: &[impl Serialize]) -> Result<Option<String>> {
    if list.is_empty() { Ok(None) } else { json(&list).map(Some) }
}

/// The reverse of [`json_list`].
pub fn of_json_list<T: DeserializeOwned>(what: &str, stored: Option<&str>) -> Result<Vec<T>> {
    stored.map_or(Ok(Vec::new()), |text| of_json(what, text))
}

/// The error for a stored value that this version cannot read.
#[must_use]
pub fn unreadable(what: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("a stored {what} cannot be read"))
}
