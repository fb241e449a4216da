//! The columns of a comment's details: the one list from which every database writes and reads
//! them.

use rethread_model::CommentDetails;

/// The value of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A column of integers.
    Integer(Option<i64>),
    /// A column of booleans that is never null.
    Flag(bool),
    /// A column of texts.
    Text(Option<&'a str>),
}

impl<'a> Value<'a> {
    fn integer(given: Option<&Option<i64>>) -> Self {
        Self::Integer(given.copied().flatten())
    }

    fn flag(given: Option<&bool>) -> Self {
        Self::Flag(given.copied().unwrap_or_default())
    }

    fn text(given: Option<&'a Option<String>>) -> Self {
        Self::Text(given.and_then(|text| text.as_deref()))
    }
}

/// Reads consecutive columns of a row.
pub trait Columns {
    /// Why a column cannot be read.
    type Error;

    /// The next column, which holds integers.
    fn integer(&mut self) -> Result<Option<i64>, Self::Error>;

    /// The next column, which holds booleans.
    fn flag(&mut self) -> Result<bool, Self::Error>;

    /// The next column, which holds texts.
    fn text(&mut self) -> Result<Option<String>, Self::Error>;
}

macro_rules! columns {
    ($($name:ident: $kind:ident),+ $(,)?) => {
        /// Their names, which are those of the fields.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// Their values for these details; those of a tombstone without.
        #[must_use]
        pub fn values(details: Option<&CommentDetails>) -> Vec<Value<'_>> {
            vec![$(Value::$kind(details.map(|details| &details.$name))),+]
        }

        /// Reads them.
        pub fn read<C: Columns>(columns: &mut C) -> Result<CommentDetails, C::Error> {
            Ok(CommentDetails { $($name: columns.$kind()?),+ })
        }
    };
}

columns! {
    votes_up: integer,
    votes_down: integer,
    score: integer,
    pinned: flag,
    ip: text,
}

/// The columns for a query; `comments` is the alias of the comment's row.
#[must_use]
pub fn selected(comments: &str) -> String {
    let columns: Vec<String> = NAMES.iter().map(|name| format!("{comments}.{name}")).collect();
    columns.join(", ")
}

/// The assignments that make a comment a tombstone.
#[must_use]
pub fn cleared() -> String {
    let empty = |value| if matches!(value, Value::Flag(_)) { "FALSE" } else { "NULL" };
    let assignments = NAMES.iter().zip(values(None)).map(|(name, value)| format!("{name} = {}", empty(value)));
    assignments.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_read_as_they_were_written() {
        struct Row<'a>(std::vec::IntoIter<Value<'a>>);

        impl Columns for Row<'_> {
            type Error = String;

            fn integer(&mut self) -> Result<Option<i64>, String> {
                match self.0.next() {
                    Some(Value::Integer(integer)) => Ok(integer),
                    other => Err(format!("{other:?}")),
                }
            }

            fn flag(&mut self) -> Result<bool, String> {
                match self.0.next() {
                    Some(Value::Flag(flag)) => Ok(flag),
                    other => Err(format!("{other:?}")),
                }
            }

            fn text(&mut self) -> Result<Option<String>, String> {
                match self.0.next() {
                    Some(Value::Text(text)) => Ok(text.map(str::to_owned)),
                    other => Err(format!("{other:?}")),
                }
            }
        }

        let example = CommentDetails::example();
        assert_eq!(read(&mut Row(values(Some(&example)).into_iter())), Ok(example));
        assert_eq!(read(&mut Row(values(None).into_iter())), Ok(CommentDetails::default()));
    }

    #[test]
    fn a_tombstone_has_no_details() {
        assert_eq!(cleared(), "votes_up = NULL, votes_down = NULL, score = NULL, pinned = FALSE, ip = NULL");
    }
}
