//! A running gateway with everything it needs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use rethread_model::{
    AccountId, Change, FileFacts, ImportOptions, ImportSummary, Job, JobId, JobKind, JobSpec, NewJob, Origin, Phase,
    Reach, Role, SystemClock, Task, TaskKind, Vendor, testing,
};
use rethread_runtime::{AuthConfig, Authenticator, Context, GatewayConfig, Lifecycle, StatusConfig, bind};
use rethread_runtime::{Urls, open_backends};
use rethread_stores::{BlobPrefix, Consumer, NewToken, change, create_token};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;

pub(super) struct Api {
    pub(super) context: Context,
    auth: Authenticator,
    pub(super) address: SocketAddr,
    pub(super) tasks: Box<dyn Consumer<Task>>,
    status_address: SocketAddr,
    status: Option<(Lifecycle, JoinHandle<anyhow::Result<()>>)>,
    gateway: JoinHandle<anyhow::Result<()>>,
    client: Client,
    made: AtomicU8,
    _directory: TempDir,
}

impl Api {
    pub(super) async fn start() -> Self {
        Self::start_with(unhurried()).await
    }

    pub(super) async fn start_with(config: GatewayConfig) -> Self {
        Self::start_with_auth(config, AuthConfig::default()).await
    }

    pub(super) async fn start_with_auth(config: GatewayConfig, auth: AuthConfig) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = |scheme: &str, name: &str| format!("{scheme}:{}", directory.path().join(name).display());
        let urls = Urls {
            blobs: at("file", "blobs"),
            jobs: at("sqlite", "jobs.db"),
            queue: "memory:".to_owned(),
            comments: at("sqlite", "comments.db"),
        };
        let clock = Arc::new(SystemClock);
        let backends = open_backends(&urls, clock.clone()).await.unwrap();
        let tasks = backends.queue.tasks().await.unwrap();
        let context = Context::new(backends, clock, Lifecycle::new());

        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        let status_address = bind(any_port).await.unwrap().local_addr().unwrap();
        let listener = bind(any_port).await.unwrap();
        let address = listener.local_addr().unwrap();
        let auth = Authenticator::new(&context, &auth).unwrap();
        let (running, status_url) = (context.clone(), format!("http://{status_address}"));
        let of_gateway = auth.clone();
        let gateway =
            tokio::spawn(async move { crate::run(running, &config, of_gateway, &status_url, listener).await });
        let mut api = Self {
            context,
            auth,
            address,
            tasks,
            status_address,
            status: None,
            gateway,
            client: rethread_runtime::http_client().build().unwrap(),
            made: AtomicU8::new(0),
            _directory: directory,
        };
        api.start_status().await;
        api
    }

    /// A second gateway on the same stores that shares nothing else with the first.
    pub(super) async fn another(&self, config: GatewayConfig) -> SocketAddr {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (running, status_url) = (self.context.clone(), format!("http://{}", self.status_address));
        let auth = self.auth.clone();
        tokio::spawn(async move { crate::run(running, &config, auth, &status_url, listener).await });
        address
    }

    pub(super) async fn start_status(&mut self) {
        let lifecycle = Lifecycle::new();
        let context = Context { lifecycle: lifecycle.clone(), ..self.context.clone() };
        let listener = bind(self.status_address).await.unwrap();
        let auth = self.auth.clone();
        let ended =
            tokio::spawn(async move { status_service::run(context, &StatusConfig::default(), auth, listener).await });
        self.status = Some((lifecycle, ended));
    }

    pub(super) async fn stop_status(&mut self) {
        if let Some((lifecycle, ended)) = self.status.take() {
            lifecycle.stop();
            ended.await.unwrap().unwrap();
        }
    }

    /// Stops the gateway softly and waits until it has ended.
    pub(super) async fn stop(self) {
        self.context.lifecycle.stop();
        self.gateway.await.unwrap().unwrap();
    }

    pub(super) async fn token(&self, account: &str, role: Role) -> String {
        let new = NewToken { account: account.parse().unwrap(), name: "ann".to_owned(), role, expires_at: None };
        let accounts = self.context.backends.accounts.as_ref();
        let (_, text) = create_token(accounts, self.context.clock.as_ref(), new).await.unwrap();
        text.expose().to_owned()
    }

    pub(super) async fn admin(&self) -> String {
        self.token("acme", Role::Admin).await
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub(super) async fn get(&self, path: &str, token: &str) -> Response {
        self.request(Method::GET, path).bearer_auth(token).send().await.unwrap()
    }

    pub(super) async fn json(&self, path: &str, token: &str) -> Value {
        let response = self.get(path, token).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    pub(super) async fn post(&self, path: &str, token: &str) -> Response {
        self.request(Method::POST, path).bearer_auth(token).send().await.unwrap()
    }

    /// A job of the account `acme` whose upload has begun.
    pub(super) async fn job(&self) -> Job {
        self.job_with(ImportOptions::default()).await
    }

    pub(super) async fn job_with(&self, spec: impl Into<JobSpec>) -> Job {
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        let now = self.context.clock.now();
        let new = NewJob {
            id: JobId::new(now, &[number; 10]),
            account: "acme".parse().unwrap(),
            started_by: "ann".to_owned(),
            file_name: None,
            spec: spec.into(),
        };
        let job = Job::new(new, now);
        self.context.backends.jobs.create(&job).await.unwrap();
        job
    }

    pub(super) async fn change(&self, job: &Job, step: Change) -> Job {
        let jobs = self.context.backends.jobs.as_ref();
        change(jobs, self.context.clock.as_ref(), &job.account, job.id, step).await.unwrap().unwrap()
    }

    pub(super) async fn end(&self, job: &Job) -> Job {
        let stored = self.stored(job.id).await;
        if stored.kind() == JobKind::Import && stored.facts.is_none() && !stored.stopping {
            if stored.phase == Phase::Uploading {
                self.change(job, Change::Uploaded { bytes: 9, sha256: "00".to_owned() }).await;
            }
            self.change(job, Change::AttemptStarted).await;
            let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("forum"), "a test".to_owned());
            self.change(job, Change::Planned { facts, slices: 0, bytes_total: 9, defect: None, sha256: None }).await;
        }
        let finishing = self.change(job, Change::FinishStarted).await;
        self.change(job, Change::Ended(ImportSummary::default(), testing::ending(&finishing))).await
    }

    pub(super) async fn stored(&self, id: JobId) -> Job {
        self.context.backends.jobs.get(&Reach::All, id).await.unwrap().unwrap()
    }

    /// All jobs of all accounts.
    pub(super) async fn jobs(&self) -> Vec<Job> {
        let filter = rethread_stores::JobFilter { limit: 200, ..Default::default() };
        self.context.backends.jobs.list(&Reach::All, &filter).await.unwrap().jobs
    }

    /// The jobs for which parts of an upload are stored.
    pub(super) async fn uploads(&self) -> Vec<(AccountId, JobId)> {
        self.context.backends.blobs.jobs(BlobPrefix::Uploads).await.unwrap()
    }

    /// Waits for the next task.
    pub(super) async fn task(&mut self) -> (JobId, TaskKind) {
        let delivery = self.tasks.next().await.unwrap();
        let found = (delivery.payload.job, delivery.payload.kind);
        delivery.ack().await.unwrap();
        found
    }

    /// Asserts that an interrupted upload left neither an object nor a job that looks alive.
    pub(super) async fn assert_cleared(&self, id: JobId) -> Job {
        assert_eq!(self.uploads().await, []);
        let job = self.stored(id).await;
        assert!(job.stopping, "{job:?}");
        job
    }
}

/// Rate limits that no test reaches by accident.
pub(super) fn unhurried() -> GatewayConfig {
    let many = 1_000_000;
    GatewayConfig {
        rate_per_token: many,
        rate_per_address: many,
        sign_ins_per_address: many,
        ..GatewayConfig::default()
    }
}

/// The problem document of a response.
pub(super) async fn problem(response: Response, status: StatusCode, kind: &str) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let request_id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let document: Value = response.json().await.unwrap();
    assert_eq!(document["type"], format!("urn:rethread:problem:{kind}"), "{document}");
    assert_eq!(document["status"], status.as_u16());
    assert_eq!(document["request_id"], request_id);
    assert!(document["title"].is_string() && document["detail"].is_string(), "{document}");
    document
}
