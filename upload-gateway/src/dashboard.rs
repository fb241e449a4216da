//! The dashboard: static files embedded in the binary. They use only the public API.
//!
//! The path of each file contains the version, so browsers cache it permanently and never mix
//! files of two versions. A page of another version, left open during an upgrade, gets the files
//! of this one.

mod site;
#[cfg(test)]
mod tests;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::problem::Problem;
use crate::request_log::OwnHeaders;
use site::{Asset, SITE};

/// Only files from this server may run, be displayed or be contacted. Content of comments cannot
/// load anything.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
);

const ALWAYS_ASK: HeaderValue = HeaderValue::from_static("no-cache");
const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /`
pub(crate) async fn index(asked: HeaderMap) -> Response {
    answer(&SITE.index, &asked, ALWAYS_ASK)
}

/// `GET /assets/{version}/{path}`
pub(crate) async fn asset(
    Path((version, path)): Path<(String, String)>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let asset = SITE.assets.get(path.as_str()).ok_or_else(|| Problem::not_found("file"))?;
    Ok(answer(asset, &asked, if version == SITE.version { KEEP } else { ALWAYS_ASK }))
}

fn answer(asset: &Asset, asked: &HeaderMap, caching: HeaderValue) -> Response {
    let own = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, caching),
        (header::ETAG, asset.tag.clone()),
    ];
    let mut response = if has(asked, &asset.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let media_type = HeaderValue::from_static(asset.media_type);
        ([(header::CONTENT_TYPE, media_type)], Bytes::clone(&asset.body)).into_response()
    };
    response.extensions_mut().insert(OwnHeaders(own.into_iter().collect()));
    response
}

/// Whether the browser already has this exact file.
fn has(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let named = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|one| one.trim().trim_start_matches("W/").as_bytes() == tag.as_bytes())
}
