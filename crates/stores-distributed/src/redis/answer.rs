//! The results of scripts: a status word and its values.

use redis::{FromRedisValue, ParsingError, Value};
use rethread_model::{AccountId, JobId, SliceNumber};
use rethread_stores::stored_value::unreadable;
use rethread_stores::{Error, ErrorKind, Result};

/// A list of strings, the first of them a status word.
#[derive(Debug)]
pub(super) struct ScriptAnswer(Vec<String>);

impl FromRedisValue for ScriptAnswer {
    fn from_redis_value(value: Value) -> std::result::Result<Self, ParsingError> {
        Vec::from_redis_value(value).map(Self)
    }
}

impl ScriptAnswer {
    /// All of it.
    pub(super) fn words(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    pub(super) fn is_conflict(&self) -> bool {
        self.words().first() == Some(&"conflict")
    }

    /// The values after `ok`. Fails when there is no such job, or the status is unexpected.
    pub(super) fn expected(mut self, account: &AccountId, id: JobId) -> Result<Vec<String>> {
        match self.words().first() {
            Some(&"ok") => Ok(self.0.split_off(1)),
            Some(&"none") => Err(Error::new(ErrorKind::NotFound, format!("there is no job {id} in account {account}"))),
            Some(&"conflict") => {
                Err(Error::new(ErrorKind::Conflict, format!("job {id} was changed or made by somebody else")))
            }
            _ => Err(unreadable("answer")),
        }
    }

    /// The same where the slice may be missing.
    pub(super) fn of_slice(self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<Vec<String>> {
        if self.words().first() == Some(&"no slice") {
            return Err(Error::new(ErrorKind::NotFound, format!("job {id} has no slice {number}")));
        }
        self.expected(account, id)
    }
}
