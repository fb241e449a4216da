//! The files as they are served.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use bytes::Bytes;
use http::HeaderValue;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

/// The files as they are in the source tree.
#[derive(RustEmbed)]
#[folder = "static/"]
pub(crate) struct Files;

/// The prefix of files and modules in the page; see index.html.
const ASSETS: &str = "/assets/";
const MODULES: &str = "<!-- modules -->";

pub(crate) static SITE: LazyLock<Site> = LazyLock::new(Site::of_files);

/// One file.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) body: Bytes,
    pub(crate) media_type: &'static str,
    /// A strong validator (`ETag`).
    pub(crate) tag: HeaderValue,
}

/// All files.
#[derive(Debug)]
pub(crate) struct Site {
    /// Changes whenever a file changes.
    pub(crate) version: String,
    pub(crate) index: Asset,
    /// The files by path.
    pub(crate) assets: HashMap<String, Asset>,
}

impl Site {
    fn of_files() -> Self {
        let mut paths: Vec<String> = Files::iter().map(|path| path.to_string()).collect();
        paths.sort_unstable();
        let (mut assets, mut all) = (HashMap::new(), Sha256::new());
        for path in &paths {
            let Some(file) = Files::get(path) else { continue };
            all.update(path);
            all.update(&file.data);
            assets.insert(path.clone(), Asset::new(path, Bytes::from(file.data.into_owned())));
        }
        let version = hexadecimal(&all.finalize());
        let page = assets.remove("index.html").map(|page| page.body).unwrap_or_default();
        let page = completed(&String::from_utf8_lossy(&page), &version, &paths);
        Self { version, index: Asset::new("index.html", Bytes::from(page)), assets }
    }
}

impl Asset {
    fn new(path: &str, body: Bytes) -> Self {
        let tag = format!("\"{}\"", hexadecimal(&Sha256::digest(&body)));
        let tag = HeaderValue::from_str(&tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        Self { body, media_type: media_type(path), tag }
    }
}

/// Inserts the version into the page's paths, and lists all modules, so that a browser requests
/// them at once instead of discovering one after another.
fn completed(page: &str, version: &str, paths: &[String]) -> String {
    let mut modules = String::new();
    for path in paths.iter().filter(|path| media_type(path) == JAVASCRIPT) {
        // Writing to a string cannot fail.
        let _ = write!(modules, "<link rel=\"modulepreload\" href=\"{ASSETS}{path}\">");
    }
    page.replace(MODULES, &modules).replace(ASSETS, &format!("{ASSETS}{version}/"))
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Unknown extensions are never guessed: a test ensures that all are known.
pub(crate) fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => JAVASCRIPT,
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        _ => UNKNOWN,
    }
}

pub(crate) const UNKNOWN: &str = "application/octet-stream";

/// The first half of a hash, which is enough to distinguish files.
fn hexadecimal(hash: &[u8]) -> String {
    base16ct::lower::encode_string(hash.get(..16).unwrap_or(hash))
}
