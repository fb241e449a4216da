use axum::body::to_bytes;
use axum::extract::Path;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::super::site::{Files, SITE, UNKNOWN, media_type};
use super::super::{asset, index};
use crate::request_log::OwnHeaders;

async fn asked(version: &str, path: &str, headers: &HeaderMap) -> Response {
    let path = Path((version.to_owned(), path.to_owned()));
    asset(path, headers.clone()).await.unwrap_or_else(axum::response::IntoResponse::into_response)
}

fn own(response: &Response, name: header::HeaderName) -> String {
    let OwnHeaders(own) = response.extensions().get().expect("headers of its own");
    own[name].to_str().unwrap().to_owned()
}

async fn text(response: Response) -> String {
    let body = to_bytes(response.into_body(), 1_000_000).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

#[tokio::test]
async fn the_page_names_the_files_of_its_own_version_and_is_asked_for_anew_each_time() {
    let page = index(HeaderMap::new()).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(own(&page, header::CACHE_CONTROL), "no-cache");
    let page = text(page).await;
    let named: Vec<&str> = page.split("/assets/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(named.len() > 30, "{page}");
    for name in named {
        let (version, path) = name.split_once('/').unwrap();
        let file = asked(version, path, &HeaderMap::new()).await;
        assert_eq!(file.status(), StatusCode::OK, "{name}");
        assert_eq!(own(&file, header::CACHE_CONTROL), "public, max-age=31536000, immutable", "{name}");
    }
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    let tag = own(&index(HeaderMap::new()).await, header::ETAG);
    for has in [tag.clone(), format!("\"other\", W/{tag}")] {
        let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_str(&has).unwrap())]);
        let again = index(headers).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(own(&again, header::ETAG), tag);
        assert_eq!(text(again).await, "");
    }
    let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static("\"other\""))]);
    assert_eq!(index(headers).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_page_of_another_version_gets_files_that_are_not_kept() {
    let file = asked("0123", "app.js", &HeaderMap::new()).await;
    assert_eq!(file.status(), StatusCode::OK);
    assert_eq!(own(&file, header::CACHE_CONTROL), "no-cache");
    for path in ["nothing.js", "index.html", "../Cargo.toml", "core/../app.js", "/etc/passwd", ""] {
        let none = asked(&SITE.version, path, &HeaderMap::new()).await;
        assert_eq!(none.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn only_files_of_this_server_run_and_none_stands_in_the_page() {
    let page = index(HeaderMap::new()).await;
    let policy = own(&page, header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
    let page = text(page).await;
    for inline in ["<style", " style=", " onclick=", " onload=", "<script>", "javascript:"] {
        assert!(!page.contains(inline), "{inline}");
    }
    let sinks = ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"];
    for path in Files::iter() {
        assert_ne!(media_type(&path), UNKNOWN, "{path}");
        let file = String::from_utf8(Files::get(&path).unwrap().data.into_owned()).unwrap();
        for sink in sinks {
            assert!(!file.contains(sink), "{path} has {sink}");
        }
    }
}
