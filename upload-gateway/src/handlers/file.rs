//! `GET /jobs/{id}/file`: downloads the file of an export, whole or in ranges (RFC 9110).

use std::ops::{Bound, Range};

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::{self, Stream};
use headers::{AcceptRanges, ContentLength, ContentRange, ETag, HeaderMapExt as _, IfMatch, IfNoneMatch, IfRange};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rethread_backends::BlobKey;
use rethread_model::{ExportFile, ExportOptions, Job, JobId, Order};
use rethread_runtime::AuditAction;

use crate::extract::{Admin, Id, Params};
use crate::gateway::Gateway;
use crate::problem::Problem;

/// Bytes read from the store at once.
const PIECE_BYTES: u64 = 1 << 20;

/// The file of an export
///
/// Available once the job has succeeded, until the file expires. Supports ranges and conditional
/// requests, so that an interrupted download can be resumed.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}/file",
    operation_id = "getFile",
    tag = "exports",
    params(("id" = JobId, Path, description = "The job")),
    responses(
        (status = 200, description = "The whole file, in its format or compressed", headers(
            ("etag" = String, description = "Names the content"),
            ("content-disposition" = String, description = "A name for the file"),
        ), content(
            (String = "text/csv"), (String = "application/jsonl"), (String = "application/rss+xml"),
            (Object = "application/json"), (String = "application/xml"), (String = "application/gzip"),
        )),
        (status = 206, description = "The range that was asked for", content(
            (String = "text/csv"), (String = "application/jsonl"), (String = "application/rss+xml"),
            (String = "application/json"), (String = "application/xml"), (String = "application/gzip"),
        )),
        (status = 304, description = "`if-none-match` names the content"),
        (status = 404, description = "`not-found`; or `no-file`: the job has no file, or not yet"),
        (status = 410, description = "`file-expired`: the file was deleted"),
        (status = 412, description = "`file-changed`: `if-match` names another content"),
        (status = 416, description = "`no-such-range`: the file is shorter"),
    ),
)]
pub(crate) async fn fetch(
    State(gateway): State<Gateway>,
    admin: Admin,
    Id(id): Id<JobId>,
    params: Params,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    params.finish()?;
    let job = gateway.backends.jobs.get(&admin.reach(), id).await?.ok_or_else(|| Problem::not_found("job"))?;
    let offer = Offer::of(&job, &gateway).await?;
    let mut given = offer.headers();
    let wanted = match offer.wanted(&asked) {
        RequestedRange::Nothing => return Ok((StatusCode::NOT_MODIFIED, given).into_response()),
        RequestedRange::Another => {
            let detail = "the file is not the one that if-match names";
            return Err(Problem::new(StatusCode::PRECONDITION_FAILED, "file-changed", detail));
        }
        RequestedRange::Beyond => {
            let detail = format!("the file has {} bytes, and none of those that were asked for", offer.size);
            let mut answer = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "no-such-range", detail).into_response();
            answer.headers_mut().typed_insert(ContentRange::unsatisfied_bytes(offer.size));
            return Ok(answer);
        }
        RequestedRange::All => 0..offer.size,
        RequestedRange::Part(range) => range,
    };
    if wanted.start == 0 {
        admin.audit(AuditAction::Download, id);
    }
    let status = match ContentRange::bytes(wanted.clone(), offer.size) {
        Ok(range) if wanted.end - wanted.start < offer.size => {
            given.typed_insert(range);
            StatusCode::PARTIAL_CONTENT
        }
        _ => StatusCode::OK,
    };
    given.typed_insert(ContentLength(wanted.end - wanted.start));
    Ok((status, given, Body::from_stream(pieces(gateway, offer.key, wanted))).into_response())
}

/// A file that is available for download.
struct Offer<'a> {
    options: &'a ExportOptions,
    file: &'a ExportFile,
    job: &'a Job,
    key: BlobKey,
    size: u64,
}

enum RequestedRange {
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
    async fn of(job: &'a Job, gateway: &Gateway) -> Result<Self, Problem> {
        let missing = |detail| Problem::new(StatusCode::NOT_FOUND, "no-file", detail);
        let Order::Export(options) = &job.order else {
            return Err(missing("this job makes no file"));
        };
        let Some(written) = job.export.as_ref().filter(|_| job.state.is_final()) else {
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

    fn headers(&self) -> HeaderMap {
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
    fn wanted(&self, asked: &HeaderMap) -> RequestedRange {
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

/// The bytes of the file, in pieces. A store error aborts the response, so that the client notices
/// that it is incomplete.
fn pieces(
    gateway: Gateway,
    key: BlobKey,
    range: Range<u64>,
) -> impl Stream<Item = Result<Bytes, rethread_backends::Error>> {
    stream::try_unfold((gateway, key, range), |(gateway, key, left)| async move {
        if left.is_empty() {
            return Ok(None);
        }
        let end = left.end.min(left.start + PIECE_BYTES);
        let piece = gateway.backends.blobs.read(&key, left.start..end).await.inspect_err(|error| {
            tracing::warn!(error = error as &dyn std::error::Error, "the file of an export cannot be read on");
        })?;
        if piece.is_empty() {
            let message = "the file of an export is shorter than it was";
            return Err(rethread_backends::Error::new(rethread_backends::ErrorKind::Internal, message));
        }
        let next = left.start + piece.len() as u64;
        Ok(Some((piece, (gateway, key, next..left.end))))
    })
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
