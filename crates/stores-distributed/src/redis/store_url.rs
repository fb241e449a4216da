//! The URL of a Redis server and its parameters.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use rethread_stores::{Error, ErrorKind, Result};
use url::Url;

/// A parsed URL.
#[derive(Debug)]
pub(super) struct StoreUrl {
    /// For messages: host and port, no secrets.
    pub(super) name: String,
    pub(super) client: redis::Client,
    pub(super) prefix: String,
    /// How long ended jobs are kept.
    pub(super) finished_jobs: Option<Duration>,
}

impl StoreUrl {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut url = Url::parse(text).map_err(|error| refused("cannot be read").because(error))?;
        let Some(host) = url.host_str() else { return Err(refused("names no host: write redis://HOST")) };
        let name = format!("{host}:{}", url.port().unwrap_or(6379));
        let mut prefix = "rethread".to_owned();
        let mut finished_jobs = None;
        for (key, value) in url.query_pairs() {
            match &*key {
                "prefix" => prefix = checked_prefix(&value)?,
                "finished_jobs" => finished_jobs = Some(period(&value)?),
                other => {
                    let message = format!("does not take the parameter \"{other}\": use prefix or finished_jobs");
                    return Err(refused(&message));
                }
            }
        }
        url.set_query(None);
        if url.scheme() == "rediss" {
            crate::tls::choose_provider();
        }
        // The client's own message would repeat the URL, including the password.
        let client = redis::Client::open(url).map_err(|_| refused("is none that Redis knows: write redis://HOST/0"))?;
        Ok(Self { name, client, prefix, finished_jobs })
    }
}

fn checked_prefix(text: &str) -> Result<String> {
    let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c));
    if is_plain {
        Ok(text.to_owned())
    } else {
        Err(refused("has a prefix with other characters than a-z, 0-9 and -_.:"))
    }
}

fn period(text: &str) -> Result<Duration> {
    let error = || refused(&format!("says finished_jobs={text}: write a period of at least an hour, like 90d"));
    let span: Span = text.parse().map_err(|_| error())?;
    let period = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| error())?;
    Duration::try_from(period).ok().filter(|period| *period >= Duration::from_hours(1)).ok_or_else(error)
}

fn refused(what: &str) -> Error {
    Error::new(ErrorKind::Configuration, format!("the URL of jobs {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read() {
        let plain = StoreUrl::parse("redis://localhost").unwrap();
        assert_eq!((&*plain.name, &*plain.prefix, plain.finished_jobs), ("localhost:6379", "rethread", None));
        let full = StoreUrl::parse("redis://u:geheim@h:1/3?prefix=other&finished_jobs=90d").unwrap();
        assert_eq!((&*full.name, &*full.prefix), ("h:1", "other"));
        assert_eq!(full.finished_jobs, Some(Duration::from_hours(24 * 90)));
        let info = full.client.get_connection_info();
        assert_eq!(info.redis_settings().db(), 3);
        assert!(!format!("{full:?}").contains("geheim"));
    }

    #[test]
    fn what_makes_no_sense_is_refused_without_the_password() {
        for (query, part) in [
            ("?cluster=true", "does not take the parameter \"cluster\""),
            ("?prefix={x}", "has a prefix"),
            ("?finished_jobs=5m", "at least an hour"),
            ("?finished_jobs=soon", "like 90d"),
        ] {
            let error = StoreUrl::parse(&format!("redis://u:geheim@h/0{query}")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains(part), "{error}");
            assert!(!format!("{error:?}").contains("geheim"));
        }
    }
}
