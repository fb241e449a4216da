//! The totals of a job, as the command line and the API return them. The shape is fixed, because
//! scripts rely on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Effect, Job, JobError, JobId, JobKind, JobResults, JobState, MergedPage, OriginCount, OutcomeCounts, ReadCounts,
    Reason, StatusCounts, Timestamp, Vendor,
};

/// The receipt of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The job.
    pub job_id: JobId,
    /// The kind of job.
    pub kind: JobKind,
    /// Its state.
    pub state: JobState,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Why it failed.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub error: Option<JobError>,
    /// The vendor, once known.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub vendor: Option<Vendor>,
    /// The site at the vendor, once known.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub origin: Option<String>,
    /// The sites at the vendor, those with most comments first, once known. Their comments add up
    /// to the file's total if the file is readable to its end and has at most 100 sites.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub origins: Vec<OriginCount>,
    /// Sizes.
    pub bytes: Bytes,
    /// The content of the file.
    pub read: ReadCounts,
    /// Comments by status.
    pub status: StatusCounts,
    /// Comments by outcome; adds up to `read.comments`.
    pub outcome: OutcomeCounts,
    /// Findings by effect and reason.
    pub findings: FindingCounts,
    /// Replies whose parent is not in the file.
    pub orphans: i64,
    /// Comments of this origin from an earlier import that are not in this file; they were kept.
    /// `null` if unknown: before the end, for a file that was not read to its end, and for a site's
    /// sync, which sends only new comments.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub removed: Option<i64>,
    /// Pages with comments.
    pub pages: i64,
    /// Pages on which conversations of the file with different addresses were merged.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub merged_pages: i64,
    /// The first 100 of them, by key.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub merged: Vec<MergedPage>,
    /// Time of the earliest comment of the file, once everything was read.
    #[serde(default)]
    pub first_comment_at: Option<Timestamp>,
    /// Time of the latest.
    #[serde(default)]
    pub last_comment_at: Option<Timestamp>,
    /// From the job's creation to its end.
    pub duration_ms: u64,
    /// What a job other than an import did.
    #[serde(flatten)]
    pub results: JobResults,
}

/// Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bytes {
    /// The upload as received.
    pub stored: u64,
    /// Bytes read, after decompression.
    pub read: u64,
}

/// Findings by effect and reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FindingCounts {
    /// Imported, after a repair that lost nothing or only what is named.
    pub repaired: BTreeMap<Reason, i64>,
    /// Left out on purpose.
    pub skipped: BTreeMap<Reason, i64>,
    /// Could not be imported.
    pub failed: BTreeMap<Reason, i64>,
}

impl FindingCounts {
    /// Groups counts by reason by their effect.
    #[must_use]
    pub fn of(counts: &BTreeMap<Reason, i64>) -> Self {
        let with = |effect: Effect| {
            counts.iter().filter(|(reason, _)| reason.effect() == effect).map(|(r, n)| (*r, *n)).collect()
        };
        Self { repaired: with(Effect::Repaired), skipped: with(Effect::Skipped), failed: with(Effect::Failed) }
    }
}

impl Receipt {
    /// The receipt of a job in its current state.
    #[must_use]
    pub fn of(job: &Job) -> Self {
        let until = job.ended_at.unwrap_or(job.updated_at);
        let duration_ms = until.as_millisecond() - job.created_at.as_millisecond();
        Self {
            job_id: job.id,
            kind: job.kind(),
            state: job.state,
            dry_run: job.is_dry_run(),
            error: job.error.clone(),
            vendor: job.facts.as_ref().map(|facts| facts.vendor),
            origin: job.facts.as_ref().map(|facts| facts.origin.as_str().to_owned()),
            origins: origins(job),
            bytes: Bytes { stored: job.progress.bytes_stored, read: job.progress.bytes_read },
            read: job.tally.read,
            status: job.tally.status,
            outcome: job.tally.outcome,
            findings: FindingCounts::of(&job.tally.findings),
            orphans: job.tally.findings_of(Reason::ParentNotInFile),
            removed: job.summary.removed,
            pages: job.summary.pages,
            merged_pages: job.summary.merged_pages,
            merged: job.summary.merged.clone(),
            first_comment_at: job.summary.first_comment_at,
            last_comment_at: job.summary.last_comment_at,
            duration_ms: u64::try_from(duration_ms).unwrap_or(0),
            results: job.results.clone(),
        }
    }
}

fn origins(job: &Job) -> Vec<OriginCount> {
    match &job.facts {
        Some(facts) if facts.origins.is_empty() => {
            let comments = u64::try_from(job.tally.read.comments).unwrap_or(0);
            vec![OriginCount { origin: facts.origin.clone(), comments }]
        }
        Some(facts) => facts.origins.clone(),
        None => Vec::new(),
    }
}
