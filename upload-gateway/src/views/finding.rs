use rethread_model::{Effect, Finding, Reason};
use serde::Serialize;
use utoipa::ToSchema;

/// Some findings of a job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Findings)]
pub(crate) struct FindingsView {
    /// In the order of the file.
    pub(crate) findings: Vec<FindingView>,
    /// Cursor of the findings after these; null at the end.
    #[schema(required)]
    pub(crate) next: Option<String>,
}

/// A record that was not imported plainly, or a repair of the file around the records.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct FindingView {
    /// Which document of the upload: 0, or the number of the entry of a zip that holds several.
    part: u32,
    /// First byte of the record in that document, after decompression.
    offset: u64,
    /// What it means for the record.
    effect: Effect,
    /// Why, for programs.
    reason: Reason,
    /// Why, for people.
    sentence: &'static str,
    /// The vendor's id of the record, where it could be read.
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
