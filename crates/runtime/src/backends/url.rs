//! The URLs of the backends, and which implementation each names.

use std::path::{Path, PathBuf};

use rethread_stores::{Error, ErrorKind, Result};

/// One implementation of a backend.
pub(super) struct Implementation {
    schemes: &'static [&'static str],
    /// The form of its URL.
    form: &'static str,
    /// The feature that enables it, and whether this build has it.
    feature: Option<(&'static str, bool)>,
}

/// The implementations of each backend, the embedded one first.
pub(super) const BLOBS: [Implementation; 2] = [
    Implementation { schemes: &["file"], form: "file:DIRECTORY", feature: None },
    Implementation { schemes: &["s3"], form: "s3://BUCKET/PREFIX", feature: Some(("s3", cfg!(feature = "s3"))) },
];
pub(super) const JOBS: [Implementation; 2] = [
    Implementation { schemes: &["sqlite"], form: "sqlite:FILE", feature: None },
    Implementation {
        schemes: &["redis", "rediss"],
        form: "redis://HOST",
        feature: Some(("redis", cfg!(feature = "redis"))),
    },
];
pub(super) const QUEUE: [Implementation; 2] = [
    Implementation { schemes: &["memory"], form: "memory:", feature: None },
    Implementation {
        schemes: &["amqp", "amqps"],
        form: "amqp://HOST",
        feature: Some(("rabbitmq", cfg!(feature = "rabbitmq"))),
    },
];
pub(super) const COMMENTS: [Implementation; 2] = [
    Implementation { schemes: &["sqlite"], form: "sqlite:FILE", feature: None },
    Implementation {
        schemes: &["postgres", "postgresql"],
        form: "postgres://HOST/DATABASE",
        feature: Some(("postgres", cfg!(feature = "postgres"))),
    },
];

/// A parsed URL. Never shown whole: server URLs contain passwords.
pub(super) struct StoreUrl<'a> {
    seam: &'static str,
    /// The form of this implementation's URL.
    form: &'static str,
    pub(super) scheme: &'a str,
    #[allow(dead_code, reason = "only servers have whole URLs")]
    pub(super) url: &'a str,
    rest: &'a str,
}

impl<'a> StoreUrl<'a> {
    pub(super) fn parse(seam: &'static str, url: &'a str, implementations: &[Implementation]) -> Result<Self> {
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(configuration(format!(
                "the URL of {seam} has no scheme: write it like file:, sqlite: or memory:"
            )));
        };
        let forms: Vec<&str> = implementations
            .iter()
            .filter(|implementation| implementation.feature.is_none_or(|(_, is_compiled_in)| is_compiled_in))
            .map(|implementation| implementation.form)
            .collect();
        let forms = forms.join(" or ");
        match implementations.iter().find(|implementation| implementation.schemes.contains(&scheme)) {
            Some(Implementation { feature: Some((_, false)), .. }) => Err(configuration(format!(
                "this build cannot keep {seam} in {scheme}: use {forms}, or build it with `cargo build --release -p rethread \
                 --features distributed`"
            ))),
            Some(implementation) => {
                let store = Self { seam, form: implementation.form, scheme, url, rest };
                match implementation.form {
                    "memory:" => store.nowhere()?,
                    _ if implementation.feature.is_none() => drop(store.path()?),
                    // Each server backend parses its own URL.
                    _ => {}
                }
                Ok(store)
            }
            None => Err(configuration(format!("{seam} cannot be kept in \"{scheme}:\": use {forms}"))),
        }
    }

    pub(super) fn path(&self) -> Result<PathBuf> {
        let path = self.rest.strip_prefix("//").unwrap_or(self.rest);
        if path.is_empty() {
            return Err(configuration(format!("the URL of {} names no path: write {}", self.seam, self.form)));
        }
        Ok(Path::new(path).to_owned())
    }

    pub(super) fn nowhere(&self) -> Result<()> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(configuration(format!("the URL of {} takes nothing after the colon: write {}", self.seam, self.form)))
        }
    }
}

fn configuration(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
