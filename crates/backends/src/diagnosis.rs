//! What `doctor` finds out about a seam.

/// How a matter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// Was mended just now.
    Applied,
    /// Works, but not as well as it should; the message says what to do.
    Warning,
    /// Must be mended; the message says how.
    Wrong,
}

/// One matter that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// What was looked at, in a few words.
    pub subject: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found and, where it is not fine, what to do. Holds no secret.
    pub message: String,
}
