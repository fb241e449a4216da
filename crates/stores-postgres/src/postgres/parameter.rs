//! How values of the model are stored in columns and passed as parameters.

use rethread_model::{Fingerprint, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::{DbResult, Failure};
use rethread_stores::{Error, ErrorKind};

/// A value whose type need not be requested from the server: statements with such parameters take
/// one round trip and no name, so they work through pgbouncer.
pub(crate) trait Parameter: ToSql + Sync {
    /// Its type.
    const TYPE: Type;
}

macro_rules! parameters {
    ($($rust:ty => $one:ident, $many:ident;)+) => {
        $(
            impl Parameter for $rust {
                const TYPE: Type = Type::$one;
            }

            impl Parameter for Option<$rust> {
                const TYPE: Type = Type::$one;
            }

            impl Parameter for Vec<$rust> {
                const TYPE: Type = Type::$many;
            }

            impl Parameter for Vec<Option<$rust>> {
                const TYPE: Type = Type::$many;
            }
        )+
    };
}

parameters! {
    &str => TEXT, TEXT_ARRAY;
    String => TEXT, TEXT_ARRAY;
    i64 => INT8, INT8_ARRAY;
    bool => BOOL, BOOL_ARRAY;
    Uuid => UUID, UUID_ARRAY;
    &[u8] => BYTEA, BYTEA_ARRAY;
}

/// A value with its type; for [`parameters`].
pub(crate) fn typed<T: Parameter>(value: &T) -> (&(dyn ToSql + Sync), Type) {
    (value, T::TYPE)
}

/// Values with their types, in order of their numbers.
macro_rules! parameters_of {
    ($($value:expr),* $(,)?) => {
        [$($crate::postgres::typed(&$value)),*]
    };
}
pub(crate) use parameters_of as parameters;

/// Microseconds since 1970 in UTC.
pub(crate) fn micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_microsecond)
}

pub(crate) fn from_micros(stored: Option<i64>) -> DbResult<Option<Timestamp>> {
    stored.map(|us| Timestamp::from_microsecond(us).map_err(|_| Failure::unreadable("time"))).transpose()
}

/// Milliseconds since 1970 in UTC.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(crate) fn from_millis(stored: i64) -> DbResult<Timestamp> {
    Timestamp::from_millisecond(stored).map_err(|_| Failure::unreadable("time"))
}

/// Integer columns are signed; byte offsets and counts of this program never reach the sign bit.
pub(crate) fn signed(number: u64) -> DbResult<i64> {
    i64::try_from(number).map_err(|_| Error::new(ErrorKind::Internal, "a number is too large to be stored").into())
}

pub(crate) fn unsigned<T: TryFrom<i64>>(stored: i64) -> DbResult<T> {
    T::try_from(stored).map_err(|_| Failure::unreadable("number"))
}

pub(crate) fn fingerprint(stored: &[u8]) -> DbResult<Fingerprint> {
    stored.try_into().map(Fingerprint).map_err(|_| Failure::unreadable("fingerprint"))
}

/// A word of a closed list.
pub(crate) fn word<T>(what: &str, known: Option<T>) -> DbResult<T> {
    known.ok_or_else(|| Failure::unreadable(what))
}

pub(crate) fn json(value: &impl Serialize) -> DbResult<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(ErrorKind::Internal, "a document cannot be written").because(error).into())
}

pub(crate) fn of_json<T: DeserializeOwned>(what: &str, text: &str) -> DbResult<T> {
    serde_json::from_str(text).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("a stored {what} cannot be read")).because(error).into()
    })
}

/// A text column with an id or a name of a checked format.
pub(crate) fn text_of<T: std::str::FromStr>(what: &str, text: &str) -> DbResult<T> {
    text.parse().map_err(|_| Failure::unreadable(what))
}

/// Truncates rows that were requested with one more than `limit`; returns whether there are more.
pub(crate) fn cut<T>(rows: &mut Vec<T>, limit: u32) -> bool {
    let limit = limit as usize;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    has_more
}
