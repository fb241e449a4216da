//! Cursors as callers see them: opaque, and made of characters that need no quoting in a URL, whatever the store's own
//! cursor holds (the key of a page can be any text).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rethread_backends::ErrorKind;
use tonic::Code;

use crate::params::Params;
use crate::problem::Problem;

/// The cursor that goes out for the store's.
pub(crate) fn outer(inner: &str) -> String {
    URL_SAFE_NO_PAD.encode(inner)
}

/// The store's cursor in the parameter `cursor`.
pub(crate) fn inner(params: &mut Params) -> Result<Option<String>, Problem> {
    let Some(given) = params.text("cursor")? else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(given).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(Some).ok_or_else(not_ours)
}

/// What a list that was asked for from a cursor on failed with: a store finds nothing where a cursor is not its own.
pub(crate) fn list_failed(error: rethread_backends::Error) -> Problem {
    match error.kind() {
        ErrorKind::NotFound => not_ours(),
        _ => Problem::from(error),
    }
}

/// The same for the jobs, whose cursor is the status service's own: it is the only thing of the request that has not been
/// looked at here.
pub(crate) fn page_failed(status: tonic::Status) -> Problem {
    match status.code() {
        Code::InvalidArgument => not_ours(),
        _ => Problem::from(status),
    }
}

fn not_ours() -> Problem {
    Problem::parameter("cursor", "the cursor is not one that this list gave out")
}
