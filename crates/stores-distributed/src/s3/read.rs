//! Ranged reads that detect when an object is replaced between them.
//!
//! The store has no sessions, so one version is remembered per object: the one that [`size`] saw
//! last, or else the one that was read first. Later reads request that version with `If-Match`. A
//! reader that starts from scratch requests the size first and so gets the current version.

use std::ops::Range;
use std::time::Duration;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use bytes::Bytes;
use rethread_stores::{Error, ErrorKind, Result};
use tokio::time::timeout;

use super::bucket::Bucket;
use super::failure::{Cause, Failure, cause, failed, unless_missing};
use super::retry::retry;
use super::versions::{Version, Versions};

/// For the body of a response. A stalled one is aborted much earlier.
const BODY_TIMEOUT: Duration = Duration::from_mins(5);

/// The size of an object in bytes, if it exists; starts a series of reads.
pub(super) async fn size(bucket: &Bucket, versions: &Versions, object: &str) -> Result<Option<u64>> {
    let asked = bucket.client.head_object().bucket(&bucket.location.bucket).key(object).send().await;
    let Some(head) = unless_missing(format_args!("look at {object}"), asked)? else {
        versions.forget(object);
        return Ok(None);
    };
    let size_bytes = bytes_of(head.content_length());
    match head.e_tag() {
        Some(etag) => versions.remember(object, Version { etag: etag.to_owned(), size_bytes, size_was_told: true }),
        None => versions.forget(object),
    }
    Ok(Some(size_bytes))
}

/// The bytes of `range`, fewer where the object ends earlier.
pub(super) async fn read(bucket: &Bucket, versions: &Versions, object: &str, range: &Range<u64>) -> Result<Bytes> {
    if range.is_empty() {
        return match size(bucket, versions, object).await? {
            Some(_) => Ok(Bytes::new()),
            None => Err(Error::new(ErrorKind::NotFound, format!("cannot read {object}: there is no such blob"))),
        };
    }
    let expected = versions.get(object);
    let (found, bytes) = match retry(|| get(bucket, object, range, expected.as_ref())).await? {
        Got::Bytes(found, bytes) => (found, bytes),
        Got::Nothing => return Ok(Bytes::new()),
        // A reader at offset 0 has nothing of the old version yet, except perhaps its size.
        Got::Another if range.start == 0 => match retry(|| get(bucket, object, range, None)).await? {
            Got::Bytes(found, bytes) if fits(expected.as_ref(), found.as_ref()) => (found, bytes),
            _ => return Err(replaced(object)),
        },
        Got::Another => return Err(replaced(object)),
    };
    if let Some(found) = found {
        let size_was_told = expected.is_some_and(|version| version.size_was_told);
        versions.remember(object, Version { size_was_told, ..found });
    }
    Ok(bytes)
}

/// Whether this version is indistinguishable from the expected one by what the reader knows of it.
fn fits(expected: Option<&Version>, found: Option<&Version>) -> bool {
    match (expected, found) {
        (Some(expected), Some(found)) => !expected.size_was_told || expected.size_bytes == found.size_bytes,
        (expected, _) => expected.is_none_or(|expected| !expected.size_was_told),
    }
}

enum Got {
    /// The bytes and, if the server returns it, their version.
    Bytes(Option<Version>, Bytes),
    /// The range begins after the end.
    Nothing,
    /// The object has another version than the expected one.
    Another,
}

async fn get(bucket: &Bucket, object: &str, range: &Range<u64>, expected: Option<&Version>) -> Result<Got, Failure> {
    let asked = bucket
        .client
        .get_object()
        .bucket(&bucket.location.bucket)
        .key(object)
        .range(header(range))
        .set_if_match(expected.map(|version| version.etag.clone()))
        .send()
        .await;
    let answer = match asked {
        Ok(answer) => answer,
        Err(error) => {
            return match cause(&error) {
                Cause::OutOfRange => Ok(Got::Nothing),
                Cause::Replaced => Ok(Got::Another),
                _ => Err(failed(format_args!("read {object}"), &error)),
            };
        }
    };
    let found = version(&answer);
    // Some servers ignore the header.
    if let (Some(expected), Some(found)) = (expected, &found)
        && expected.etag != found.etag
    {
        return Ok(Got::Another);
    }
    let promised = bytes_of(answer.content_length());
    let broken = |why: String| Failure::transient(format!("cannot read {object} to the end"), why);
    let bytes = match timeout(BODY_TIMEOUT, answer.body.collect()).await {
        Ok(Ok(body)) => body.into_bytes(),
        Ok(Err(error)) => return Err(broken(error.to_string())),
        Err(_) => return Err(broken("no end within the time limit".to_owned())),
    };
    if bytes.len() as u64 != promised {
        return Err(broken(format!("{} of {promised} bytes came", bytes.len())));
    }
    Ok(Got::Bytes(found, bytes))
}

fn replaced(object: &str) -> Error {
    let message = format!("cannot go on reading {object}: it was replaced in the meantime, start over");
    Error::new(ErrorKind::Unavailable, message)
}

/// `bytes=FIRST-LAST`; without the last byte if the number would be too large for a server.
fn header(range: &Range<u64>) -> String {
    match i64::try_from(range.end) {
        Ok(_) => format!("bytes={}-{}", range.start, range.end - 1),
        Err(_) => format!("bytes={}-", range.start),
    }
}

/// The size follows the slash of `bytes 0-9/100`; a response with the whole object has no range.
fn version(answer: &GetObjectOutput) -> Option<Version> {
    let size_bytes = match answer.content_range() {
        Some(range) => range.rsplit_once('/')?.1.parse().ok()?,
        None => bytes_of(answer.content_length()),
    };
    Some(Version { etag: answer.e_tag()?.to_owned(), size_bytes, size_was_told: false })
}

fn bytes_of(length: Option<i64>) -> u64 {
    length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_as_servers_read_them() {
        assert_eq!(header(&(0..10)), "bytes=0-9");
        assert_eq!(header(&(5..u64::MAX)), "bytes=5-");
    }

    #[test]
    fn the_size_of_an_object_is_told_by_a_part_of_it() {
        let part = GetObjectOutput::builder().e_tag("a").content_length(10).content_range("bytes 0-9/100").build();
        assert_eq!(version(&part).map(|version| version.size_bytes), Some(100));
        let whole = GetObjectOutput::builder().e_tag("a").content_length(10).build();
        assert_eq!(version(&whole).map(|version| version.size_bytes), Some(10));
    }

    #[test]
    fn another_version_fits_whom_no_size_was_told() {
        let version = |size_bytes, size_was_told| Version { etag: "a".to_owned(), size_bytes, size_was_told };
        assert!(fits(Some(&version(1, false)), Some(&version(2, false))));
        assert!(fits(Some(&version(1, true)), Some(&version(1, false))));
        assert!(!fits(Some(&version(1, true)), Some(&version(2, false))));
        assert!(!fits(Some(&version(1, true)), None));
    }
}
