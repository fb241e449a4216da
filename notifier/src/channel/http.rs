//! Posts to webhooks.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use rethread_runtime::{check_scheme, http_client, trace_parent};

use super::SendError;

/// The Standard Webhooks specification recommends 15 to 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A client for a channel's address. It follows no redirects: a redirect would carry the message to
/// an address that is not configured.
pub(super) fn client(url: &str) -> Result<Client, String> {
    check_scheme(url)?;
    let agent = concat!("rethread-notifier/", env!("CARGO_PKG_VERSION"));
    let client = http_client().timeout(TIMEOUT).redirect(Policy::none()).user_agent(agent).build();
    client.map_err(|error| format!("cannot be used: {error}"))
}

/// Posts JSON. Any response other than 2xx is an error.
pub(super) async fn post(request: RequestBuilder, json: Vec<u8>) -> Result<(), SendError> {
    let mut request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(json);
    if let Some(parent) = trace_parent() {
        request = request.header("traceparent", parent.as_str());
    }
    // The error's own text contains the address, which may be a secret.
    let answer = request.send().await.map_err(|error| SendError::passing(describe(&error.without_url())))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let may_pass = status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS);
    let problem = format!("the other side answered {status}");
    Err(if may_pass { SendError::passing(problem) } else { SendError::lasting(problem) })
}

/// The error with its causes. The outermost message alone says little ("error sending request").
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
