//! Small JSON bodies.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::gateway::Gateway;
use crate::problem::Problem;

const MAX_BYTES: usize = 16 << 10;

/// How long a few KiB may take to arrive.
const WITHIN: Duration = Duration::from_secs(10);

/// A body with a known shape.
pub(crate) trait Shape: DeserializeOwned {
    /// An example of the shape, for clients that sent something else.
    const LOOKS: &'static str;
}

/// A JSON object. Error messages never quote it: it may contain a secret.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: Shape> FromRequest<Gateway> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Gateway) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "send a JSON object as \"Content-Type: application/json\"";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", detail));
        }
        let received = tokio::time::timeout(WITHIN, to_bytes(request.into_body(), MAX_BYTES)).await;
        let received = received.map_err(|_| {
            let detail = format!("the body did not arrive within {} s", WITHIN.as_secs());
            Problem::new(StatusCode::REQUEST_TIMEOUT, "body-idle", detail)
        })?;
        // Whether it was truncated or too large, the body is not the expected one.
        let bytes = received.map_err(|_| {
            let detail = format!("the body broke off, or is larger than {MAX_BYTES} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail)
        })?;
        // Without this, serde would also accept an array as a struct.
        let object: serde_json::Result<Map<String, Value>> = serde_json::from_slice(&bytes);
        object.and_then(|object| T::deserialize(Value::Object(object))).map(Self).map_err(|_| {
            let detail = format!("the body is not the object that this takes: {}", T::LOOKS);
            Problem::new(StatusCode::BAD_REQUEST, "invalid-body", detail)
        })
    }
}

/// Forms on other sites cannot send this content type without a CORS preflight.
fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|given| given.to_str().ok()).unwrap_or_default();
    given.split(';').next().is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}
