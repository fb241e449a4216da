//! The repairs made while one record is read.

use rethread_model::{Finding, Position, Reason};

/// The repairs of one record, each reason once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes(Vec<Reason>);

impl Notes {
    /// Records a repair.
    pub fn add(&mut self, reason: Reason) {
        if !self.0.contains(&reason) {
            self.0.push(reason);
        }
    }

    /// Whether this was repaired.
    #[must_use]
    pub fn holds(&self, reason: Reason) -> bool {
        self.0.contains(&reason)
    }

    /// Converts the repairs to findings about the record that begins at `at`.
    pub fn into_findings(self, at: Position, source_id: Option<&str>) -> impl Iterator<Item = Finding> {
        let source_id = source_id.map(str::to_owned);
        self.0.into_iter().map(move |reason| Finding { at, reason, source_id: source_id.clone() })
    }
}
