//! What can go wrong with a backend.

use std::fmt;

/// The result of an operation on a backend.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The thing does not exist.
    NotFound,
    /// Another writer was faster: read again and decide again.
    Conflict,
    /// The server cannot be reached or is overloaded: try again later.
    Unavailable,
    /// The disk of this machine is full: an operator must free some space. The message names the
    /// path.
    StorageFull,
    /// The configuration asks for something that does not exist or is not compiled in.
    Configuration,
    /// Stored data cannot be read, or there is a bug. Retrying does not help.
    Internal,
}

/// An error of a backend: the kind is for callers, the message names the thing, the source is for
/// operators.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of this kind. The message names the thing that it is about.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The error for a full disk: `path` cannot grow. `source` is what the system or a library
    /// said.
    pub fn storage_full(path: &std::path::Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let message = format!(
            "the disk is full: {} cannot grow. Free some room there; an import takes two to four times the size of its \
             unpacked file",
            path.display()
        );
        Self::new(ErrorKind::StorageFull, message).because(source)
    }

    /// What a caller can do about it.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
