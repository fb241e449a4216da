//! What only imports have. Most of their life is in [`crate::job`]: other kinds lack an upload,
//! slices, a check and a proof.

use super::{JobSpec, KindFacts, KindVerbs, Phase};
use crate::{ImportOptions, Job};

pub(super) const FACTS: KindFacts = KindFacts {
    word: "import",
    first_phase: Phase::Uploading,
    cancelled: "cancelled; what was imported before stays",
    audit_action: "upload_begun",
    verbs: KindVerbs { done: "Imported", doing: "Importing", to_do: "import", object: "the file" },
};

impl From<ImportOptions> for JobSpec {
    fn from(options: ImportOptions) -> Self {
        Self::Import(options)
    }
}

impl Job {
    /// The options of an import.
    #[must_use]
    pub const fn import(&self) -> Option<&ImportOptions> {
        match &self.spec {
            JobSpec::Import(options) => Some(options),
            _ => None,
        }
    }
}
