//! The operations of s3s-fs, and those that it lacks and Rethread needs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, BucketLifecycleConfiguration, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CreateBucketInput, CreateBucketOutput, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput,
    GetBucketLifecycleConfigurationInput, GetBucketLifecycleConfigurationOutput, GetBucketLocationInput,
    GetBucketLocationOutput, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput,
    HeadObjectOutput, ListBucketsInput, ListBucketsOutput, ListMultipartUploadsInput, ListMultipartUploadsOutput,
    ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, ListPartsInput, ListPartsOutput,
    MultipartUpload, PutBucketLifecycleConfigurationInput, PutBucketLifecycleConfigurationOutput, PutObjectInput,
    PutObjectOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use tokio::sync::Mutex;

/// Objects as files. s3s-fs lacks the list of unfinished uploads, `If-Match` when reading, and
/// lifecycle rules (stored here, but not applied).
#[derive(Debug)]
pub(super) struct Objects {
    files: FileSystem,
    root: PathBuf,
    rules: Mutex<HashMap<String, BucketLifecycleConfiguration>>,
}

impl Objects {
    pub(super) fn new(root: &Path) -> Self {
        let files = FileSystem::new(root).expect("the folder is there");
        Self { files, root: root.to_owned(), rules: Mutex::default() }
    }

    /// Key and id of each unfinished upload in a bucket. s3s-fs keeps `.upload-ID.json` while an
    /// upload is unfinished, and its key in the name of
    /// `.bucket-BUCKET.object-KEY.upload-ID.metadata.json`, both in base64.
    fn unfinished(&self, bucket: &str) -> Vec<(String, String)> {
        let of_bucket = format!(".bucket-{}.object-", BASE64_URL_SAFE_NO_PAD.encode(bucket));
        let names = std::fs::read_dir(&self.root).into_iter().flatten().flatten();
        let mut found: Vec<(String, String)> = names
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let (key, rest) = name.strip_prefix(&of_bucket)?.split_once(".upload-")?;
                let id = rest.strip_suffix(".metadata.json")?;
                let key = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(key).ok()?).ok()?;
                self.root.join(format!(".upload-{id}.json")).exists().then(|| (key, id.to_owned()))
            })
            .collect();
        found.sort();
        found
    }
}

#[async_trait::async_trait]
impl S3 for Objects {
    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let expected = request.input.if_match.clone();
        let answer = self.files.get_object(request).await?;
        match (expected.as_ref().and_then(|expected| expected.as_etag()), &answer.output.e_tag) {
            (Some(expected), Some(found)) if !expected.strong_cmp(found) => Err(s3_error!(PreconditionFailed)),
            _ => Ok(answer),
        }
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let ListMultipartUploadsInput { bucket, prefix, .. } = request.input;
        let wanted = prefix.as_deref().unwrap_or_default();
        let uploads = self
            .unfinished(&bucket)
            .into_iter()
            .filter(|(key, _)| key.starts_with(wanted))
            .map(|(key, id)| MultipartUpload { key: Some(key), upload_id: Some(id), ..Default::default() })
            .collect();
        Ok(S3Response::new(ListMultipartUploadsOutput {
            bucket: Some(bucket),
            prefix,
            uploads: Some(uploads),
            is_truncated: Some(false),
            ..Default::default()
        }))
    }

    async fn put_bucket_lifecycle_configuration(
        &self,
        request: S3Request<PutBucketLifecycleConfigurationInput>,
    ) -> S3Result<S3Response<PutBucketLifecycleConfigurationOutput>> {
        let PutBucketLifecycleConfigurationInput { bucket, lifecycle_configuration, .. } = request.input;
        let rules = lifecycle_configuration.ok_or_else(|| s3_error!(MalformedXML))?;
        self.rules.lock().await.insert(bucket, rules);
        Ok(S3Response::new(PutBucketLifecycleConfigurationOutput::default()))
    }

    async fn get_bucket_lifecycle_configuration(
        &self,
        request: S3Request<GetBucketLifecycleConfigurationInput>,
    ) -> S3Result<S3Response<GetBucketLifecycleConfigurationOutput>> {
        let Some(rules) = self.rules.lock().await.get(&request.input.bucket).cloned() else {
            return Err(s3_error!(NoSuchLifecycleConfiguration));
        };
        let output = GetBucketLifecycleConfigurationOutput { rules: Some(rules.rules), ..Default::default() };
        Ok(S3Response::new(output))
    }

    async fn create_bucket(&self, request: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        self.files.create_bucket(request).await
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.files.head_bucket(request).await
    }

    async fn list_buckets(&self, request: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        self.files.list_buckets(request).await
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.files.get_bucket_location(request).await
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        self.files.head_object(request).await
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        self.files.put_object(request).await
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.files.delete_object(request).await
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        self.files.delete_objects(request).await
    }

    async fn list_objects(&self, request: S3Request<ListObjectsInput>) -> S3Result<S3Response<ListObjectsOutput>> {
        self.files.list_objects(request).await
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.files.list_objects_v2(request).await
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.files.create_multipart_upload(request).await
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        self.files.upload_part(request).await
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        self.files.list_parts(request).await
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        self.files.complete_multipart_upload(request).await
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.files.abort_multipart_upload(request).await
    }
}
