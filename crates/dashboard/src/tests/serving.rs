use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use crate::site::{Files, SITE, UNKNOWN, media_type};
use crate::{asset, index};

fn own(response: &Response<Bytes>, name: header::HeaderName) -> &str {
    response.headers()[name].to_str().unwrap()
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

#[test]
fn the_page_names_the_files_of_its_own_version_and_is_asked_for_anew_each_time() {
    let page = index(&HeaderMap::new());
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(own(&page, header::CACHE_CONTROL), "no-cache");
    let page = text(&page);
    let named: Vec<&str> = page.split("/assets/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(named.len() > 30, "{page}");
    for name in named {
        let (version, path) = name.split_once('/').unwrap();
        let file = asset(version, path, &HeaderMap::new()).unwrap();
        assert_eq!(file.status(), StatusCode::OK, "{name}");
        assert_eq!(own(&file, header::CACHE_CONTROL), "public, max-age=31536000, immutable", "{name}");
    }
}

#[test]
fn what_a_browser_has_is_not_sent_again() {
    let page = index(&HeaderMap::new());
    let tag = own(&page, header::ETAG);
    for has in [tag.to_owned(), format!("\"other\", W/{tag}")] {
        let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_str(&has).unwrap())]);
        let again = index(&headers);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(own(&again, header::ETAG), tag);
        assert_eq!(text(&again), "");
    }
    let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static("\"other\""))]);
    assert_eq!(index(&headers).status(), StatusCode::OK);
}

#[test]
fn a_page_of_another_version_gets_files_that_are_not_kept() {
    let file = asset("0123", "app.js", &HeaderMap::new()).unwrap();
    assert_eq!(file.status(), StatusCode::OK);
    assert_eq!(own(&file, header::CACHE_CONTROL), "no-cache");
    for path in ["nothing.js", "index.html", "../Cargo.toml", "core/../app.js", "/etc/passwd", ""] {
        assert!(asset(&SITE.version, path, &HeaderMap::new()).is_none(), "{path}");
    }
}

#[test]
fn only_files_of_this_server_run_and_none_stands_in_the_page() {
    let page = index(&HeaderMap::new());
    let policy = own(&page, header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
    let page = text(&page);
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
