//! Where the keys of a provider come from.

use std::path::PathBuf;
use std::time::Duration;

use futures::StreamExt as _;
use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::io::AsyncReadExt as _;
use url::Url;

use crate::{JwksPlace, http_client};

/// The time limit of a read.
const WITHIN: Duration = Duration::from_secs(5);

/// A key set has a few KiB.
const MAX_BYTES: usize = 1 << 20;

/// A file or a URL.
#[derive(Debug)]
pub(super) enum Source {
    File(PathBuf),
    Url(Client, Url),
}

impl Source {
    /// The error is a complete sentence.
    pub(super) fn new(place: &JwksPlace) -> Result<Self, String> {
        match place {
            JwksPlace::File(path) => Ok(Self::File(path.clone())),
            JwksPlace::Url(url) => {
                let agent = concat!("rethread/", env!("CARGO_PKG_VERSION"));
                // A redirect would lead to an address that is not configured.
                let client = http_client().timeout(WITHIN).redirect(Policy::none()).user_agent(agent).build();
                let client = client.map_err(|error| format!("cannot be used: {error}"))?;
                Ok(Self::Url(client, url.clone()))
            }
        }
    }

    /// The document. The error is a sentence that quotes nothing of it.
    pub(super) async fn read(&self) -> Result<Vec<u8>, String> {
        let reading = async {
            match self {
                Self::File(path) => read_file(path).await,
                Self::Url(client, url) => fetch(client, url).await,
            }
        };
        let read = tokio::time::timeout(WITHIN, reading).await;
        read.unwrap_or_else(|_| Err(format!("no answer within {} s", WITHIN.as_secs())))
    }
}

async fn read_file(path: &std::path::Path) -> Result<Vec<u8>, String> {
    let mut document = Vec::new();
    let file = tokio::fs::File::open(path).await.map_err(|error| error.to_string())?;
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut document).await.map_err(|error| error.to_string())?;
    check_size(document.len())?;
    Ok(document)
}

async fn fetch(client: &Client, url: &Url) -> Result<Vec<u8>, String> {
    let failed = |error: reqwest::Error| describe(&error.without_url());
    let answer = client.get(url.clone()).send().await.map_err(failed)?;
    if !answer.status().is_success() {
        return Err(format!("the other side answered {}", answer.status()));
    }
    let mut document = Vec::new();
    let mut body = answer.bytes_stream();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(failed)?;
        check_size(document.len() + chunk.len())?;
        document.extend_from_slice(&chunk);
    }
    Ok(document)
}

fn check_size(bytes: usize) -> Result<(), String> {
    if bytes > MAX_BYTES { Err("it is larger than 1 MiB".to_owned()) } else { Ok(()) }
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
