//! Refuses files.

use rethread_model::JobError;

/// A refusal of the whole file. `message` is a sentence for people that states the problem and the
/// remedy.
pub fn refusal(code: &str, message: impl Into<String>, offset: Option<u64>) -> JobError {
    JobError { code: code.to_owned(), message: message.into(), offset }
}
