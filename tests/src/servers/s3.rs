//! An S3 server.

mod objects;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::SdkError;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, JoinSet};

use self::objects::Objects;
use super::debian;
use crate::background::runtime;
use crate::free_address;

const ACCESS_KEY: &str = "rethread-tests";
const SECRET_KEY: &str = "not a secret, nothing but tests uses it";

/// An S3 server: s3s-fs in this process, over HTTP and with signatures; or another one that the
/// environment names.
#[derive(Debug)]
pub struct S3 {
    endpoint: String,
    /// The `AWS_…` variables that a process needs to use it.
    environment: Vec<(String, String)>,
    own: Option<Own>,
    /// The bucket of an external server; otherwise each place gets its own bucket.
    bucket: Option<String>,
}

/// The server in this process.
#[derive(Debug)]
struct Own {
    address: SocketAddr,
    root: PathBuf,
    is_unavailable: Arc<AtomicBool>,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(accepting) = self.accepting.get_mut().take() {
            accepting.abort();
        }
    }
}

impl S3 {
    /// The server that `RETHREAD_TEST_S3_ENDPOINT` and `RETHREAD_TEST_S3_BUCKET` name, with the
    /// credentials of the usual `AWS_…` variables; without these a server in this process.
    pub async fn configured() -> Self {
        let Ok(endpoint) = std::env::var("RETHREAD_TEST_S3_ENDPOINT") else { return Self::start().await };
        let bucket = std::env::var("RETHREAD_TEST_S3_BUCKET");
        let bucket = bucket.expect("RETHREAD_TEST_S3_ENDPOINT needs a bucket in RETHREAD_TEST_S3_BUCKET");
        let environment = std::env::vars().filter(|(name, _)| name.starts_with("AWS_")).collect();
        Self { endpoint, environment, own: None, bucket: Some(bucket) }
    }

    /// A server in this process, which can be stopped and made unavailable.
    pub async fn start() -> Self {
        let address = free_address();
        let root = debian::folder("s3", None);
        let environment = [
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
            ("AWS_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let own = Own { address, root, is_unavailable: Arc::default(), accepting: Mutex::default() };
        let s3 = Self {
            endpoint: format!("http://{address}"),
            environment: environment.into(),
            own: Some(own),
            bucket: None,
        };
        s3.resume().await;
        s3
    }

    fn own(&self) -> &Own {
        self.own.as_ref().expect("a scenario that disturbs S3 starts a server of its own (S3::start)")
    }

    /// Restarts it, on the same port and with the same objects.
    pub async fn resume(&self) {
        let Own { address, root, is_unavailable, accepting } = self.own();
        let service = service(root);
        let listening = runtime().spawn(TcpListener::bind(*address)).await.expect("the runtime lives");
        let listener = listening.expect("the port is free");
        let is_unavailable = Arc::clone(is_unavailable);
        *accepting.lock().await = Some(runtime().spawn(accept(listener, service, is_unavailable)));
    }

    /// Stops it: connections are reset, new ones refused.
    pub async fn stop(&self) {
        let accepting = self.own().accepting.lock().await.take().expect("S3 runs");
        accepting.abort();
        let _ = accepting.await;
    }

    /// Answers 503 to everything from now on, or stops doing so.
    pub fn set_unavailable(&self, is_unavailable: bool) {
        self.own().is_unavailable.store(is_unavailable, Ordering::SeqCst);
    }

    /// Where it listens; for a proxy. Only for a server in this process.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.own().address
    }

    /// Creates a dedicated place for uploads.
    pub async fn place(&self, name: &str) -> S3Place {
        let (bucket, prefix) = match &self.bucket {
            Some(bucket) => (bucket.clone(), name.to_owned()),
            None => (name.to_owned(), "rethread".to_owned()),
        };
        let client = self.client();
        if self.bucket.is_none() {
            client.create_bucket().bucket(&bucket).send().await.expect("a bucket");
        }
        S3Place { client, bucket, prefix, endpoint: self.endpoint.clone() }
    }

    /// The variables that a process needs to use it.
    #[must_use]
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    fn client(&self) -> Client {
        let value = |wanted: &str| {
            let found = self.environment.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone())
        };
        let key = value("AWS_ACCESS_KEY_ID").expect("AWS_ACCESS_KEY_ID is set");
        let secret = value("AWS_SECRET_ACCESS_KEY").expect("AWS_SECRET_ACCESS_KEY is set");
        let region = value("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned());
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .credentials_provider(Credentials::new(key, secret, None, None, "tests"))
            .region(Region::new(region))
            .endpoint_url(&self.endpoint)
            .force_path_style(true)
            .retry_config(RetryConfig::standard())
            .build();
        Client::from_conf(config)
    }
}

/// A bucket and a prefix.
#[derive(Debug, Clone)]
pub struct S3Place {
    client: Client,
    bucket: String,
    prefix: String,
    endpoint: String,
}

impl S3Place {
    /// The URL for `RETHREAD_BLOBS`, through a proxy if there is one.
    #[must_use]
    pub fn url(&self, through: Option<SocketAddr>) -> String {
        let Self { bucket, prefix, .. } = self;
        let endpoint = through.map_or_else(|| self.endpoint.clone(), |address| format!("http://{address}"));
        format!("s3://{bucket}/{prefix}?endpoint={endpoint}&path_style=true")
    }

    /// Puts an object below the prefix, as a third party might. The error contains the status.
    pub async fn put(&self, key: &str, bytes: &[u8]) -> Result<(), String> {
        let object = self.client.put_object().bucket(&self.bucket).key(format!("{}/{key}", self.prefix));
        let sent = object.body(bytes.to_vec().into()).send().await;
        sent.map(drop).map_err(|error| told(&error))
    }

    /// See [`crate::System::disturb_last_blob`].
    pub async fn disturb_last(&self, name: &str, fault: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>) {
        let mut keys = self.everything().await;
        keys.retain(|key| key.rsplit('/').next().is_some_and(|of| of.starts_with(name)));
        keys.sort();
        let key = keys.last().expect("such an object is stored");
        let (bucket, client) = (&self.bucket, &self.client);
        let object = client.get_object().bucket(bucket).key(key).send().await.expect("the object can be read");
        let bytes = object.body.collect().await.expect("the object can be read").to_vec();
        match fault(bytes) {
            Some(bytes) => {
                let put = client.put_object().bucket(bucket).key(key).body(bytes.into());
                put.send().await.expect("the object can be written");
            }
            None => drop(client.delete_object().bucket(bucket).key(key).send().await.expect("it can be deleted")),
        }
    }

    /// Starts a multipart upload below the prefix and abandons it.
    pub async fn begin(&self, key: &str) -> Result<(), String> {
        let upload = self.client.create_multipart_upload().bucket(&self.bucket).key(format!("{}/{key}", self.prefix));
        upload.send().await.map(drop).map_err(|error| told(&error))
    }

    /// Everything below the prefix: keys of objects, and of uploads that were started and neither
    /// finished nor aborted (these end with " (unfinished)").
    pub async fn everything(&self) -> Vec<String> {
        let prefix = format!("{}/", self.prefix);
        let objects = self.client.list_objects_v2().bucket(&self.bucket).prefix(&prefix).send().await;
        let objects = objects.expect("the objects can be listed");
        let uploads = self.client.list_multipart_uploads().bucket(&self.bucket).prefix(&prefix).send().await;
        let uploads = uploads.expect("the uploads can be listed");
        let of_objects = objects.contents().iter().filter_map(|object| object.key().map(str::to_owned));
        let unfinished = uploads.uploads().iter().filter_map(|upload| upload.key());
        of_objects.chain(unfinished.map(|key| format!("{key} (unfinished)"))).collect()
    }

    /// The addresses of everything in [`S3Place::everything`], and of the bucket's own list.
    pub async fn addresses(&self) -> Vec<String> {
        let Self { bucket, prefix, endpoint, .. } = self;
        let keys = self.everything().await;
        let objects = keys.iter().map(|key| format!("{endpoint}/{bucket}/{}", key.trim_end_matches(" (unfinished)")));
        let lists = [String::new(), format!("?list-type=2&prefix={prefix}"), "?uploads".to_owned()];
        objects.chain(lists.map(|list| format!("{endpoint}/{bucket}{list}"))).collect()
    }
}

fn told<E>(error: &SdkError<E>) -> String {
    error.raw_response().map_or_else(|| "no answer".to_owned(), |response| response.status().to_string())
}

fn service(root: &Path) -> S3Service {
    let mut builder = S3ServiceBuilder::new(Objects::new(root));
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    builder.build()
}

/// Serves until it is aborted; all connections end with it.
async fn accept(listener: TcpListener, service: S3Service, is_unavailable: Arc<AtomicBool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                let (service, is_unavailable) = (service.clone(), Arc::clone(&is_unavailable));
                let answer = service_fn(move |request: http::Request<Incoming>| {
                    let (service, is_unavailable) = (service.clone(), is_unavailable.load(Ordering::SeqCst));
                    async move {
                        if is_unavailable { Ok(unavailable()) } else { service.call(request.map(s3s::Body::from)).await }
                    }
                });
                connections.spawn(async move {
                    // A client that disconnects half-way is not a failure of the server.
                    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

fn unavailable() -> http::Response<s3s::Body> {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>ServiceUnavailable</Code></Error>".to_owned();
    let mut response = http::Response::new(s3s::Body::from(body));
    *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
    response
}
