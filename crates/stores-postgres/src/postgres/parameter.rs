//! Values as parameters of statements.

use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

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
