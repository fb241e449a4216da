//! Configuration errors. Each is one sentence that names the key and its source, and never contains
//! a value that may be secret.

use std::path::PathBuf;

use figment::Figment;
use figment::error::Kind;

/// An invalid configuration. The process exits with [`ConfigError::EXIT_CODE`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {problem}", file.display())]
    Unreadable {
        /// The path of the file.
        file: PathBuf,
        /// The message of the operating system.
        problem: String,
    },
    /// The file is not valid TOML.
    #[error("the configuration file {} is not TOML at line {line}: {problem}", file.display())]
    Syntax {
        /// The path of the file.
        file: PathBuf,
        /// The line number, from 1.
        line: usize,
        /// The message of the parser.
        problem: String,
    },
    /// An environment variable is not UTF-8.
    #[error("the environment variable {variable} is not UTF-8")]
    NotUnicode {
        /// The name of the variable.
        variable: String,
    },
    /// The key does not exist.
    #[error("unknown key \"{key}\" in {origin}; known here are {known}")]
    UnknownKey {
        /// The key with its sections, such as `worker.slot`.
        key: String,
        /// The file or the variable.
        origin: String,
        /// The keys that exist in the section.
        known: String,
    },
    /// A value has the wrong type.
    #[error("\"{key}\" in {origin}: {problem}")]
    Rejected {
        /// The key with its sections.
        key: String,
        /// The file or the variable.
        origin: String,
        /// What is expected.
        problem: String,
    },
    /// A value is invalid.
    #[error("\"{key}\" {problem}")]
    Value {
        /// The key with its sections.
        key: String,
        /// What is wrong with the value.
        problem: String,
    },
}

impl ConfigError {
    /// The exit code for an invalid configuration.
    pub const EXIT_CODE: u8 = 64;

    /// Adds the source of the value to an error from serde.
    pub(super) fn rejected(error: figment::Error, figment: &Figment) -> Self {
        let error = error.resolve_first();
        let mut path: Vec<&str> = error.path.iter().map(String::as_str).collect();
        if let Kind::UnknownField(field, _) = &error.kind
            && path.last() != Some(&field.as_str())
        {
            path.push(field);
        }
        let key = path.join(".");
        let origin = figment
            .find_metadata(&key)
            .or(error.metadata.as_ref())
            .map_or_else(|| "the configuration".to_owned(), |metadata| metadata.name.to_string());
        // The error kinds' own messages quote the value, which may be a secret.
        let problem = match error.kind {
            Kind::UnknownField(_, known) => return Self::UnknownKey { key, origin, known: known.join(", ") },
            Kind::Message(message) => message,
            Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) | Kind::InvalidLength(_, expected) => {
                format!("expected {expected}")
            }
            Kind::UnknownVariant(_, known) => format!("expected one of {}", known.join(", ")),
            Kind::MissingField(field) => format!("lacks \"{field}\""),
            Kind::ISizeOutOfRange(_) | Kind::USizeOutOfRange(_) => "the number is out of range".to_owned(),
            Kind::DuplicateField(field) => format!("\"{field}\" is given twice"),
            Kind::Unsupported(_) | Kind::UnsupportedKey(..) => "a value of this kind has no meaning here".to_owned(),
        };
        Self::Rejected { key, origin, problem }
    }
}

/// figment chains errors; the first is the one to fix first.
trait First {
    fn resolve_first(self) -> Self;
}

impl First for figment::Error {
    fn resolve_first(self) -> Self {
        self.into_iter().next().unwrap_or_else(|| Self::from("the configuration cannot be read".to_owned()))
    }
}
