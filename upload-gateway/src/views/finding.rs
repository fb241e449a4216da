use rethread_model::{Effect, Finding, Reason};
use serde::Serialize;
use utoipa::ToSchema;

/// A list of a job's findings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Findings)]
pub(crate) struct FindingsView {
    /// In file order.
    pub(crate) findings: Vec<FindingView>,
    /// Cursor for the next findings; null at the end.
    #[schema(required)]
    pub(crate) next: Option<String>,
}

/// A record that was not imported unchanged, or a repair of the file around the records.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct FindingView {
    /// The document within the upload: 0, or the number of the entry in a zip that
    /// contains several.
    part: u32,
    /// First byte of the record in that document, after decompression.
    offset: u64,
    /// The effect on the record.
    effect: Effect,
    /// The reason, for programs.
    reason: Reason,
    /// The reason, for people.
    sentence: &'static str,
    /// The vendor's id of the record, if it could be read.
    #[schema(required)]
    source_id: Option<String>,
}

impl FindingView {
    pub(crate) fn of(finding: &Finding) -> Self {
        Self {
            part: finding.at.part,
            offset: finding.at.offset,
            effect: finding.reason.effect(),
            reason: finding.reason,
            sentence: finding.reason.sentence(),
            source_id: finding.source_id.clone(),
        }
    }
}
