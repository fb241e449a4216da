//! Messages as the model. The inverse of `convert`, except for the checksum of the upload, which is
//! not carried.

use std::collections::BTreeMap;

use rethread_model as model;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::{Deserialize, de::IntoDeserializer as _};

use crate::{kinds, v1};

/// A message that this version does not understand: a field is missing, or contains a word from
/// another version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the field \"{field}\" of the message is missing or not understood")]
pub struct InvalidMessage {
    /// The field.
    pub field: &'static str,
}

pub(crate) type Result<T> = std::result::Result<T, InvalidMessage>;

impl TryFrom<v1::Job> for model::Job {
    type Error = InvalidMessage;

    /// `sha256` is `None`, and `summary` is the default before the end, as in the model. The caller
    /// reads `stalled` and `queue_place` first.
    fn try_from(mut job: v1::Job) -> Result<Self> {
        let state = job.state().try_into()?;
        let spec = kinds::spec(&mut job)?;
        let results = kinds::results(&mut job)?;
        let receipt = job.receipt.unwrap_or_default();
        Ok(Self {
            id: job.id.parse().map_err(|_| InvalidMessage { field: "id" })?,
            account: job.account.parse().map_err(|_| InvalidMessage { field: "account" })?,
            spec,
            state,
            phase: word("phase", &job.phase)?,
            revision: job.revision,
            created_at: present("created_at", job.created_at).and_then(|at| timestamp("created_at", at))?,
            updated_at: present("updated_at", job.updated_at).and_then(|at| timestamp("updated_at", at))?,
            ended_at: job.ended_at.map(|at| timestamp("ended_at", at)).transpose()?,
            started_by: job.started_by,
            file_name: job.file_name,
            // Only for the gateway that receives it.
            announced_bytes: None,
            resumable: None,
            sha256: None,
            facts: job.facts.map(TryInto::try_into).transpose()?,
            stopping: job.stopping,
            cancel_requested: job.cancel_requested,
            error: job.error.map(Into::into),
            progress: present("progress", job.progress)?.into(),
            tally: present("tally", job.tally)?.try_into()?,
            summary: receipt.try_into()?,
            checked: job.checked.map(TryInto::try_into).transpose()?,
            confirmed: job.confirmed,
            sync: job.sync.map(|sync| sync.try_into().map(Box::new)).transpose()?,
            results,
            // For the services that work on a job, not for those that watch it.
            attempts: 0,
            trace: None,
            timeline: job.timeline.into_iter().map(TryInto::try_into).collect::<Result<_>>()?,
        })
    }
}

impl TryFrom<v1::Sync> for model::SiteSync {
    type Error = InvalidMessage;

    fn try_from(sync: v1::Sync) -> Result<Self> {
        let v1::Sync { site, domain, announced, remaining, heard_at, complete } = sync;
        Ok(Self {
            site: site.parse().map_err(|_| InvalidMessage { field: "site" })?,
            domain,
            announced,
            remaining,
            heard_at: present("heard_at", heard_at).and_then(|at| timestamp("heard_at", at))?,
            complete,
            last_batch: None,
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
            salvage: options.salvage,
            overwrite: options.overwrite,
        })
    }
}

impl TryFrom<v1::PageOptions> for model::PageOptions {
    type Error = InvalidMessage;

    fn try_from(options: v1::PageOptions) -> Result<Self> {
        Ok(Self {
            page_key: word("page_key", &options.page_key)?,
            scheme: word("scheme", &options.scheme)?,
            mapping: options.mapping.into_iter().map(Into::into).collect(),
        })
    }
}

impl TryFrom<v1::ExportOptions> for model::ExportOptions {
    type Error = InvalidMessage;

    fn try_from(options: v1::ExportOptions) -> Result<Self> {
        Ok(Self {
            format: word("format", &options.format)?,
            gzip: options.gzip,
            filter: present("filter", options.filter)?.try_into()?,
        })
    }
}

impl TryFrom<v1::MoveOptions> for model::Moving {
    type Error = InvalidMessage;

    fn try_from(options: v1::MoveOptions) -> Result<Self> {
        let v1::MoveOptions { from, to, undo } = options;
        if let Some(undo) = undo {
            return undo.parse().map(|undo| Self::Undo { undo }).map_err(|_| InvalidMessage { field: "undo" });
        }
        let (from, to) = (present("from", from)?.try_into()?, present("to", to)?.try_into()?);
        model::MoveRule::new(from, to).map(Self::Rule).map_err(|_| InvalidMessage { field: "to" })
    }
}

impl TryFrom<v1::Place> for model::MoveTarget {
    type Error = InvalidMessage;

    fn try_from(place: v1::Place) -> Result<Self> {
        Ok(match present("place", place.place)? {
            v1::place::Place::Domain(domain) => Self::Domain(domain),
            v1::place::Place::Url(url) => Self::Url(url),
            v1::place::Place::UrlId(url_id) => Self::UrlId(url_id),
        })
    }
}

impl From<v1::MoveTally> for model::MoveTally {
    fn from(tally: v1::MoveTally) -> Self {
        let v1::MoveTally { threads, pages, comments, merged, kept } = tally;
        Self { threads, pages, comments, merged, kept }
    }
}

impl TryFrom<v1::ExportFilter> for model::ExportFilter {
    type Error = InvalidMessage;

    fn try_from(filter: v1::ExportFilter) -> Result<Self> {
        Ok(Self {
            page: filter.page,
            vendor: filter.vendor.map(|vendor| word("vendor", &vendor)).transpose()?,
            origin: filter.origin.map(model::Origin::new),
            from: filter.from.map(|at| timestamp("from", at)).transpose()?,
            until: filter.until.map(|at| timestamp("until", at)).transpose()?,
            status: filter.status.iter().map(|status| word("status", status)).collect::<Result<_>>()?,
        })
    }
}

impl TryFrom<v1::ExportResult> for model::ExportResult {
    type Error = InvalidMessage;

    fn try_from(result: v1::ExportResult) -> Result<Self> {
        let v1::ExportResult { pages, threads, comments, losses, bytes, file, begun_at } = result;
        let losses = losses
            .into_iter()
            .map(|(loss, count)| Ok((loss.parse().map_err(|_| InvalidMessage { field: "losses" })?, count)))
            .collect::<Result<_>>()?;
        let tally = model::ExportTally { pages, threads, comments, losses };
        Ok(Self { begun_at, tally, bytes, file: file.map(TryInto::try_into).transpose()? })
    }
}

impl TryFrom<v1::ExportFile> for model::ExportFile {
    type Error = InvalidMessage;

    fn try_from(file: v1::ExportFile) -> Result<Self> {
        Ok(Self {
            sha256: file.sha256,
            expires_at: present("expires_at", file.expires_at).and_then(|at| timestamp("expires_at", at))?,
            deleted_at: file.deleted_at.map(|at| timestamp("deleted_at", at)).transpose()?,
        })
    }
}

impl From<v1::MappingRule> for model::MappingRule {
    fn from(rule: v1::MappingRule) -> Self {
        let v1::MappingRule { from, to } = rule;
        Self { from, to }
    }
}

impl TryFrom<v1::Receipt> for model::ImportSummary {
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
            origins: facts.origins.into_iter().map(Into::into).collect(),
            site_needed: facts.site_needed,
            earlier_pages: facts.earlier_pages.map(TryInto::try_into).transpose()?,
            evidence: facts.evidence,
        })
    }
}

impl From<v1::OriginCount> for model::OriginCount {
    fn from(count: v1::OriginCount) -> Self {
        let v1::OriginCount { origin, comments } = count;
        Self { origin: model::Origin::new(origin), comments }
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

pub(crate) fn present<T>(field: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or(InvalidMessage { field })
}

/// The variant that this word stands for in stores and APIs.
pub(crate) fn word<'w, T: Deserialize<'w>>(field: &'static str, word: &'w str) -> Result<T> {
    let deserializer: StrDeserializer<'w, WordError> = word.into_deserializer();
    T::deserialize(deserializer).map_err(|_| InvalidMessage { field })
}

fn timestamp(field: &'static str, at: prost_types::Timestamp) -> Result<model::Timestamp> {
    jiff::Timestamp::new(at.seconds, at.nanos).map_err(|_| InvalidMessage { field })
}

#[cfg(test)]
mod tests;
