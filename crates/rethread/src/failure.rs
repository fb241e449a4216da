//! Why a command failed: a code for programs, a sentence for people, and the exit code.

use std::fmt;
use std::io;
use std::process::ExitCode;

use rethread_runtime::ConfigError;
use rethread_stores::ErrorKind;
use serde_json::json;

/// The job failed, or `doctor` found a problem.
pub(crate) const EXIT_FAILED: u8 = 1;
/// The request cannot be fulfilled: the file does not exist, the folder is in use.
pub(crate) const EXIT_USAGE: u8 = 2;
/// A store or a server was unavailable; the same command may succeed later (`EX_UNAVAILABLE`
/// of sysexits.h).
const EXIT_UNAVAILABLE: u8 = 69;
/// A fault of Rethread (`EX_SOFTWARE` of sysexits.h).
const EXIT_INTERNAL: u8 = 70;
/// Interrupted by Ctrl-C, reported as shells report SIGINT.
const EXIT_INTERRUPTED: u8 = 130;

/// An error whose code is known where it occurs. Travels up wrapped in [`anyhow::Error`].
#[derive(Debug)]
pub(crate) struct Failure {
    code: String,
    exit: u8,
    message: String,
    source: Option<io::Error>,
}

impl Failure {
    /// An error that the user has to correct.
    pub(crate) fn usage(code: &str, message: impl Into<String>) -> Self {
        Self::new(code, EXIT_USAGE, message)
    }

    /// A server was unavailable.
    pub(crate) fn unavailable(code: &str, message: impl Into<String>) -> Self {
        Self::new(code, EXIT_UNAVAILABLE, message)
    }

    /// The user interrupted the command.
    pub(crate) fn interrupted(message: impl Into<String>) -> Self {
        Self::new("interrupted", EXIT_INTERRUPTED, message)
    }

    /// An I/O error on a path that the user named. `code` identifies the path, unless the disk
    /// is full.
    pub(crate) fn path(code: &str, message: impl Into<String>, source: io::Error) -> Self {
        let failure =
            if is_full(&source) { Self::unavailable("storage_full", message) } else { Self::usage(code, message) };
        Self { source: Some(source), ..failure }
    }

    fn new(code: &str, exit: u8, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), exit, message: message.into(), source: None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// Prints why a command failed: with `--json` as the only document on standard output, otherwise on
/// standard error.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the answer of the command")]
pub(crate) fn report(error: &anyhow::Error, is_json: bool) -> ExitCode {
    let (code, exit) = classify(error);
    if is_json {
        println!("{:#}", document(&code, &format!("{error:#}")));
    } else {
        eprintln!("rethread: {error:#}");
    }
    ExitCode::from(exit)
}

/// The JSON document of a failed command.
pub(crate) fn document(code: &str, message: &str) -> serde_json::Value {
    json!({"error": {"code": code, "message": message}})
}

fn classify(error: &anyhow::Error) -> (String, u8) {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return (failure.code.clone(), failure.exit);
    }
    let known = |code: &str, exit| (code.to_owned(), exit);
    if error.is::<ConfigError>() {
        return known("bad_configuration", ConfigError::EXIT_CODE);
    }
    let system = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>());
    match error.downcast_ref::<rethread_stores::Error>().map(rethread_stores::Error::kind) {
        Some(ErrorKind::StorageFull) => known("storage_full", EXIT_UNAVAILABLE),
        Some(ErrorKind::Configuration) if system.is_some_and(is_refusal) => known("folder_unusable", EXIT_USAGE),
        // The configuration names a store that does not exist or is not compiled in.
        Some(ErrorKind::Configuration) => known("bad_configuration", ConfigError::EXIT_CODE),
        Some(ErrorKind::Unavailable) => known("storage", EXIT_UNAVAILABLE),
        _ if system.is_some_and(is_full) => known("storage_full", EXIT_UNAVAILABLE),
        _ if system.is_some() => known("system", EXIT_UNAVAILABLE),
        _ => known("internal", EXIT_INTERNAL),
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Whether the system denies writing there, in general or to this user.
fn is_refusal(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem};
    matches!(error.kind(), AlreadyExists | NotADirectory | NotFound | PermissionDenied | ReadOnlyFilesystem)
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;
    use rethread_stores::Error;

    use super::*;

    #[test]
    fn the_exit_code_says_who_can_mend_it() {
        let system = |kind| io::Error::from(kind);
        let of_store = |kind| anyhow::Error::from(Error::new(kind, "cannot write the file x"));
        let refused =
            Error::new(ErrorKind::Configuration, "cannot write").because(system(io::ErrorKind::ReadOnlyFilesystem));
        let cases = [
            (Failure::usage("file_missing", "there is no file x").into(), "file_missing", 2),
            (Failure::path("out", "cannot write x", system(io::ErrorKind::PermissionDenied)).into(), "out", 2),
            (Failure::path("out", "cannot write x", system(io::ErrorKind::StorageFull)).into(), "storage_full", 69),
            (of_store(ErrorKind::Configuration), "bad_configuration", 64),
            (refused.into(), "folder_unusable", 2),
            (of_store(ErrorKind::StorageFull), "storage_full", 69),
            (of_store(ErrorKind::Unavailable), "storage", 69),
            (of_store(ErrorKind::Internal), "internal", 70),
            (anyhow::Error::from(system(io::ErrorKind::StorageFull)).context("cannot write y"), "storage_full", 69),
            (anyhow::anyhow!("something else"), "internal", 70),
        ];
        for (error, code, exit) in cases {
            let error: anyhow::Error = error;
            assert_eq!(classify(&error), (code.to_owned(), exit), "{error:#}");
            let wrapped: anyhow::Result<()> = Err(error);
            let wrapped = wrapped.context("while importing").unwrap_err();
            assert_eq!(classify(&wrapped), (code.to_owned(), exit), "{wrapped:#}");
        }
    }
}
