//! Lists and deletes what is stored for jobs.

use std::collections::BTreeSet;

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use rethread_model::{AccountId, JobId};
use rethread_stores::BlobPrefix;

use super::bucket::Bucket;
use super::failure::{Cause, Failure, cause, failed};
use super::{multipart, upload_marker};

/// A multipart upload that the server lists.
pub(super) struct Upload {
    pub(super) object: String,
    pub(super) id: String,
}

/// Deletes every object with this prefix, and aborts every upload.
pub(super) async fn delete_all(bucket: &Bucket, prefix: &str) -> Result<(), Failure> {
    // Uploads first, so that none can turn into an object in between.
    for upload in uploads(bucket, prefix).await?.unwrap_or_default() {
        multipart::abort(bucket, &upload.object, &upload.id).await?;
    }
    let mut last = None;
    loop {
        let page = objects_after(bucket, prefix, last.as_deref()).await?;
        let Some(end) = page.last() else { return Ok(()) };
        for note in &page {
            if let Some(object) = upload_marker::noted_object(note)
                && let Some(upload) = upload_marker::upload(bucket, note).await?
            {
                multipart::abort(bucket, object, &upload).await?;
            }
        }
        delete_page(bucket, &page).await?;
        last = Some(end.clone());
    }
}

/// The jobs that have an object or an upload under a prefix.
pub(super) async fn jobs(bucket: &Bucket, area: BlobPrefix) -> Result<Vec<(AccountId, JobId)>, Failure> {
    let prefix = bucket.area(area);
    let mut jobs = BTreeSet::new();
    let mut last: Option<String> = None;
    loop {
        let page = objects_after(bucket, &prefix, last.as_deref()).await?;
        jobs.extend(page.iter().filter_map(|object| job_of(object.strip_prefix(&prefix)?)));
        last = page.last().cloned();
        if last.is_none() {
            break;
        }
    }
    let uploads = uploads(bucket, &prefix).await?.unwrap_or_default();
    jobs.extend(uploads.iter().filter_map(|upload| job_of(upload.object.strip_prefix(&prefix)?)));
    Ok(jobs.into_iter().collect())
}

/// Parses `<account>/<job>/…`; other names were not written by this store.
fn job_of(path: &str) -> Option<(AccountId, JobId)> {
    let mut names = path.split('/');
    Some((names.next()?.parse().ok()?, names.next()?.parse().ok()?))
}

/// The next page of names, in order.
///
/// Continues after the last name rather than with the server's token, so pages may be deleted in
/// between.
async fn objects_after(bucket: &Bucket, prefix: &str, last: Option<&str>) -> Result<Vec<String>, Failure> {
    let request = bucket.client.list_objects_v2().bucket(&bucket.location.bucket).prefix(prefix);
    let listed = request.set_start_after(last.map(str::to_owned)).send().await;
    let listed = listed.map_err(|error| failed(format_args!("list {prefix}"), &error))?;
    Ok(listed.contents.unwrap_or_default().into_iter().filter_map(|object| object.key).collect())
}

/// The uploads of objects with this prefix; `None` if the server cannot list uploads.
pub(super) async fn uploads(bucket: &Bucket, prefix: &str) -> Result<Option<Vec<Upload>>, Failure> {
    let mut found = Vec::new();
    let mut markers = (None, None);
    loop {
        let request = bucket.client.list_multipart_uploads().bucket(&bucket.location.bucket).prefix(prefix);
        let listed = request.set_key_marker(markers.0).set_upload_id_marker(markers.1).send().await;
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) if cause(&error) == Cause::Unsupported => return Ok(None),
            Err(error) => return Err(failed(format_args!("list the uploads of {prefix}"), &error)),
        };
        for upload in listed.uploads.unwrap_or_default() {
            if let (Some(object), Some(id)) = (upload.key, upload.upload_id) {
                found.push(Upload { object, id });
            }
        }
        if listed.is_truncated != Some(true) || listed.next_key_marker.is_none() {
            return Ok(Some(found));
        }
        markers = (listed.next_key_marker, listed.next_upload_id_marker);
    }
}

/// Deletes up to a thousand objects in one request, or one by one if the server does not support
/// that.
async fn delete_page(bucket: &Bucket, objects: &[String]) -> Result<(), Failure> {
    let identifiers = objects.iter().filter_map(|object| ObjectIdentifier::builder().key(object).build().ok());
    let Ok(all) = Delete::builder().set_objects(Some(identifiers.collect())).quiet(true).build() else {
        return delete_one_by_one(bucket, objects).await;
    };
    match bucket.client.delete_objects().bucket(&bucket.location.bucket).delete(all).send().await {
        Ok(answer) if answer.errors().is_empty() => Ok(()),
        Err(error) if cause(&error) == Cause::Transient && !is_refusal(&error) => {
            Err(failed(format_args!("delete {} objects", objects.len()), &error))
        }
        // Some servers lack it, and some require other checksums for it. Deleting one by one also
        // reports the cause.
        Ok(_) | Err(_) => delete_one_by_one(bucket, objects).await,
    }
}

fn is_refusal<E>(error: &aws_sdk_s3::error::SdkError<E>) -> bool {
    error.raw_response().is_some_and(|response| response.status().is_client_error())
}

async fn delete_one_by_one(bucket: &Bucket, objects: &[String]) -> Result<(), Failure> {
    for object in objects {
        bucket.delete(object).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_store_wrote_is_of_a_job() {
        let (account, job): (AccountId, JobId) =
            ("a".parse().unwrap(), JobId::new(rethread_model::Timestamp::UNIX_EPOCH, &[1; 10]));
        assert_eq!(job_of(&format!("a/{job}/upload")), Some((account.clone(), job)));
        assert_eq!(job_of(&format!("a/{job}/upload.writing-00ff")), Some((account, job)));
        for other in ["", "a", "doctor/probe", "A B/upload/x"] {
            assert_eq!(job_of(other), None, "{other}");
        }
    }
}
