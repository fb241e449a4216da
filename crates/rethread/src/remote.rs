//! A client of a running gateway's public API.

use std::time::Duration;

use anyhow::Context as _;
use rethread_model::{ImportOptions, JobId, JobState, MappingRule, Receipt};
use rethread_runtime::{check_scheme, http_client};
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use url::Url;

use crate::failure::Failure;
use crate::input::Input;
use crate::progress::Progress;

/// The interval between two queries of a job.
const POLL: Duration = Duration::from_millis(500);

/// Approximately the longest URL that HTTP servers accept.
const ADDRESS_BYTES: usize = 60 << 10;

/// The required fields of a job's JSON.
#[derive(Debug, Deserialize)]
struct JobView {
    id: JobId,
    state: JobState,
    phase: String,
    progress: rethread_model::Progress,
    read: rethread_model::ReadCounts,
}

/// A problem document (RFC 9457).
#[derive(Debug, Deserialize)]
struct Problem {
    title: String,
    detail: Option<String>,
}

/// The client.
pub(crate) struct Remote {
    client: reqwest::Client,
    base: Url,
    token: String,
}

impl Remote {
    /// Connects to the gateway at `server`.
    pub(crate) fn new(server: &Url, token: String) -> anyhow::Result<Self> {
        check_scheme(server.as_str()).map_err(|problem| anyhow::anyhow!("{server} {problem}"))?;
        let base = server.join("/api/v1/").context("this is no address of a gateway")?;
        Ok(Self { client: http_client().build()?, base, token })
    }

    /// Uploads a file and follows its job to the end.
    pub(crate) async fn import(
        &self,
        file: &Input,
        options: &ImportOptions,
        mut progress: Progress,
    ) -> anyhow::Result<Receipt> {
        let size = file.size().await?;
        let opened = file.open().await?;
        progress.receiving(0, size);
        let mut query = query_of(options);
        if let Some(name) = file.file_name() {
            query.push(("file_name", name));
        }
        let mut address = self.base.join("imports")?;
        address.query_pairs_mut().extend_pairs(&query);
        if address.as_str().len() > ADDRESS_BYTES {
            let message = "the table of rules is too large to be sent to a gateway; run the import where the store is";
            return Err(Failure::usage("mapping_too_large", message).into());
        }
        let mut request = self.client.post(address).header("content-type", "application/octet-stream");
        if let Some(size) = size {
            request = request.header("content-length", size);
        }
        let request = request.body(reqwest::Body::wrap_stream(ReaderStream::new(opened)));
        let mut job: JobView = self.send(request).await?;
        while !job.state.is_final() {
            progress.show(&job.phase, &job.progress, job.read.comments);
            tokio::time::sleep(POLL).await;
            job = self.send(self.client.get(self.base.join(&format!("jobs/{}", job.id))?)).await?;
        }
        progress.end();
        self.send(self.client.get(self.base.join(&format!("jobs/{}/receipt", job.id))?)).await
    }

    async fn send<T: serde::de::DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> anyhow::Result<T> {
        let answer = request.bearer_auth(&self.token).send().await;
        let answer = answer.map_err(|error| {
            Failure::unavailable("gateway_unreachable", format!("the gateway cannot be reached: {}", cause_of(&error)))
        })?;
        let status = answer.status();
        if status.is_success() {
            return answer.json().await.context("the gateway gave an answer that cannot be read");
        }
        let message = match answer.json::<Problem>().await {
            Ok(problem) => format!("the gateway refused: {}", problem.detail.unwrap_or(problem.title)),
            Err(_) => format!("the gateway answered {status}"),
        };
        Err(if status.is_client_error() {
            Failure::usage("gateway_refused", message).into()
        } else {
            Failure::unavailable("gateway_failed", message).into()
        })
    }
}

/// The innermost cause, which says what happened. The outer ones repeat the URL, which may contain
/// a token.
fn cause_of(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// The options as query parameters of the API.
fn query_of(options: &ImportOptions) -> Vec<(&'static str, String)> {
    let mut query = vec![
        ("vendor", options.vendor.map_or("auto", rethread_model::Vendor::as_str).to_owned()),
        ("dry_run", options.dry_run.to_string()),
        ("page_key", options.page_key.as_str().to_owned()),
        ("scheme", options.scheme.as_str().to_owned()),
    ];
    if let Some(url) = &options.site_url {
        query.push(("site_url", url.clone()));
    }
    if !options.mapping.is_empty() {
        query.push(("map", MappingRule::table(&options.mapping)));
    }
    if let Some(zone) = &options.time_zone {
        query.push(("time_zone", zone.clone()));
    }
    let include = [(options.include_pingbacks, "pingbacks"), (options.include_ip_addresses, "ip-addresses")];
    let include: Vec<&str> = include.iter().filter(|(wanted, _)| *wanted).map(|(_, word)| *word).collect();
    if !include.is_empty() {
        query.push(("include", include.join(",")));
    }
    if options.exclude_spam {
        query.push(("exclude", "spam".to_owned()));
    }
    if options.salvage {
        query.push(("salvage", "true".to_owned()));
    }
    if options.overwrite {
        query.push(("overwrite", "true".to_owned()));
    }
    query
}
