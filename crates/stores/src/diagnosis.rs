//! What `doctor` finds out about a backend.

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// Fixed just now.
    Applied,
    /// Works, but not as well as it should; the message says what to do.
    Warning,
    /// Must be fixed; the message says how.
    Wrong,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// What was checked, in a few words.
    pub subject: &'static str,
    /// The result.
    pub verdict: Verdict,
    /// What was found and, if it is not fine, what to do. Contains no secrets.
    pub message: String,
}
