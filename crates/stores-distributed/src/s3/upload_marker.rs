//! Markers of multipart uploads in progress.
//!
//! Not every server can list uploads: some do not support the operation, others (`MinIO`) answer
//! only for the exact key. So the id of an upload is kept in a small object next to the one being
//! written. Deleting a job finds the marker and aborts the upload, even if its writer was killed.

use aws_sdk_s3::primitives::ByteStream;

use super::bucket::Bucket;
use super::failure::{Failure, failed, unless_missing};

/// Part of every marker's name; no blob's name contains it.
const MARK: &str = ".writing-";
/// Upload ids are some hundred bytes; a longer object is not a marker.
const MAX_ID_BYTES: i64 = 4096;

/// The marker next to `object`. Every writer has its own.
pub(super) fn name(object: &str, writer: &str) -> String {
    format!("{object}{MARK}{writer}")
}

/// The object that is being written, if this is the name of a marker.
pub(super) fn noted_object(name: &str) -> Option<&str> {
    name.rsplit_once(MARK).map(|(object, _)| object)
}

/// Records that `upload` is in progress.
pub(super) async fn leave(bucket: &Bucket, note: &str, upload: &str) -> Result<(), Failure> {
    let body = ByteStream::from(upload.as_bytes().to_vec());
    let put = bucket.put(note).body(body).send().await;
    put.map(drop).map_err(|error| failed(format_args!("note the upload {note}"), &error))
}

/// The upload of a marker, if the marker still exists.
pub(super) async fn upload(bucket: &Bucket, note: &str) -> Result<Option<String>, Failure> {
    let asked = bucket.client.get_object().bucket(&bucket.location.bucket).key(note).send().await;
    let Some(answer) = unless_missing(format_args!("read {note}"), asked)? else { return Ok(None) };
    if answer.content_length().unwrap_or(0) > MAX_ID_BYTES {
        return Ok(None);
    }
    let body = answer.body.collect().await;
    let body = body.map_err(|error| Failure::transient(format!("cannot read {note} to the end"), error.to_string()))?;
    Ok(String::from_utf8(body.to_vec()).ok())
}

#[cfg(test)]
mod tests {
    use rethread_model::{JobId, SliceNumber, Timestamp};

    use super::*;
    use rethread_stores::BlobKey;

    #[test]
    fn notes_name_what_is_written_and_no_blob_is_taken_for_one() {
        let job = JobId::new(Timestamp::UNIX_EPOCH, &[1; 10]);
        for key in
            [BlobKey::Upload("a".parse().unwrap(), job), BlobKey::Slice("a".parse().unwrap(), job, SliceNumber(3))]
        {
            let object = key.path();
            assert_eq!(noted_object(&object), None);
            assert_eq!(noted_object(&name(&object, "00ff")), Some(object.as_str()));
        }
    }
}
