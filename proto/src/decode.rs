//! Messages as the model. The opposite of what `convert` does, but for the checksum of the upload, which is not carried.

use std::collections::BTreeMap;

use rethread_model as model;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::{Deserialize, de::IntoDeserializer as _};

use crate::v1;

/// A message that does not say what this version understands: a field is missing, or holds a word from another version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the field \"{field}\" of the message is missing or not understood")]
pub struct InvalidMessage {
    /// The field.
    pub field: &'static str,
}

type Result<T> = std::result::Result<T, InvalidMessage>;

impl TryFrom<v1::Job> for model::Job {
    type Error = InvalidMessage;

    /// `sha256` is `None`, and `closing` is the default before the end, as they are in the model. `stalled` and
    /// `queue_place` are for the caller to read first.
    fn try_from(job: v1::Job) -> Result<Self> {
        let state = job.state().try_into()?;
        let receipt = job.receipt.unwrap_or_default();
        Ok(Self {
            id: job.id.parse().map_err(|_| InvalidMessage { field: "id" })?,
            account: job.account.parse().map_err(|_| InvalidMessage { field: "account" })?,
            kind: word("kind", &job.kind)?,
            state,
            phase: word("phase", &job.phase)?,
            revision: job.revision,
            created_at: present("created_at", job.created_at).and_then(|at| timestamp("created_at", at))?,
            updated_at: present("updated_at", job.updated_at).and_then(|at| timestamp("updated_at", at))?,
            ended_at: job.ended_at.map(|at| timestamp("ended_at", at)).transpose()?,
            started_by: job.started_by,
            file_name: job.file_name,
            // For the gateway that receives it.
            announced_bytes: None,
            resumable: None,
            sha256: None,
            options: present("options", job.options)?.try_into()?,
            facts: job.facts.map(TryInto::try_into).transpose()?,
            stopping: job.stopping,
            cancel_requested: job.cancel_requested,
            error: job.error.map(Into::into),
            progress: present("progress", job.progress)?.into(),
            tally: present("tally", job.tally)?.try_into()?,
            closing: receipt.try_into()?,
            checked: job.checked.map(TryInto::try_into).transpose()?,
            confirmed: job.confirmed,
            // For the services that work on a job, not for those that watch it.
            plan_attempts: 0,
            trace: None,
            timeline: job.timeline.into_iter().map(TryInto::try_into).collect::<Result<_>>()?,
        })
    }
}

impl TryFrom<v1::JobState> for model::JobState {
    type Error = InvalidMessage;

    fn try_from(state: v1::JobState) -> Result<Self> {
        match state {
            v1::JobState::Unspecified => Err(InvalidMessage { field: "state" }),
            v1::JobState::Queued => Ok(Self::Queued),
            v1::JobState::Running => Ok(Self::Running),
            v1::JobState::Waiting => Ok(Self::Waiting),
            v1::JobState::Succeeded => Ok(Self::Succeeded),
            v1::JobState::Failed => Ok(Self::Failed),
            v1::JobState::Cancelled => Ok(Self::Cancelled),
        }
    }
}

impl TryFrom<v1::ImportOptions> for model::ImportOptions {
    type Error = InvalidMessage;

    fn try_from(options: v1::ImportOptions) -> Result<Self> {
        Ok(Self {
            vendor: options.vendor.map(|vendor| word("vendor", &vendor)).transpose()?,
            dry_run: options.dry_run,
            check: options.check,
            page_key: word("page_key", &options.page_key)?,
            scheme: word("scheme", &options.scheme)?,
            time_zone: options.time_zone,
            site_url: options.site_url,
            mapping: options.mapping.into_iter().map(Into::into).collect(),
            include_pingbacks: options.include_pingbacks,
            include_ip_addresses: options.include_ip_addresses,
            exclude_spam: options.exclude_spam,
        })
    }
}

impl From<v1::MappingRule> for model::MappingRule {
    fn from(rule: v1::MappingRule) -> Self {
        let v1::MappingRule { from, to } = rule;
        Self { from, to }
    }
}

impl TryFrom<v1::Receipt> for model::Closing {
    type Error = InvalidMessage;

    /// The rest of a receipt follows from the job.
    fn try_from(receipt: v1::Receipt) -> Result<Self> {
        Ok(Self {
            pages: receipt.pages,
            removed: receipt.removed,
            merged_pages: receipt.merged_pages,
            merged: receipt.merged.into_iter().map(Into::into).collect(),
            first_comment_at: receipt.first_comment_at.map(|at| timestamp("receipt", at)).transpose()?,
            last_comment_at: receipt.last_comment_at.map(|at| timestamp("receipt", at)).transpose()?,
        })
    }
}

impl TryFrom<v1::Checked> for model::Checked {
    type Error = InvalidMessage;

    fn try_from(checked: v1::Checked) -> Result<Self> {
        let model::Tally { read, status, outcome, findings } = present("checked", checked.tally)?.try_into()?;
        Ok(Self {
            read,
            status,
            outcome,
            findings: model::FindingCounts::of(&findings),
            pages: checked.pages,
            orphans: checked.orphans,
            removed: checked.removed,
            first_comment_at: checked.first_comment_at.map(|at| timestamp("checked", at)).transpose()?,
            last_comment_at: checked.last_comment_at.map(|at| timestamp("checked", at)).transpose()?,
        })
    }
}

impl From<v1::MergedPage> for model::MergedPage {
    fn from(page: v1::MergedPage) -> Self {
        let v1::MergedPage { url_id, urls } = page;
        Self { url_id, urls }
    }
}

impl TryFrom<v1::FileFacts> for model::FileFacts {
    type Error = InvalidMessage;

    fn try_from(facts: v1::FileFacts) -> Result<Self> {
        Ok(Self {
            vendor: word("vendor", &facts.vendor)?,
            origin: model::Origin::new(facts.origin),
            evidence: facts.evidence,
        })
    }
}

impl From<v1::Progress> for model::Progress {
    fn from(progress: v1::Progress) -> Self {
        let v1::Progress { bytes_stored, bytes_total, bytes_read, slices_total, slices_done } = progress;
        Self { bytes_stored, bytes_total, bytes_read, slices_total, slices_done }
    }
}

impl TryFrom<v1::Tally> for model::Tally {
    type Error = InvalidMessage;

    fn try_from(tally: v1::Tally) -> Result<Self> {
        let v1::StatusCounts { approved, pending, spam, deleted } = tally.status.unwrap_or_default();
        let v1::OutcomeCounts { created, updated, unchanged, skipped, failed } = tally.outcome.unwrap_or_default();
        let findings = tally.repaired.into_iter().chain(tally.skipped).chain(tally.failed);
        Ok(Self {
            read: model::ReadCounts { threads: tally.threads, comments: tally.comments, replies: tally.replies },
            status: model::StatusCounts { approved, pending, spam, deleted },
            outcome: model::OutcomeCounts { created, updated, unchanged, skipped, failed },
            findings: findings
                .map(|(reason, count)| Ok((reason.parse().map_err(|_| InvalidMessage { field: "tally" })?, count)))
                .collect::<Result<BTreeMap<_, _>>>()?,
        })
    }
}

impl From<v1::JobError> for model::JobError {
    fn from(error: v1::JobError) -> Self {
        let v1::JobError { code, message, offset } = error;
        Self { code, message, offset }
    }
}

impl TryFrom<v1::TimelineEntry> for model::TimelineEntry {
    type Error = InvalidMessage;

    fn try_from(entry: v1::TimelineEntry) -> Result<Self> {
        let at = present("timeline", entry.at).and_then(|at| timestamp("timeline", at))?;
        Ok(Self { at, event: word("timeline", &entry.event)?, text: entry.text })
    }
}

fn present<T>(field: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or(InvalidMessage { field })
}

/// The variant whose word in stores and APIs this is.
fn word<'w, T: Deserialize<'w>>(field: &'static str, word: &'w str) -> Result<T> {
    let deserializer: StrDeserializer<'w, WordError> = word.into_deserializer();
    T::deserialize(deserializer).map_err(|_| InvalidMessage { field })
}

fn timestamp(field: &'static str, at: prost_types::Timestamp) -> Result<model::Timestamp> {
    jiff::Timestamp::new(at.seconds, at.nanos).map_err(|_| InvalidMessage { field })
}

#[cfg(test)]
mod tests;
