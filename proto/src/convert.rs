//! The model as messages. Every field of the model is named, so that a new one cannot be forgotten
//! here.

use std::collections::BTreeMap;

use rethread_model as model;
use rethread_model::{Effect, Reason};

use crate::{kinds, v1};

impl From<model::Job> for v1::Job {
    /// `stalled` and `queue_place` are not part of the model: the caller sets them.
    fn from(job: model::Job) -> Self {
        let has_receipt = job.state.is_final() || job.state == model::JobState::Waiting;
        let receipt = has_receipt.then(|| receipt(&job));
        let model::Job {
            id,
            account,
            spec,
            state,
            phase,
            revision,
            created_at,
            updated_at,
            ended_at,
            started_by,
            file_name,
            announced_bytes: _,
            resumable: _,
            sha256: _,
            facts,
            stopping,
            cancel_requested,
            error,
            progress,
            tally,
            summary: _,
            checked,
            confirmed,
            sync,
            results,
            attempts: _,
            trace: _,
            timeline,
        } = job;
        Self {
            id: id.to_string(),
            account: account.into(),
            state: v1::JobState::from(state).into(),
            phase: phase.as_str().to_owned(),
            revision,
            created_at: Some(timestamp(created_at)),
            updated_at: Some(timestamp(updated_at)),
            ended_at: ended_at.map(timestamp),
            started_by,
            file_name,
            facts: facts.map(Into::into),
            stopping,
            cancel_requested,
            progress: Some(progress.into()),
            tally: Some((&tally).into()),
            error: error.map(Into::into),
            timeline: timeline.into_iter().map(Into::into).collect(),
            receipt,
            checked: checked.map(Into::into),
            confirmed,
            stalled: false,
            queue_place: None,
            sync: sync.map(|sync| (*sync).into()),
            ..kinds::fields(spec, results)
        }
    }
}

impl From<model::SiteSync> for v1::Sync {
    /// The fields that identify a repeated batch are only for the gateway that receives it.
    fn from(sync: model::SiteSync) -> Self {
        let model::SiteSync { site, domain, announced, remaining, heard_at, complete, last_batch: _ } = sync;
        let (site, heard_at) = (site.to_string(), Some(timestamp(heard_at)));
        Self { site, domain, announced, remaining, heard_at, complete }
    }
}

fn receipt(job: &model::Job) -> v1::Receipt {
    let receipt = model::Receipt::of(job);
    v1::Receipt {
        orphans: receipt.orphans,
        pages: receipt.pages,
        removed: receipt.removed,
        duration_ms: receipt.duration_ms,
        merged_pages: receipt.merged_pages,
        merged: receipt.merged.into_iter().map(Into::into).collect(),
        first_comment_at: receipt.first_comment_at.map(timestamp),
        last_comment_at: receipt.last_comment_at.map(timestamp),
    }
}

impl From<model::Checked> for v1::Checked {
    fn from(checked: model::Checked) -> Self {
        let model::Checked {
            read,
            status,
            outcome,
            findings,
            pages,
            orphans,
            removed,
            first_comment_at,
            last_comment_at,
        } = checked;
        let model::FindingCounts { repaired, skipped, failed } = findings;
        let findings = repaired.into_iter().chain(skipped).chain(failed).collect();
        Self {
            tally: Some((&model::Tally { read, status, outcome, findings }).into()),
            orphans,
            pages,
            removed,
            first_comment_at: first_comment_at.map(timestamp),
            last_comment_at: last_comment_at.map(timestamp),
        }
    }
}

impl From<model::JobState> for v1::JobState {
    fn from(state: model::JobState) -> Self {
        match state {
            model::JobState::Queued => Self::Queued,
            model::JobState::Running => Self::Running,
            model::JobState::Waiting => Self::Waiting,
            model::JobState::Succeeded => Self::Succeeded,
            model::JobState::Failed => Self::Failed,
            model::JobState::Cancelled => Self::Cancelled,
        }
    }
}

impl From<model::ImportOptions> for v1::ImportOptions {
    fn from(options: model::ImportOptions) -> Self {
        let model::ImportOptions {
            vendor,
            dry_run,
            check,
            page_key,
            scheme,
            time_zone,
            site_url,
            mapping,
            include_pingbacks,
            include_ip_addresses,
            exclude_spam,
            salvage,
            overwrite,
        } = options;
        Self {
            vendor: vendor.map(|vendor| vendor.as_str().to_owned()),
            dry_run,
            check,
            page_key: page_key.as_str().to_owned(),
            scheme: scheme.as_str().to_owned(),
            time_zone,
            site_url,
            mapping: mapping.into_iter().map(Into::into).collect(),
            include_pingbacks,
            include_ip_addresses,
            exclude_spam,
            salvage,
            overwrite,
        }
    }
}

impl From<model::PageOptions> for v1::PageOptions {
    fn from(options: model::PageOptions) -> Self {
        let model::PageOptions { page_key, scheme, mapping } = options;
        Self {
            page_key: page_key.as_str().to_owned(),
            scheme: scheme.as_str().to_owned(),
            mapping: mapping.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<model::ExportOptions> for v1::ExportOptions {
    fn from(options: model::ExportOptions) -> Self {
        let model::ExportOptions { format, gzip, filter } = options;
        Self { format: format.as_str().to_owned(), gzip, filter: Some(filter.into()) }
    }
}

impl From<model::ExportFilter> for v1::ExportFilter {
    fn from(filter: model::ExportFilter) -> Self {
        let model::ExportFilter { page, vendor, origin, from, until, status } = filter;
        Self {
            page,
            vendor: vendor.map(|vendor| vendor.as_str().to_owned()),
            origin: origin.map(|origin| origin.as_str().to_owned()),
            from: from.map(timestamp),
            until: until.map(timestamp),
            status: status.into_iter().map(|status| status.as_str().to_owned()).collect(),
        }
    }
}

impl From<model::ExportResult> for v1::ExportResult {
    fn from(result: model::ExportResult) -> Self {
        let model::ExportResult { begun_at, tally, bytes, file } = result;
        let model::ExportTally { pages, threads, comments, losses } = tally;
        let losses = losses.into_iter().map(|(loss, count)| (loss.as_str().to_owned(), count)).collect();
        Self { pages, threads, comments, losses, bytes, file: file.map(Into::into), begun_at }
    }
}

impl From<model::ExportFile> for v1::ExportFile {
    fn from(file: model::ExportFile) -> Self {
        let model::ExportFile { sha256, expires_at, deleted_at } = file;
        Self { sha256, expires_at: Some(timestamp(expires_at)), deleted_at: deleted_at.map(timestamp) }
    }
}

impl From<model::Moving> for v1::MoveOptions {
    fn from(moving: model::Moving) -> Self {
        match moving {
            model::Moving::Rule(rule) => Self { from: Some(rule.from.into()), to: Some(rule.to.into()), undo: None },
            model::Moving::Undo { undo } => Self { from: None, to: None, undo: Some(undo.to_string()) },
        }
    }
}

impl From<model::MoveTarget> for v1::Place {
    fn from(place: model::MoveTarget) -> Self {
        let place = match place {
            model::MoveTarget::Domain(domain) => v1::place::Place::Domain(domain),
            model::MoveTarget::Url(url) => v1::place::Place::Url(url),
            model::MoveTarget::UrlId(url_id) => v1::place::Place::UrlId(url_id),
        };
        Self { place: Some(place) }
    }
}

impl From<model::MoveTally> for v1::MoveTally {
    fn from(tally: model::MoveTally) -> Self {
        let model::MoveTally { threads, pages, comments, merged, kept } = tally;
        Self { threads, pages, comments, merged, kept }
    }
}

impl From<model::MappingRule> for v1::MappingRule {
    fn from(rule: model::MappingRule) -> Self {
        let model::MappingRule { from, to } = rule;
        Self { from, to }
    }
}

impl From<model::MergedPage> for v1::MergedPage {
    fn from(page: model::MergedPage) -> Self {
        let model::MergedPage { url_id, urls } = page;
        Self { url_id, urls }
    }
}

impl From<model::FileFacts> for v1::FileFacts {
    fn from(facts: model::FileFacts) -> Self {
        let model::FileFacts { vendor, origin, origins, site_needed, earlier_pages, evidence } = facts;
        Self {
            vendor: vendor.as_str().to_owned(),
            origin: origin.as_str().to_owned(),
            evidence,
            origins: origins.into_iter().map(Into::into).collect(),
            site_needed,
            earlier_pages: earlier_pages.map(Into::into),
        }
    }
}

impl From<model::OriginCount> for v1::OriginCount {
    fn from(count: model::OriginCount) -> Self {
        let model::OriginCount { origin, comments } = count;
        Self { origin: origin.as_str().to_owned(), comments }
    }
}

impl From<model::Progress> for v1::Progress {
    fn from(progress: model::Progress) -> Self {
        let model::Progress { bytes_stored, bytes_total, bytes_read, slices_total, slices_done } = progress;
        Self { bytes_stored, bytes_total, bytes_read, slices_total, slices_done }
    }
}

impl From<&model::Tally> for v1::Tally {
    fn from(tally: &model::Tally) -> Self {
        let model::Tally { read, status, outcome, findings } = tally;
        let model::ReadCounts { threads, comments, replies } = *read;
        let model::StatusCounts { approved, pending, spam, deleted } = *status;
        let model::OutcomeCounts { created, updated, unchanged, skipped, failed } = *outcome;
        Self {
            threads,
            comments,
            replies,
            status: Some(v1::StatusCounts { approved, pending, spam, deleted }),
            outcome: Some(v1::OutcomeCounts { created, updated, unchanged, skipped, failed }),
            repaired: with_effect(findings, Effect::Repaired),
            skipped: with_effect(findings, Effect::Skipped),
            failed: with_effect(findings, Effect::Failed),
        }
    }
}

fn with_effect(findings: &BTreeMap<Reason, i64>, effect: Effect) -> BTreeMap<String, i64> {
    let of_effect = findings.iter().filter(|(reason, _)| reason.effect() == effect);
    of_effect.map(|(reason, count)| (reason.as_str().to_owned(), *count)).collect()
}

impl From<model::JobError> for v1::JobError {
    fn from(error: model::JobError) -> Self {
        let model::JobError { code, message, offset } = error;
        Self { code, message, offset }
    }
}

impl From<model::TimelineEntry> for v1::TimelineEntry {
    fn from(entry: model::TimelineEntry) -> Self {
        let model::TimelineEntry { at, event, text } = entry;
        Self { at: Some(timestamp(at)), event: event.as_str().to_owned(), text }
    }
}

/// Protobuf counts nanoseconds forward from the second, before 1970 as well.
fn timestamp(at: model::Timestamp) -> prost_types::Timestamp {
    let (second, nanosecond) = (at.as_second(), at.subsec_nanosecond());
    if nanosecond < 0 {
        prost_types::Timestamp { seconds: second - 1, nanos: nanosecond + 1_000_000_000 }
    } else {
        prost_types::Timestamp { seconds: second, nanos: nanosecond }
    }
}
