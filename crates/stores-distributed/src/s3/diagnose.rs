//! What an operator should know about a bucket.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::BucketVersioningStatus;
use rethread_stores::{BlobPrefix, Diagnosis, Error, ErrorKind, Result, Verdict};

use super::bucket::Bucket;
use super::failure::{Cause, cause, detail, failed};
use super::{cleanup, lifecycle, privacy};

/// Runs all checks, with a probe object that is deleted afterwards.
pub(super) async fn diagnose(bucket: &Bucket, apply: bool) -> Result<Vec<Diagnosis>> {
    let random = getrandom::u64()
        .map_err(|error| Error::new(ErrorKind::Internal, "the system gives no randomness").because(error))?;
    // No account has this name together with such a job, so the probe is never mistaken for an
    // upload.
    let probe = bucket.location.object(&format!("uploads/doctor/probe-{random:016x}"));
    let mut found = Vec::new();
    match bucket.put(&probe).body(ByteStream::from_static(b"rethread doctor")).send().await {
        Ok(_) => {
            let written = format!("are written{} and deleted", encryption(bucket));
            let unsigned = privacy::diagnose(bucket, &probe).await;
            found.push(match bucket.delete(&probe).await {
                Ok(()) => says("objects", Verdict::Fine, written),
                Err(failure) => {
                    let message = format!("cannot be deleted ({}): allow s3:DeleteObject", causes(&failure.error));
                    says("objects", Verdict::Wrong, message)
                }
            });
            found.push(unsigned);
        }
        Err(error) if cause(&error) == Cause::Transient => return Err(failed("write an object", &error).into()),
        Err(error) => {
            let message = format!(
                "cannot be written{} ({}): allow s3:PutObject, and see that the server knows the encryption",
                encryption(bucket),
                detail(&error)
            );
            found.push(says("objects", Verdict::Wrong, message));
        }
    }
    found.push(uploads(bucket, &probe).await?);
    found.push(versioning(bucket).await?);
    found.push(lifecycle::diagnose(bucket, apply).await?);
    Ok(found)
}

fn encryption(bucket: &Bucket) -> &'static str {
    if bucket.location.encryption.is_some() { ", encrypted by the server," } else { "" }
}

/// Whether multipart uploads can be started, listed and aborted.
async fn uploads(bucket: &Bucket, object: &str) -> Result<Diagnosis> {
    const SUBJECT: &str = "uploads in parts";
    let begun = match bucket.begin_multipart(object).send().await {
        Ok(begun) => begun.upload_id.unwrap_or_default(),
        Err(error) if cause(&error) == Cause::Transient => return Err(failed("begin an upload", &error).into()),
        Err(error) => {
            let message = format!("cannot be begun ({}): allow s3:PutObject", detail(&error));
            return Ok(says(SUBJECT, Verdict::Wrong, message));
        }
    };
    let listed = cleanup::uploads(bucket, &bucket.area(BlobPrefix::Uploads)).await;
    let request = bucket.client.abort_multipart_upload().bucket(&bucket.location.bucket).key(object);
    if let Err(error) = request.upload_id(&begun).send().await {
        let message = format!("cannot be aborted ({}): allow s3:AbortMultipartUpload", detail(&error));
        return Ok(says(SUBJECT, Verdict::Wrong, message));
    }
    Ok(match listed {
        Ok(Some(listed)) if listed.iter().any(|upload| upload.id == begun) => {
            says(SUBJECT, Verdict::Fine, "are begun, listed and aborted".to_owned())
        }
        Ok(_) => says(
            SUBJECT,
            Verdict::Warning,
            "are not listed by this server: those of killed processes are found by the notes that lie beside them, except \
             where a process was killed before it wrote one; abort these by the server's own means now and then"
                .to_owned(),
        ),
        Err(failure) => {
            let message = format!("cannot be listed ({}): allow s3:ListBucketMultipartUploads", causes(&failure.error));
            says(SUBJECT, Verdict::Wrong, message)
        }
    })
}

/// Whether deleting an object really deletes it.
async fn versioning(bucket: &Bucket) -> Result<Diagnosis> {
    const SUBJECT: &str = "versions";
    let asked = bucket.client.get_bucket_versioning().bucket(&bucket.location.bucket).send().await;
    Ok(match asked {
        Ok(answer) if answer.status() == Some(&BucketVersioningStatus::Enabled) => says(
            SUBJECT,
            Verdict::Wrong,
            "the bucket keeps old versions, so deleted uploads stay in it: suspend versioning, or use another bucket"
                .to_owned(),
        ),
        Ok(_) => says(SUBJECT, Verdict::Fine, "none are kept of deleted uploads".to_owned()),
        Err(error) => match cause(&error) {
            Cause::Unsupported => says(SUBJECT, Verdict::Fine, "this server keeps none".to_owned()),
            Cause::Refused => says(
                SUBJECT,
                Verdict::Warning,
                "may not be asked about: allow s3:GetBucketVersioning, or see that versioning is off".to_owned(),
            ),
            _ => return Err(failed("ask whether the bucket keeps versions", &error).into()),
        },
    })
}

fn says(subject: &'static str, verdict: Verdict, message: String) -> Diagnosis {
    Diagnosis { subject, verdict, message }
}

fn causes(error: &Error) -> String {
    std::error::Error::source(error).unwrap_or(error).to_string()
}
