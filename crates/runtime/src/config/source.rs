//! Sources of values. Each keeps its name, so that an error can name the source of the wrong value.

use std::ffi::OsString;
use std::path::Path;

use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};

use super::ConfigError;

const PREFIX: &str = "RETHREAD_";

/// Variables that the command line reads itself.
const COMMAND_LINE_VARIABLES: [&str; 3] = ["RETHREAD_CONFIG", "RETHREAD_SERVER", "RETHREAD_TOKEN"];

/// Values from one source.
#[derive(Debug)]
pub(super) struct Source {
    name: String,
    values: Dict,
}

impl Source {
    /// The values of a TOML file. Errors give the line but never quote it: it may contain a secret.
    pub(super) fn file(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable { file: path.to_owned(), problem: error.to_string() })?;
        let values = toml::from_str(&text).map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            ConfigError::Syntax { file: path.to_owned(), line, problem: error.message().to_owned() }
        })?;
        Ok(Self { name, values })
    }

    /// One source per variable meant for Rethread: `RETHREAD_WORKER__SLOTS` sets `worker.slots`.
    pub(super) fn environment(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Vec<Self>, ConfigError> {
        let mut sources = Vec::new();
        for (name, value) in variables {
            let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
            if COMMAND_LINE_VARIABLES.contains(&name) {
                continue;
            }
            let value = value.into_string().map_err(|_| ConfigError::NotUnicode { variable: name.to_owned() })?;
            let key = name[PREFIX.len()..].to_ascii_lowercase().replace("__", ".");
            let nested = figment::util::nest(&key, Value::from(value));
            let values = nested.into_dict().unwrap_or_default();
            sources.push(Self { name: format!("the environment variable {name}"), values });
        }
        Ok(sources)
    }
}

impl Provider for Source {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}
