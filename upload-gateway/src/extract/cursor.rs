//! Cursors as callers see them: opaque, and made of characters that need no escaping in a URL,
//! whatever the store's own cursor contains (a page key can be any text).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rethread_stores::ErrorKind;
use tonic::Code;

use super::params::Params;
use crate::problem::Problem;

/// Encodes a store's cursor for the caller.
pub(crate) fn outer(inner: &str) -> String {
    URL_SAFE_NO_PAD.encode(inner)
}

/// Decodes the parameter `cursor` into the store's cursor.
pub(crate) fn inner(params: &mut Params) -> Result<Option<String>, Problem> {
    let Some(given) = params.text("cursor")? else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(given).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(Some).ok_or_else(not_ours)
}

/// The error of a list that starts at a cursor: a store answers "not found" to a cursor that is not
/// its own.
pub(crate) fn list_failed(error: rethread_stores::Error) -> Problem {
    match error.kind() {
        ErrorKind::NotFound => not_ours(),
        _ => Problem::from(error),
    }
}

/// The same for jobs, whose cursor belongs to the status service: it is the only part of the
/// request that was not validated here.
pub(crate) fn page_failed(status: tonic::Status) -> Problem {
    match status.code() {
        Code::InvalidArgument => not_ours(),
        _ => Problem::from(status),
    }
}

fn not_ours() -> Problem {
    Problem::parameter("cursor", "the cursor is not one that this list gave out")
}
