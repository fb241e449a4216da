//! One multipart upload, from start to end.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::builders::CompletedPartBuilder;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use rethread_stores::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::bucket::{Bucket, timeouts};
use super::failure::{Cause, Failure, cause, failed, unless_missing};
use super::parts::GatheredPart;
use super::retry::retry;
use super::upload_marker;

/// For the server to assemble the parts of a large object.
const COMPLETE_TIMEOUT: Duration = Duration::from_mins(5);
/// The maximum number of parts of an object, the same on all servers.
const MAX_PARTS: i32 = 10_000;
/// The metadata that identifies the writer of an object.
const WRITER: &str = "rethread-writer";

/// An upload in progress. If dropped before it ends, it is aborted in the background, unless it was
/// left for another writer to resume.
pub(super) struct Multipart {
    bucket: Arc<Bucket>,
    object: String,
    note: String,
    id: String,
    writer: String,
    parts: Vec<CompletedPart>,
    /// Nothing must be aborted: the upload has ended, or another writer resumes it.
    is_left: bool,
    /// Closed when all work on this upload has ended, its abort included.
    alive: mpsc::Sender<()>,
}

impl Multipart {
    /// Starts an upload and writes its marker. `writer` is random.
    pub(super) async fn begin(
        bucket: Arc<Bucket>,
        object: String,
        writer: String,
        alive: mpsc::Sender<()>,
    ) -> Result<Self> {
        let id = retry(|| async {
            let begun = bucket.begin_multipart(&object).metadata(WRITER, &writer).send().await;
            let begun = begun.map_err(|error| failed(format_args!("begin to write {object}"), &error))?;
            begun.upload_id.ok_or_else(|| Failure::transient(format!("cannot begin to write {object}"), "no id came"))
        });
        let id = id.await?;
        let note = upload_marker::name(&object, &writer);
        let multipart = Self { bucket, object, note, id, writer, parts: Vec::new(), is_left: false, alive };
        retry(|| upload_marker::leave(&multipart.bucket, &multipart.note, &multipart.id)).await?;
        Ok(multipart)
    }

    /// Resumes an upload that was left.
    pub(super) fn resume(bucket: Arc<Bucket>, object: String, begun: Begun) -> Self {
        let (note, parts) =
            (upload_marker::name(&object, &begun.writer), begun.parts.into_iter().map(Part::into_completed));
        let parts = (1..).zip(parts).map(|(number, part)| part.part_number(number).build()).collect();
        let alive = mpsc::channel(1).0;
        Self { bucket, object, note, id: begun.id, writer: begun.writer, parts, is_left: true, alive }
    }

    /// Leaves the upload for another writer, which needs the returned value.
    pub(super) fn leave(&mut self) -> Begun {
        self.is_left = true;
        let parts = self.parts.iter().map(Part::of).collect();
        Begun { id: self.id.clone(), writer: self.writer.clone(), parts }
    }

    /// The number of parts sent.
    pub(super) fn parts(&self) -> u64 {
        self.parts.len() as u64
    }

    /// Sends the next part; retries from memory as often as needed.
    pub(super) async fn send(&mut self, part: &GatheredPart) -> Result<()> {
        let number = match i32::try_from(self.parts.len() + 1) {
            Ok(number) if number <= MAX_PARTS => number,
            _ => {
                return Err(Error::new(
                    ErrorKind::Internal,
                    format!("{} has more than {MAX_PARTS} parts", self.object),
                ));
            }
        };
        let sent = retry(|| async {
            let request = self.bucket.client.upload_part().bucket(&self.bucket.location.bucket).key(&self.object);
            let request = request.upload_id(&self.id).part_number(number).body(ByteStream::from(part.bytes()));
            let sent = request.send().await;
            sent.map_err(|error| failed(format_args!("write part {number} of {}", self.object), &error))
        });
        let sent = sent.await?;
        // A server that verifies parts requires their checksums again at the end.
        self.parts.push(
            CompletedPart::builder()
                .part_number(number)
                .set_e_tag(sent.e_tag)
                .set_checksum_crc32(sent.checksum_crc32)
                .set_checksum_crc32_c(sent.checksum_crc32_c)
                .set_checksum_crc64_nvme(sent.checksum_crc64_nvme)
                .set_checksum_sha1(sent.checksum_sha1)
                .set_checksum_sha256(sent.checksum_sha256)
                .build(),
        );
        Ok(())
    }

    /// Makes the object visible, and checks that it has this size.
    pub(super) async fn complete(mut self, size_bytes: u64) -> Result<()> {
        retry(|| self.try_complete(size_bytes)).await?;
        // `None` if the object is no longer ours: it was overwritten later, or the job was deleted.
        let found_bytes = retry(|| self.written()).await?.unwrap_or(size_bytes);
        self.is_left = true;
        if found_bytes != size_bytes {
            retry(|| self.bucket.delete(&self.object)).await?;
            let message = format!("{} was stored with {found_bytes} bytes instead of {size_bytes}", self.object);
            return Err(Error::new(ErrorKind::Unavailable, message));
        }
        // A marker that remains is deleted with the job.
        if let Err(failure) = self.bucket.delete(&self.note).await {
            tracing::debug!(error = %failure.error, "a note of a finished upload stays until its job is deleted");
        }
        Ok(())
    }

    async fn try_complete(&self, size_bytes: u64) -> Result<(), Failure> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(self.parts.clone())).build();
        let patient = timeouts()
            .read_timeout(COMPLETE_TIMEOUT)
            .operation_attempt_timeout(COMPLETE_TIMEOUT)
            .operation_timeout(COMPLETE_TIMEOUT * 2);
        let request = self.bucket.client.complete_multipart_upload().bucket(&self.bucket.location.bucket);
        let request = request.key(&self.object).upload_id(&self.id).multipart_upload(parts).customize();
        let patient = aws_sdk_s3::config::Config::builder().timeout_config(patient.build());
        let Err(error) = request.config_override(patient).send().await else { return Ok(()) };
        // An earlier attempt may have succeeded although its response was lost; then the upload is
        // no longer known.
        if self.written().await? == Some(size_bytes) {
            return Ok(());
        }
        Err(failed(format_args!("finish {}", self.object), &error))
    }

    /// The size of the object, if this upload wrote it.
    pub(super) async fn written(&self) -> Result<Option<u64>, Failure> {
        let asked = self.bucket.client.head_object().bucket(&self.bucket.location.bucket).key(&self.object);
        let asked = asked.send().await;
        let Some(head) = unless_missing(format_args!("look at {}", self.object), asked)? else { return Ok(None) };
        let writer = head.metadata().and_then(|metadata| metadata.get(WRITER));
        let is_ours = writer == Some(&self.writer);
        Ok(head.content_length().filter(|_| is_ours).and_then(|length| u64::try_from(length).ok()))
    }
}

/// What is needed to resume an upload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begun {
    /// The server's upload id.
    id: String,
    writer: String,
    /// In order, from part 1 on.
    parts: Vec<Part>,
}

/// What the server returned for a part, and requires again at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Part {
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crc32: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crc32c: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crc64nvme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

impl Part {
    fn of(part: &CompletedPart) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            etag: owned(part.e_tag()),
            crc32: owned(part.checksum_crc32()),
            crc32c: owned(part.checksum_crc32_c()),
            crc64nvme: owned(part.checksum_crc64_nvme()),
            sha1: owned(part.checksum_sha1()),
            sha256: owned(part.checksum_sha256()),
        }
    }

    fn into_completed(self) -> CompletedPartBuilder {
        CompletedPart::builder()
            .set_e_tag(self.etag)
            .set_checksum_crc32(self.crc32)
            .set_checksum_crc32_c(self.crc32c)
            .set_checksum_crc64_nvme(self.crc64nvme)
            .set_checksum_sha1(self.sha1)
            .set_checksum_sha256(self.sha256)
    }
}

impl Drop for Multipart {
    fn drop(&mut self) {
        if self.is_left {
            return;
        }
        // Without a runtime the process is shutting down: another process's janitor finds the
        // marker.
        let Ok(runtime) = Handle::try_current() else { return };
        let bucket = Arc::clone(&self.bucket);
        let (object, note, id) =
            (std::mem::take(&mut self.object), std::mem::take(&mut self.note), std::mem::take(&mut self.id));
        let alive = self.alive.clone();
        runtime.spawn(async move {
            let aborted = async {
                retry(|| abort(&bucket, &object, &id)).await?;
                retry(|| bucket.delete(&note)).await
            };
            if let Err(error) = aborted.await {
                tracing::warn!(error = %error, "an unfinished upload stays until its job is deleted");
            }
            drop(alive);
        });
    }
}

/// Aborts an upload. Succeeds when it does not exist any more.
pub(super) async fn abort(bucket: &Bucket, object: &str, upload: &str) -> Result<(), Failure> {
    let request = bucket.client.abort_multipart_upload().bucket(&bucket.location.bucket).key(object);
    match request.upload_id(upload).send().await {
        Ok(_) => Ok(()),
        // Some servers (s3s-fs) refuse unknown upload ids. `doctor` checks that known uploads may
        // be aborted.
        Err(error) if matches!(cause(&error), Cause::Missing | Cause::Refused) => Ok(()),
        Err(error) => Err(failed(format_args!("abort the upload of {object}"), &error)),
    }
}
