//! The client of one bucket: credentials, timeouts, retries.

use std::sync::Arc;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::SharedHttpClient;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    ProvideCredentials as _, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use aws_sdk_s3::operation::create_multipart_upload::builders::CreateMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::types::ServerSideEncryption;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use rethread_stores::retry::{Backoff, retry};
use rethread_stores::{BlobKey, BlobPrefix, Error, ErrorKind, Result};
use tokio::time::timeout;

use super::failure::{Failure, unless_missing, unusable};
use super::location::{Encryption, Location};
use super::parts::PartBuffers;

/// For establishing a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// From the first byte of a request, its body included, to the first byte of the response: 8 MiB
/// over 1.2 Mbit/s.
const ATTEMPT_TIMEOUT: Duration = Duration::from_mins(1);
/// For a request with all the SDK's attempts.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(150);
const ATTEMPTS: u32 = 3;
/// A body without progress for this long is aborted.
const STALLED_AFTER: Duration = Duration::from_secs(20);
/// For opening a store, including finding credentials, and for checking it.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);
/// The part of it in which failing requests are retried.
const OPEN_PATIENCE: Duration = Duration::from_secs(7);
/// The region for servers that have none.
const NO_REGION: &str = "us-east-1";

/// One bucket and a prefix in it.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) client: Client,
    pub(super) location: Location,
    pub(super) region: String,
    pub(super) part_buffers: Arc<PartBuffers>,
}

/// The connections of the S3 client and of its credential providers.
fn https_client() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

impl Bucket {
    /// Finds credentials and region, and checks access to the bucket, all within ten seconds.
    pub(super) async fn open(location: Location) -> Result<Self> {
        let name = location.name();
        let opening = async {
            let bucket = Self::connect(location).await?;
            let backoff = Backoff::blob_request().within(OPEN_PATIENCE);
            retry(backoff, || bucket.try_access(ErrorKind::Configuration)).await?;
            Ok(bucket)
        };
        timeout(OPEN_TIMEOUT, opening).await.unwrap_or_else(|_| Err(unreachable(&name)))
    }

    async fn connect(mut location: Location) -> Result<Self> {
        let region = location.region.clone().map(Region::new);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(https_client())
            .timeout_config(timeouts().build())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .stalled_stream_protection(StalledStreamProtectionConfig::enabled().grace_period(STALLED_AFTER).build());
        if let Some(endpoint) = &location.endpoint {
            // Querying a cloud's metadata service for a region would only take time.
            let region = RegionProviderChain::first_try(region)
                .or_else(EnvironmentVariableRegionProvider::new())
                .or_else(Region::from_static(NO_REGION));
            loader = loader.region(region).endpoint_url(endpoint);
        } else if let Some(region) = region {
            loader = loader.region(region);
        }
        let shared = loader.load().await;
        let Some(region) = shared.region().map(ToString::to_string) else {
            let message = "blobs: no region is known: name it by region= in the URL of blobs, or in AWS_REGION";
            return Err(Error::new(ErrorKind::Configuration, message));
        };
        let Some(credentials) = shared.credentials_provider() else {
            return Err(without_credentials());
        };
        if let Err(error) = credentials.provide_credentials().await {
            return Err(without_credentials().because(error));
        }
        location.endpoint = shared.endpoint_url().map(|endpoint| endpoint.trim_end_matches('/').to_owned());
        let config = aws_sdk_s3::config::Builder::from(&shared)
            .force_path_style(location.path_style)
            .request_checksum_calculation(location.checksums)
            .response_checksum_validation(match location.checksums {
                RequestChecksumCalculation::WhenRequired => ResponseChecksumValidation::WhenRequired,
                _ => ResponseChecksumValidation::WhenSupported,
            })
            .build();
        Ok(Self { client: Client::from_conf(config), location, region, part_buffers: Arc::default() })
    }

    /// Checks that the bucket can be used, with the cheapest request that reports the reason if
    /// not.
    pub(super) async fn access(&self) -> Result<()> {
        match timeout(OPEN_TIMEOUT, self.try_access(ErrorKind::Unavailable)).await {
            Ok(asked) => Ok(asked?),
            Err(_) => Err(unreachable(&self.location.name())),
        }
    }

    async fn try_access(&self, kind_of_setup: ErrorKind) -> Result<(), Failure> {
        let asked = self
            .client
            .list_objects_v2()
            .bucket(&self.location.bucket)
            .prefix(self.area(BlobPrefix::Uploads))
            .max_keys(1);
        match asked.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(unusable(&self.location, &error, kind_of_setup)),
        }
    }

    /// A request that writes an object, encrypted as configured in the URL.
    pub(super) fn put(&self, object: &str) -> PutObjectFluentBuilder {
        let (encryption, key) = self.encryption();
        let request = self.client.put_object().bucket(&self.location.bucket).key(object);
        request.set_server_side_encryption(encryption).set_ssekms_key_id(key)
    }

    /// A request that starts a multipart upload, encrypted as configured in the URL.
    pub(super) fn begin_multipart(&self, object: &str) -> CreateMultipartUploadFluentBuilder {
        let (encryption, key) = self.encryption();
        let request = self.client.create_multipart_upload().bucket(&self.location.bucket).key(object);
        request.set_server_side_encryption(encryption).set_ssekms_key_id(key)
    }

    fn encryption(&self) -> (Option<ServerSideEncryption>, Option<String>) {
        match &self.location.encryption {
            None => (None, None),
            Some(Encryption::Store) => (Some(ServerSideEncryption::Aes256), None),
            Some(Encryption::KeyService(key)) => (Some(ServerSideEncryption::AwsKms), key.clone()),
        }
    }

    /// Deletes an object. Succeeds when it does not exist.
    pub(super) async fn delete(&self, object: &str) -> Result<(), Failure> {
        let deleted = self.client.delete_object().bucket(&self.location.bucket).key(object).send().await;
        unless_missing(format_args!("delete {object}"), deleted).map(drop)
    }

    /// The object of a key.
    pub(super) fn object(&self, key: &BlobKey) -> String {
        self.location.object(&key.path())
    }

    /// The prefix of everything under a [`BlobPrefix`].
    pub(super) fn area(&self, area: BlobPrefix) -> String {
        self.location.object(&format!("{}/", area.as_str()))
    }
}

/// The timeouts of requests.
pub(super) fn timeouts() -> aws_sdk_s3::config::timeout::TimeoutConfigBuilder {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(ATTEMPT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
}

fn unreachable(name: &str) -> Error {
    let message = format!("blobs: {name} cannot be reached: see that it runs and can be reached from here");
    Error::new(ErrorKind::Unavailable, message).because(format!("no answer within {} s", OPEN_TIMEOUT.as_secs()))
}

fn without_credentials() -> Error {
    let message = "blobs: no credentials for S3 were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another \
                   of the standard ways";
    Error::new(ErrorKind::Configuration, message)
}
