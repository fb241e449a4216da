//! The URL of an S3 store.

use aws_sdk_s3::config::RequestChecksumCalculation;
use rethread_stores::{Error, ErrorKind, Result};
use url::Url;

/// The form of the URL, for messages.
const FORM: &str = "s3://BUCKET/PREFIX?endpoint=URL&region=NAME";
/// The allowed query parameters.
const PARAMETERS: &str = "endpoint, region, path_style, checksums and sse";

/// `s3://bucket/prefix?endpoint=URL&region=NAME&path_style=true|false&checksums=when_supported|when_required&sse=…`,
/// parsed and checked. Credentials are never part of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Location {
    pub(super) bucket: String,
    /// Empty, or ends with a slash.
    pub(super) prefix: String,
    /// A server other than Amazon's, without a trailing slash.
    pub(super) endpoint: Option<String>,
    pub(super) region: Option<String>,
    /// The bucket is in the path rather than in the host name. Servers other than Amazon's rarely
    /// have a host name for each bucket, so it is the default for them.
    pub(super) path_style: bool,
    pub(super) checksums: RequestChecksumCalculation,
    pub(super) encryption: Option<Encryption>,
}

/// Server-side encryption, for every object that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encryption {
    /// `AES256`: with keys of the store.
    Store,
    /// `aws:kms`: with a key of the key service; the default key if none is named.
    KeyService(Option<String>),
}

impl Location {
    /// Parses a URL. Fails with [`ErrorKind::Configuration`] and a sentence.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let url = Url::parse(text).map_err(|_| wrong(&format!("is no URL: write {FORM}")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("holds a user or password: credentials come from the AWS_… variables"));
        }
        if url.port().is_some() || url.fragment().is_some() {
            return Err(wrong(&format!("has a port or a fragment: write {FORM}")));
        }
        let Some(bucket) = url.host_str().filter(|bucket| !bucket.is_empty()) else {
            return Err(wrong(&format!("names no bucket: write {FORM}")));
        };
        let mut location = Self {
            bucket: bucket.to_owned(),
            prefix: prefix(url.path()),
            endpoint: None,
            region: None,
            path_style: false,
            checksums: RequestChecksumCalculation::WhenSupported,
            encryption: None,
        };
        let mut path_style = None;
        for (name, value) in url.query_pairs() {
            match &*name {
                "endpoint" => location.endpoint = Some(endpoint(&value)?),
                "region" => location.region = Some(region(&value)?),
                "path_style" => path_style = Some(choice(&name, &value, &[("true", true), ("false", false)])?),
                "checksums" => location.checksums = checksums(&value)?,
                "sse" => location.encryption = Some(encryption(&value)?),
                _ => return Err(wrong(&format!("has a parameter \"{name}\" that there is not: use {PARAMETERS}"))),
            }
        }
        location.path_style = path_style.unwrap_or(location.endpoint.is_some());
        Ok(location)
    }

    /// The bucket path of an object.
    pub(super) fn object(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// The name for messages; contains no secrets, since an endpoint has none.
    pub(super) fn name(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => format!("bucket {} at {endpoint}", self.bucket),
            None => format!("bucket {} at Amazon S3", self.bucket),
        }
    }
}

fn prefix(path: &str) -> String {
    let path = path.trim_matches('/');
    if path.is_empty() { String::new() } else { format!("{path}/") }
}

fn endpoint(value: &str) -> Result<String> {
    let refused = || wrong("has an endpoint that is no plain URL: write it like endpoint=https://s3.example.net");
    let url = Url::parse(value).map_err(|_| refused())?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if is_plain { Ok(value.trim_end_matches('/').to_owned()) } else { Err(refused()) }
}

fn region(value: &str) -> Result<String> {
    let is_name = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if is_name { Ok(value.to_owned()) } else { Err(wrong("has a region that is no name such as eu-central-1")) }
}

fn checksums(value: &str) -> Result<RequestChecksumCalculation> {
    let choices = [
        ("when_supported", RequestChecksumCalculation::WhenSupported),
        ("when_required", RequestChecksumCalculation::WhenRequired),
    ];
    choice("checksums", value, &choices)
}

fn encryption(value: &str) -> Result<Encryption> {
    match (value, value.strip_prefix("aws:kms:")) {
        ("AES256", _) => Ok(Encryption::Store),
        ("aws:kms", _) => Ok(Encryption::KeyService(None)),
        (_, Some(key)) if !key.is_empty() => Ok(Encryption::KeyService(Some(key.to_owned()))),
        _ => Err(wrong("has an unknown sse: use AES256, aws:kms or aws:kms:KEY")),
    }
}

fn choice<T: Clone>(name: &str, value: &str, choices: &[(&str, T)]) -> Result<T> {
    let chosen = choices.iter().find(|(word, _)| *word == value);
    chosen.map(|(_, choice)| choice.clone()).ok_or_else(|| {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        wrong(&format!("has an unknown {name}: use {}", words.join(" or ")))
    })
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::Configuration, format!("the URL of blobs {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_can_be_said() {
        let location = Location::parse(
            "s3://exports/comments/eu/?endpoint=http://127.0.0.1:3900/&region=garage&path_style=false\
             &checksums=when_required&sse=aws:kms:arn:aws:kms:eu-central-1:1:key/2",
        );
        let key = "arn:aws:kms:eu-central-1:1:key/2".to_owned();
        let expected = Location {
            bucket: "exports".to_owned(),
            prefix: "comments/eu/".to_owned(),
            endpoint: Some("http://127.0.0.1:3900".to_owned()),
            region: Some("garage".to_owned()),
            path_style: false,
            checksums: RequestChecksumCalculation::WhenRequired,
            encryption: Some(Encryption::KeyService(Some(key))),
        };
        assert_eq!(location.unwrap(), expected);
    }

    #[test]
    fn little_needs_to_be_said() {
        let location = Location::parse("s3://exports").unwrap();
        assert_eq!((location.prefix.as_str(), location.path_style), ("", false));
        assert_eq!(location.object("uploads/a"), "uploads/a");
        let elsewhere = Location::parse("s3://exports/?endpoint=https://s3.example.net").unwrap();
        assert!(elsewhere.path_style, "other servers rarely have a name for each bucket");
        assert_eq!(elsewhere.name(), "bucket exports at https://s3.example.net");
    }

    #[test]
    fn what_is_wrong_is_said_without_what_is_secret() {
        for (url, said) in [
            ("s3:", "names no bucket"),
            ("s3:///prefix", "names no bucket"),
            ("s3://ann:geheim@exports", "credentials come from the AWS_… variables"),
            ("s3://exports?secret_access_key=geheim", "has a parameter \"secret_access_key\" that there is not"),
            ("s3://exports?endpoint=ftp://geheim", "has an endpoint that is no plain URL"),
            ("s3://exports?endpoint=http://ann:geheim@host", "has an endpoint that is no plain URL"),
            ("s3://exports?path_style=geheim", "has an unknown path_style: use true or false"),
            ("s3://exports?checksums=geheim", "use when_supported or when_required"),
            ("s3://exports?sse=geheim", "use AES256, aws:kms or aws:kms:KEY"),
            ("s3://exports?region=", "has a region that is no name"),
        ] {
            let error = Location::parse(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{url}");
            let message = error.to_string();
            assert!(message.starts_with("the URL of blobs ") && message.contains(said), "{message}");
            assert!(!message.contains("geheim"), "{message}");
        }
    }
}
