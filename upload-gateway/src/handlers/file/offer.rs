//! The file of an export as a client may have it: its headers, and the range that a request is for.

use std::ops::{Bound, Range};

use headers::{AcceptRanges, ETag, HeaderMapExt as _, IfMatch, IfNoneMatch, IfRange};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rethread_model::{ExportFile, ExportOptions, Job, JobSpec};
use rethread_stores::BlobKey;

use crate::gateway::Gateway;
use crate::problem::Problem;

/// A file that is available for download.
pub(super) struct Offer<'a> {
    options: &'a ExportOptions,
    file: &'a ExportFile,
    job: &'a Job,
    pub(super) key: BlobKey,
    pub(super) size: u64,
}

/// The part of the file that a request is for.
pub(super) enum RequestedRange {
    All,
    Part(Range<u64>),
    /// The client already has it.
    Nothing,
    /// The client wants a different version of the file.
    Another,
    /// The range begins after the end of the file.
    Beyond,
}

impl<'a> Offer<'a> {
    pub(super) async fn of(job: &'a Job, gateway: &Gateway) -> Result<Self, Problem> {
        let missing = |detail| Problem::new(StatusCode::NOT_FOUND, "no-file", detail);
        let JobSpec::Export(options) = &job.spec else {
            return Err(missing("this job makes no file"));
        };
        let Some(written) = job.results.export.as_ref().filter(|_| job.state.is_final()) else {
            return Err(missing("the file is not there yet; it is when the job has succeeded"));
        };
        let Some(file) = &written.file else {
            return Err(missing("the job ended without a file"));
        };
        let is_over = job.offered_file().is_none() || file.expires_at <= gateway.clock.now();
        let key = BlobKey::Export(job.account.clone(), job.id, written.begun_at);
        let stored = if is_over { None } else { gateway.backends.blobs.size(&key).await? };
        let size = stored.ok_or_else(|| {
            let detail = "the file has expired and was deleted; begin another export";
            Problem::new(StatusCode::GONE, "file-expired", detail)
        })?;
        Ok(Self { options, file, job, key, size })
    }

    fn etag(&self) -> Option<ETag> {
        format!("\"{}\"", self.file.sha256).parse().ok()
    }

    pub(super) fn headers(&self) -> HeaderMap {
        let day = self.job.created_at.strftime("%Y-%m-%d");
        let name = format!("comments-{}-{day}.{}", self.job.account, self.options.extension());
        let disposition = format!("attachment; filename=\"{name}\"");
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.options.media_type()));
        // Account names contain only characters that are valid in a header.
        headers.extend(HeaderValue::try_from(disposition).ok().map(|value| (header::CONTENT_DISPOSITION, value)));
        headers.typed_insert(AcceptRanges::bytes());
        if let Some(etag) = self.etag() {
            headers.typed_insert(etag);
        }
        headers
    }

    /// RFC 9110, section 13.2.2. An invalid range, several ranges, or a range of a different
    /// version are answered with the whole file.
    pub(super) fn wanted(&self, asked: &HeaderMap) -> RequestedRange {
        let etag = self.etag();
        if let (Some(wanted), Some(etag)) = (asked.typed_get::<IfMatch>(), &etag)
            && !wanted.precondition_passes(etag)
        {
            return RequestedRange::Another;
        }
        if let (Some(known), Some(etag)) = (asked.typed_get::<IfNoneMatch>(), &etag)
            && !known.precondition_passes(etag)
        {
            return RequestedRange::Nothing;
        }
        // `If-Range` with an outdated version requests the whole file.
        let is_of_this = !asked.contains_key(header::IF_RANGE)
            || asked.typed_get::<IfRange>().is_some_and(|known| !known.is_modified(etag.as_ref(), None));
        let Some(ranges) = asked.typed_get::<headers::Range>().filter(|_| is_of_this) else {
            return RequestedRange::All;
        };
        let mut satisfiable = ranges.satisfiable_ranges(self.size);
        match (satisfiable.next(), satisfiable.next()) {
            (Some(range), None) => match bytes_of(range, self.size) {
                range if range.start >= self.size => RequestedRange::Beyond,
                range if range.is_empty() => RequestedRange::All,
                range => RequestedRange::Part(range),
            },
            // Or a suffix range longer than the file.
            (None, _) | (Some(_), Some(_)) => RequestedRange::All,
        }
    }
}

fn bytes_of((start, end): (Bound<u64>, Bound<u64>), size: u64) -> Range<u64> {
    let start = match start {
        Bound::Included(first) => first,
        Bound::Excluded(before) => before.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match end {
        Bound::Included(last) => last.saturating_add(1),
        Bound::Excluded(end) => end,
        Bound::Unbounded => size,
    };
    start..end.min(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_stay_within_the_file() {
        for (range, bytes) in [
            ((Bound::Included(2), Bound::Included(4)), 2..5),
            ((Bound::Included(2), Bound::Unbounded), 2..10),
            ((Bound::Unbounded, Bound::Excluded(3)), 0..3),
            ((Bound::Included(8), Bound::Included(u64::MAX)), 8..10),
        ] {
            assert_eq!(bytes_of(range, 10), bytes);
        }
    }
}
