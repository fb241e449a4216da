//! The order of the comments of a page, and the cursors of their list.

use std::fmt;
use std::str::FromStr;

use crate::{Error, ErrorKind};

/// Replaces a missing time, so that the comment comes last.
pub const NO_TIME: i64 = i64::MAX;

/// The place of a comment in the list of a page: its time, then its number in the store. Callers
/// see it as `time:number`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommentCursor {
    /// When it was written, in microseconds since 1970; [`NO_TIME`] if that is not known.
    pub time: i64,
    /// Its number in the store.
    pub no: i64,
}

impl CommentCursor {
    /// Before the first comment.
    pub const START: Self = Self { time: i64::MIN, no: i64::MIN };
}

impl fmt::Display for CommentCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.time, self.no)
    }
}

impl FromStr for CommentCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let fields = text.split_once(':').map(|(time, no)| (time.parse(), no.parse()));
        match fields {
            Some((Ok(time), Ok(no))) => Ok(Self { time, no }),
            _ => Err(Error::new(ErrorKind::NotFound, "this is not a cursor of comments")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for cursor in [CommentCursor::START, CommentCursor { time: NO_TIME, no: 7 }] {
            assert_eq!(cursor.to_string().parse::<CommentCursor>().unwrap(), cursor);
        }
        for text in ["", "1", "1:", "a:1", "1:2:3"] {
            assert_eq!(text.parse::<CommentCursor>().unwrap_err().kind(), ErrorKind::NotFound);
        }
    }
}
