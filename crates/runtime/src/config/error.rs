//! What can be wrong with a configuration, as one sentence that names the key and where it stands, and never a value that
//! may be secret.

use std::path::PathBuf;

use figment::Figment;
use figment::error::Kind;

/// A configuration that cannot be used. A process ends with [`ConfigError::EXIT_CODE`] on it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {problem}", file.display())]
    Unreadable {
        /// Which one.
        file: PathBuf,
        /// What the system says.
        problem: String,
    },
    /// The file is not TOML.
    #[error("the configuration file {} is not TOML at line {line}: {problem}", file.display())]
    Syntax {
        /// Which one.
        file: PathBuf,
        /// From 1.
        line: usize,
        /// What the parser says.
        problem: String,
    },
    /// A variable of the environment is not UTF-8.
    #[error("the environment variable {variable} is not UTF-8")]
    NotUnicode {
        /// Which one.
        variable: String,
    },
    /// There is no such key.
    #[error("unknown key \"{key}\" in {origin}; known here are {known}")]
    UnknownKey {
        /// With the names of its sections, such as `worker.slot`.
        key: String,
        /// The file or the variable.
        origin: String,
        /// The keys that exist in the section.
        known: String,
    },
    /// A value of the wrong kind.
    #[error("\"{key}\" in {origin}: {problem}")]
    Rejected {
        /// With the names of its sections.
        key: String,
        /// The file or the variable.
        origin: String,
        /// What is expected.
        problem: String,
    },
    /// A value that makes no sense.
    #[error("\"{key}\" {problem}")]
    Value {
        /// With the names of its sections.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl ConfigError {
    /// The exit code of a process that was given a bad configuration.
    pub const EXIT_CODE: u8 = 64;

    /// Names the place of what serde refused.
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
        // The kinds' own texts quote the value, which may be a secret.
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

/// figment chains errors; the first one is the one to mend first.
trait First {
    fn resolve_first(self) -> Self;
}

impl First for figment::Error {
    fn resolve_first(self) -> Self {
        self.into_iter().next().unwrap_or_else(|| Self::from("the configuration cannot be read".to_owned()))
    }
}
