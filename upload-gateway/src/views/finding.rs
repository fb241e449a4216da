use rethread_model::{Effect, Finding, Reason};
use serde::Serialize;

/// Some findings of a job.
#[derive(Debug, Serialize)]
pub(crate) struct FindingsView {
    pub(crate) findings: Vec<FindingView>,
    pub(crate) next: Option<String>,
}

/// A finding.
#[derive(Debug, Serialize)]
pub(crate) struct FindingView {
    part: u32,
    offset: u64,
    effect: Effect,
    reason: Reason,
    sentence: &'static str,
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
