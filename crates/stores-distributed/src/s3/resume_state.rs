//! The progress of an object that several writers write: an object next to it, which contains what
//! the server returned for the existing parts, and the bytes after them, too few for a part.
//!
//! It is replaced atomically, so it always describes a consistent state. Parts that it does not
//! list do not count: the next writer sends them again. This needs no list operation, which not
//! every server supports and not every key may use.

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use rethread_stores::{Error, ErrorKind};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::bucket::Bucket;
use super::failure::{Failure, failed, unless_missing};
use super::multipart::Begun;

/// A suffix that no blob's name has.
const MARK: &str = ".resumable";
/// Separates the header from the bytes. JSON on one line contains none.
const DIVIDER: u8 = b'\n';
/// For the body of the response: some megabytes at most.
const BODY_TIMEOUT: Duration = Duration::from_mins(1);

/// The progress of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MultipartState {
    /// The upload that contains its parts, once there is one.
    pub(super) begun: Option<Begun>,
    /// The bytes after the last part.
    pub(super) tail: Bytes,
}

#[derive(Serialize, Deserialize)]
struct Head {
    upload: Option<Begun>,
}

impl MultipartState {
    fn encode(&self) -> serde_json::Result<Bytes> {
        let mut bytes = serde_json::to_vec(&Head { upload: self.begun.clone() })?;
        bytes.push(DIVIDER);
        bytes.extend_from_slice(&self.tail);
        Ok(bytes.into())
    }

    fn decode(mut bytes: Bytes) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == DIVIDER)?;
        let head: Head = serde_json::from_slice(&bytes.split_to(end)).ok()?;
        Some(Self { begun: head.upload, tail: bytes.slice(1..) })
    }
}

/// Records the progress of `object`.
pub(super) async fn leave(bucket: &Bucket, object: &str, standing: &MultipartState) -> Result<(), Failure> {
    let name = name(object);
    let body = standing.encode().map_err(|error| unreadable(&name, Some(error)))?;
    let put = bucket.put(&name).body(ByteStream::from(body)).send().await;
    put.map(drop).map_err(|error| failed(format_args!("write {name}"), &error))
}

/// The progress of `object`, if it was started.
pub(super) async fn find(bucket: &Bucket, object: &str) -> Result<Option<MultipartState>, Failure> {
    let name = name(object);
    let asked = bucket.client.get_object().bucket(&bucket.location.bucket).key(&name).send().await;
    let Some(answer) = unless_missing(format_args!("read {name}"), asked)? else { return Ok(None) };
    let promised = answer.content_length();
    let broken = |why: String| Failure::transient(format!("cannot read {name} to the end"), why);
    let body = match timeout(BODY_TIMEOUT, answer.body.collect()).await {
        Ok(Ok(body)) => body.into_bytes(),
        Ok(Err(error)) => return Err(broken(error.to_string())),
        Err(_) => return Err(broken("no end within the time limit".to_owned())),
    };
    if promised.is_some_and(|promised| u64::try_from(promised) != Ok(body.len() as u64)) {
        return Err(broken(format!("{} bytes came", body.len())));
    }
    MultipartState::decode(body).map(Some).ok_or_else(|| unreadable(&name, None))
}

/// Deletes the progress of `object`.
pub(super) async fn forget(bucket: &Bucket, object: &str) -> Result<(), Failure> {
    bucket.delete(&name(object)).await
}

fn name(object: &str) -> String {
    format!("{object}{MARK}")
}

fn unreadable(name: &str, cause: Option<serde_json::Error>) -> Failure {
    let error = Error::new(ErrorKind::Internal, format!("{name} does not tell how far an upload is"));
    let error = match cause {
        Some(cause) => error.because(cause),
        None => error,
    };
    Failure { error, may_pass: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_whatever_the_bytes() {
        for (begun, tail) in
            [(None, &b""[..]), (None, b"{}\n\n\0"), (Some(Begun::default()), b"\n"), (Some(Begun::default()), b"")]
        {
            let standing = MultipartState { begun, tail: Bytes::from_static(tail) };
            assert_eq!(MultipartState::decode(standing.encode().unwrap()), Some(standing));
        }
        for wrong in [&b""[..], b"{}", b"[]\n", b"{\"upload\":3}\n"] {
            assert_eq!(MultipartState::decode(Bytes::from_static(wrong)), None);
        }
    }
}
