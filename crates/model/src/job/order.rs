//! What a job was requested to do.

use serde::{Deserialize, Serialize};

use crate::{ExportOptions, ImportOptions, Job, Moving};

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum JobKind {
    /// Imports an upload. The default, because earlier versions knew only this kind and did not
    /// always name it.
    #[default]
    Import,
    /// Writes comments into a file.
    Export,
    /// Moves threads to another page.
    Move,
}

impl JobKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Import, Self::Export, Self::Move];

    /// The word used in stores and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Export => "export",
            Self::Move => "move",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What an admin requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "options", rename_all = "lowercase")]
pub enum Order {
    /// To import an upload.
    Import(ImportOptions),
    /// To write comments into a file.
    Export(ExportOptions),
    /// To move threads to another page.
    Move(Moving),
}

impl Order {
    /// The kind of such a job.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::Import(_) => JobKind::Import,
            Self::Export(_) => JobKind::Export,
            Self::Move(_) => JobKind::Move,
        }
    }
}

impl From<ImportOptions> for Order {
    fn from(options: ImportOptions) -> Self {
        Self::Import(options)
    }
}

impl From<ExportOptions> for Order {
    fn from(options: ExportOptions) -> Self {
        Self::Export(options)
    }
}

impl From<Moving> for Order {
    fn from(moving: Moving) -> Self {
        Self::Move(moving)
    }
}

impl Job {
    /// The kind of job.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        self.order.kind()
    }

    /// The options of an import.
    #[must_use]
    pub const fn import(&self) -> Option<&ImportOptions> {
        match &self.order {
            Order::Import(options) => Some(options),
            Order::Export(_) | Order::Move(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JobId, NewJob, Phase, Timestamp};

    #[test]
    fn words_of_kinds_name_them() {
        for kind in JobKind::ALL {
            assert_eq!(JobKind::from_word(kind.as_str()), Some(kind));
        }
        assert_eq!(JobKind::from_word("imports"), None);
    }

    /// Jobs stored by an earlier version use `plan_attempts`, and have the request in the same
    /// fields as now.
    #[test]
    fn a_job_of_an_earlier_version_is_read() {
        let new = NewJob {
            id: JobId::new(Timestamp::UNIX_EPOCH, &[7; 10]),
            account: "a".parse().unwrap(),
            started_by: "ann".to_owned(),
            file_name: None,
            order: ImportOptions { dry_run: true, ..ImportOptions::default() }.into(),
        };
        let job = Job { attempts: 2, ..Job::new(new, Timestamp::UNIX_EPOCH) };
        let text = serde_json::to_string(&job).unwrap();
        assert!(text.contains(r#""kind":"import","options":{"#), "{text}");
        let older = text.replace(r#""attempts":2"#, r#""plan_attempts":2"#);
        assert_ne!(older, text);
        assert_eq!(serde_json::from_str::<Job>(&older).unwrap(), job);
        assert_eq!(job.phase, Phase::Uploading);
    }
}
