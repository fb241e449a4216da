#![doc = include_str!("../README.md")]

mod site;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use site::{Asset, SITE};

/// Only files from this server may run, be displayed or be contacted. Content of comments cannot
/// load anything.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
);

const ALWAYS_ASK: HeaderValue = HeaderValue::from_static("no-cache");
const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The page, at `/`. `asked` are the headers of the request.
///
/// The status is 200, or 304 with an empty body for a browser that has this very page. The headers
/// are those in which the dashboard differs from an API: they take precedence over the ones that a
/// server adds to all its responses.
#[must_use]
pub fn index(asked: &HeaderMap) -> Response<Bytes> {
    answer(&SITE.index, asked, ALWAYS_ASK)
}

/// A file, at `/assets/{version}/{path}`; `None` if there is no such file. Status and headers are
/// as for [`index`]. The file of another version is that of this one, and is not cached
/// permanently.
#[must_use]
pub fn asset(version: &str, path: &str, asked: &HeaderMap) -> Option<Response<Bytes>> {
    let asset = SITE.assets.get(path)?;
    Some(answer(asset, asked, if version == SITE.version { KEEP } else { ALWAYS_ASK }))
}

fn answer(asset: &Asset, asked: &HeaderMap, caching: HeaderValue) -> Response<Bytes> {
    let is_known = has(asked, &asset.tag);
    let mut response = Response::new(if is_known { Bytes::new() } else { asset.body.clone() });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    }
    response.headers_mut().extend([
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, caching),
        (header::ETAG, asset.tag.clone()),
    ]);
    response
}

/// Whether the browser already has this exact file.
fn has(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let named = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|one| one.trim().trim_start_matches("W/").as_bytes() == tag.as_bytes())
}
