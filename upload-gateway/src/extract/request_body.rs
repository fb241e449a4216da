//! Incoming request bodies.

use std::error::Error;
use std::time::Duration;

use axum::body::{BodyDataStream, Bytes};
use futures::StreamExt as _;
use http::{HeaderMap, StatusCode, header};

use super::min_rate_body::TooSlow;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// For how long, and for how many bytes, a rejected upload is still read.
const LINGER: (Duration, usize) = (Duration::from_secs(5), 64 << 20);

/// The next bytes; `None` at the end. Never empty.
pub(crate) async fn next_chunk(body: &mut BodyDataStream, idle_timeout: Duration) -> Result<Option<Bytes>, Problem> {
    loop {
        let Ok(next) = tokio::time::timeout(idle_timeout, body.next()).await else {
            let detail = format!("nothing of the file arrived for {} seconds", idle_timeout.as_secs());
            return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "upload-idle", detail));
        };
        match next {
            None => return Ok(None),
            Some(Ok(bytes)) if bytes.is_empty() => {}
            Some(Ok(bytes)) => return Ok(Some(bytes)),
            Some(Err(error)) if is_too_slow(&error) => return Err(too_slow()),
            Some(Err(error)) => {
                tracing::debug!(cause = ?error.source(), "a request body broke off");
                return Err(broken_off());
            }
        }
    }
}

fn is_too_slow(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<TooSlow>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Rejects a request whose head already shows that it is not a file, or too large. Returns the
/// announced size.
pub(crate) fn check_head(headers: &HeaderMap, max_bytes: u64) -> Result<Option<u64>, Problem> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media_type.to_ascii_lowercase().starts_with("multipart/") {
        let detail =
            "send the file itself as the body, not a form that holds it (curl: --data-binary @file or -T file)";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-a-file", detail));
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match announced {
        Some(0) => Err(empty()),
        Some(bytes) if bytes > max_bytes => Err(too_large(max_bytes)),
        _ => Ok(announced),
    }
}

pub(crate) fn too_slow() -> Problem {
    let detail = "the file came too slowly, or not at all for too long";
    Problem::new(StatusCode::REQUEST_TIMEOUT, "upload-idle", detail)
}

pub(crate) fn broken_off() -> Problem {
    let detail = "the connection broke off before the file was whole";
    Problem::new(StatusCode::BAD_REQUEST, "upload-broken", detail)
}

pub(crate) fn empty() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "empty-upload", "the body is empty; send the export file as it is")
}

pub(crate) fn too_large(max_bytes: u64) -> Problem {
    let detail = format!("the file is larger than the {max_bytes} bytes that are taken here");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "upload-too-large", detail)
}

/// After the response `problem`, reads in the background what a client may still be sending.
pub(crate) fn linger_if_sending(gateway: &Gateway, head: &HeaderMap, problem: Option<&Problem>, body: BodyDataStream) {
    let waits_for_a_word = head.contains_key(header::EXPECT);
    if problem.is_some_and(|problem| !waits_for_a_word && problem.status() != StatusCode::REQUEST_TIMEOUT) {
        gateway.background_tasks.spawn(linger(body));
    }
}

/// Keeps reading for a moment. A client that is still sending when the response arrives would find
/// its connection reset, and might never see the response.
pub(crate) async fn linger(mut body: BodyDataStream) {
    let (duration, mut bytes_left) = LINGER;
    let reading = async {
        while let Some(Ok(bytes)) = body.next().await {
            bytes_left = bytes_left.saturating_sub(bytes.len());
            if bytes_left == 0 {
                return;
            }
        }
    };
    // Done, whether the body ended or the time ran out.
    let _ = tokio::time::timeout(duration, reading).await;
}
