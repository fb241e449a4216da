//! The protocol's headers.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use jiff::fmt::rfc2822::DateTimePrinter;
use rethread_model::Timestamp;

use crate::problem::Problem;

pub(super) const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(super) const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
pub(super) const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub(super) const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub(super) const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
pub(super) const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(super) const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(super) const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub(super) const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub(super) const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
pub(super) const UPLOAD_DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");

/// The version of the protocol.
pub(super) const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// The media type of a piece of a file.
pub(super) const PIECE: &str = "application/offset+octet-stream";

/// Adds the version to every response, and the supported versions if the client uses another one.
pub(super) async fn say_version(request: Request, next: Next) -> Response {
    let is_question = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    let speaks_another = response.status() == StatusCode::PRECONDITION_FAILED;
    let headers = response.headers_mut();
    headers.insert(TUS_RESUMABLE, VERSION);
    if is_question || speaks_another {
        headers.insert(TUS_VERSION, VERSION);
    }
    response
}

/// A header as text; `None` when absent. Rejected if it is repeated or not text.
pub(super) fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Problem> {
    let mut given = headers.get_all(name).iter();
    match (given.next(), given.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let text = value.to_str().map_err(|_| refused(name, "is not plain text"))?;
            Ok(Some(text.trim()))
        }
        (Some(_), Some(_)) => Err(refused(name, "is given more than once")),
    }
}

/// A header that contains a number of bytes.
pub(super) fn bytes(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, Problem> {
    let Some(text) = text(headers, name)? else { return Ok(None) };
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| text.parse().ok()).flatten();
    number.map(Some).ok_or_else(|| refused(name, "is not a number of bytes"))
}

/// The error for an invalid header.
pub(super) fn refused(name: &HeaderName, why: &str) -> Problem {
    Problem::parameter(name.as_str(), format!("the header {name} {why}"))
}

/// A number as a header value.
pub(super) fn number(number: u64) -> HeaderValue {
    HeaderValue::from(number)
}

/// A timestamp in HTTP format; `None` for one that HTTP cannot express, far in the past or future.
pub(super) fn date(at: Timestamp) -> Option<HeaderValue> {
    let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()?;
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers() {
        let of = |values: &[&'static str]| {
            let values = values.iter().map(|value| (UPLOAD_OFFSET, HeaderValue::from_static(value)));
            bytes(&values.collect(), &UPLOAD_OFFSET)
        };
        assert_eq!(of(&[]).unwrap(), None);
        assert_eq!(of(&["17"]).unwrap(), Some(17));
        for wrong in [&["-1"][..], &["+1"], &["1.0"], &[""], &["1", "1"], &["18446744073709551616"], &["0x1"]] {
            assert_eq!(of(wrong).unwrap_err().status(), StatusCode::BAD_REQUEST, "{wrong:?}");
        }
    }

    #[test]
    fn moments_are_written_as_http_writes_them() {
        assert_eq!(date(Timestamp::from_second(784_111_777).unwrap()).unwrap(), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
