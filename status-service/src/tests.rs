//! A real server on loopback over the embedded stores, and a real client.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use rethread_model::{
    Change, Ending, ImportOptions, ImportSummary, Job, JobError, JobId, MappingRule, NewJob, Role, SystemClock, Tally,
};
use rethread_proto::v1;
use rethread_proto::v1::status_service_client::StatusServiceClient;
use rethread_runtime::{
    AuthConfig, Authenticator, Context, JwksPlace, JwtConfig, Lifecycle, SignIn, StatusConfig, bind,
};
use rethread_runtime::{Urls, open_backends};
use rethread_stores::{NewToken, change, create_token};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Request};

struct Service {
    context: Context,
    channel: Channel,
    ended: JoinHandle<anyhow::Result<()>>,
    made: u8,
    _directory: TempDir,
}

impl Service {
    async fn start() -> Self {
        Self::start_with(&AuthConfig::default()).await
    }

    async fn start_with(auth: &AuthConfig) -> Self {
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
        let context = Context::new(backends, clock, Lifecycle::new());
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let running = context.clone();
        let auth = Authenticator::new(&context, auth).unwrap();
        let ended = tokio::spawn(async move { crate::run(running, &StatusConfig::default(), auth, listener).await });
        let channel = Channel::from_shared(url).unwrap().connect().await.unwrap();
        Self { context, channel, ended, made: 0, _directory: directory }
    }

    fn client(&self) -> StatusServiceClient<Channel> {
        StatusServiceClient::new(self.channel.clone())
    }

    async fn token(&self, account: &str, role: Role) -> String {
        let new = NewToken { account: account.parse().unwrap(), name: "ann".to_owned(), role, expires_at: None };
        let accounts = self.context.backends.accounts.as_ref();
        let (_, text) = create_token(accounts, self.context.clock.as_ref(), new).await.unwrap();
        text.expose().to_owned()
    }

    async fn job(&mut self, account: &str) -> Job {
        self.job_with(account, ImportOptions::default()).await
    }

    async fn job_with(&mut self, account: &str, options: ImportOptions) -> Job {
        self.made += 1;
        let now = self.context.clock.now();
        let new = NewJob {
            id: JobId::new(now, &[self.made; 10]),
            account: account.parse().unwrap(),
            started_by: "ann".to_owned(),
            file_name: Some("export.xml".to_owned()),
            spec: options.into(),
        };
        let job = Job::new(new, now);
        self.context.backends.jobs.create(&job).await.unwrap();
        job
    }

    async fn change(&self, job: &Job, step: Change) {
        let jobs = self.context.backends.jobs.as_ref();
        change(jobs, self.context.clock.as_ref(), &job.account, job.id, step).await.unwrap().unwrap();
    }

    async fn fail(&self, job: &Job) {
        let error = JobError { code: "truncated".to_owned(), message: "it ends too early".to_owned(), offset: Some(7) };
        for step in [
            Change::Fault(error),
            Change::FinishStarted,
            Change::Ended(
                ImportSummary { pages: 2, removed: Some(3), ..ImportSummary::default() },
                Ending::Partial(Tally::default()),
            ),
        ] {
            self.change(job, step).await;
        }
    }
}

fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

fn get(job: &Job) -> v1::GetJobRequest {
    v1::GetJobRequest { job_id: job.id.to_string() }
}

fn watch(job: &Job, after_revision: u64) -> v1::WatchJobRequest {
    v1::WatchJobRequest { job_id: job.id.to_string(), after_revision }
}

#[tokio::test]
async fn nobody_comes_in_without_a_token() {
    let mut service = Service::start().await;
    let job = service.job("acme").await;
    let good = service.token("acme", Role::Admin).await;
    let wrong = format!("{}A", &good[..good.len() - 1]);
    let wrong = if wrong == good { format!("{}B", &good[..good.len() - 1]) } else { wrong };

    let anonymous = service.client().get_job(get(&job)).await.unwrap_err();
    assert_eq!(anonymous.code(), Code::Unauthenticated);
    let forged = service.client().get_job(with_token(get(&job), &wrong)).await.unwrap_err();
    assert_eq!((forged.code(), forged.message()), (Code::Unauthenticated, "the token is not valid"));
    assert_eq!(service.client().watch_job(watch(&job, 0)).await.unwrap_err().code(), Code::Unauthenticated);
    let list = service.client().list_jobs(v1::ListJobsRequest::default()).await.unwrap_err();
    assert_eq!(list.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_session_is_a_token_like_any_other() {
    let mut service = Service::start().await;
    let (ours, theirs) = (service.job("acme").await, service.job("globex").await);
    let auth = Authenticator::new(&service.context, &AuthConfig::default()).unwrap();
    let token = service.token("acme", Role::Admin).await;
    let session = auth.open_session(SignIn::Token(&token)).await.unwrap();
    let found = service.client().get_job(with_token(get(&ours), session.text.expose())).await;
    assert!(found.is_ok(), "{found:?}");
    let hidden = service.client().get_job(with_token(get(&theirs), session.text.expose())).await.unwrap_err();
    assert_eq!(hidden.code(), Code::NotFound);
    let id = token[3..19].parse().unwrap();
    let now = service.context.clock.now();
    assert!(service.context.backends.accounts.revoke(&ours.account, &id, now).await.unwrap());
    let ended = service.client().get_job(with_token(get(&ours), session.text.expose())).await.unwrap_err();
    assert_eq!(ended.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn tokens_of_an_identity_provider_are_taken_if_it_is_configured() {
    // The PKCS#8 document of an Ed25519 key (RFC 8410, section 7), which ends with a seed of 32
    // bytes.
    let prefix = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    let key = EncodingKey::from_ed_der(&[&prefix[..], &[7; 32]].concat());
    let public = Jwk::from_encoding_key(&key, Algorithm::EdDSA).unwrap();
    let keys = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(keys.path(), serde_json::json!({"keys": [public]}).to_string()).unwrap();
    let jwt = JwtConfig {
        issuer: "https://id.example".to_owned(),
        audience: "rethread".to_owned(),
        jwks: JwksPlace::File(keys.path().to_owned()),
        account_claim: "account".to_owned(),
        role_claim: "role".to_owned(),
        name_claim: "name".to_owned(),
    };
    let token = |audience: &str, role: &str| {
        let claims = serde_json::json!({"iss": "https://id.example", "aud": audience, "sub": "f7",
                                        "exp": 4_000_000_000_u64, "account": "acme", "role": role});
        jsonwebtoken::encode(&jsonwebtoken::Header::new(Algorithm::EdDSA), &claims, &key).unwrap()
    };
    let mut service = Service::start_with(&AuthConfig { jwt: Some(jwt), ..AuthConfig::default() }).await;
    let (ours, theirs) = (service.job("acme").await, service.job("globex").await);
    let (admin, reader) = (token("rethread", "admin"), token("rethread", "service"));
    assert!(service.client().get_job(with_token(get(&ours), &admin)).await.is_ok());
    let hidden = service.client().get_job(with_token(get(&theirs), &admin)).await.unwrap_err();
    assert_eq!(hidden.code(), Code::NotFound);
    assert!(service.client().get_job(with_token(get(&theirs), &reader)).await.is_ok());
    let for_others = service.client().get_job(with_token(get(&ours), &token("another", "admin"))).await.unwrap_err();
    assert_eq!((for_others.code(), for_others.message()), (Code::Unauthenticated, "the token is not valid"));

    let mut without = Service::start().await;
    let job = without.job("acme").await;
    let refused = without.client().get_job(with_token(get(&job), &admin)).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn an_admin_sees_its_account_and_a_service_sees_all() {
    let mut service = Service::start().await;
    let (ours, theirs) = (service.job("acme").await, service.job("globex").await);
    let admin = service.token("acme", Role::Admin).await;

    let shown = service.client().get_job(with_token(get(&ours), &admin)).await.unwrap().into_inner();
    assert_eq!(Job::try_from(shown).unwrap(), ours);
    let hidden = service.client().get_job(with_token(get(&theirs), &admin)).await.unwrap_err();
    let absent = v1::GetJobRequest { job_id: "018f0000-0000-7000-8000-000000000000".to_owned() };
    let absent = service.client().get_job(with_token(absent, &admin)).await.unwrap_err();
    assert_eq!((hidden.code(), hidden.message()), (absent.code(), absent.message()), "nobody learns which exist");
    assert_eq!(hidden.code(), Code::NotFound);
    let unwatchable = service.client().watch_job(with_token(watch(&theirs, 0), &admin)).await.unwrap_err();
    assert_eq!(unwatchable.code(), Code::NotFound);

    let list = async |token: &str, account: &str| {
        let request = v1::ListJobsRequest { account: account.to_owned(), ..Default::default() };
        let jobs = service.client().list_jobs(with_token(request, token)).await.unwrap().into_inner().jobs;
        jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(list(&admin, "").await, [ours.id.to_string()]);
    assert!(list(&admin, "globex").await.is_empty());
    for role in [Role::Service, Role::Operator] {
        let token = service.token("internal", role).await;
        assert_eq!(list(&token, "").await.len(), 2);
        assert_eq!(list(&token, "globex").await, [theirs.id.to_string()]);
        assert!(service.client().get_job(with_token(get(&theirs), &token)).await.is_ok());
    }
}

#[tokio::test]
async fn lists_come_in_pages_newest_first() {
    let mut service = Service::start().await;
    let mut newest_first = Vec::new();
    for _ in 0..5 {
        newest_first.insert(0, service.job("acme").await.id.to_string());
    }
    // Ids created within one millisecond are ordered by their random part, which increases here.
    let token = service.token("acme", Role::Admin).await;
    let (mut listed, mut sizes, mut page_token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let request = v1::ListJobsRequest { page_size: 2, page_token, ..Default::default() };
        let page = service.client().list_jobs(with_token(request, &token)).await.unwrap().into_inner();
        sizes.push(page.jobs.len());
        listed.extend(page.jobs.into_iter().map(|job| job.id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!((listed, sizes), (newest_first, vec![2, 2, 1]));
}

/// Each job carries a mapping table of 50 kB, as large as the API takes.
#[tokio::test]
async fn lists_of_large_jobs_end_before_clients_refuse_them() {
    const JOBS: usize = 100;
    let mut service = Service::start().await;
    let rule = |number| MappingRule { from: format!("old.example/{number:030}"), to: "new.example".to_owned() };
    let options = ImportOptions { mapping: (0..1_000).map(rule).collect(), ..ImportOptions::default() };
    for _ in 0..JOBS {
        service.job_with("acme", options.clone()).await;
    }
    let token = service.token("acme", Role::Admin).await;
    let (mut listed, mut pages, mut page_token) = (BTreeSet::new(), 0, String::new());
    loop {
        let request = v1::ListJobsRequest { page_size: 200, page_token, ..Default::default() };
        let page = service.client().list_jobs(with_token(request, &token)).await.unwrap().into_inner();
        listed.extend(page.jobs.into_iter().map(|job| job.id));
        pages += 1;
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed.len(), JOBS);
    assert!(pages > 1, "all of them are more than a message may hold");
}

#[tokio::test]
async fn lists_can_be_narrowed_by_state() {
    let mut service = Service::start().await;
    let (failed, _queued) = (service.job("acme").await, service.job("acme").await);
    service.fail(&failed).await;
    let token = service.token("acme", Role::Admin).await;
    let request = v1::ListJobsRequest { state: v1::JobState::Failed.into(), ..Default::default() };
    let jobs = service.client().list_jobs(with_token(request, &token)).await.unwrap().into_inner().jobs;
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].id, failed.id.to_string());
    let receipt = jobs[0].receipt.as_ref().unwrap();
    assert_eq!((receipt.pages, receipt.removed), (2, Some(3)));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_the_name_of_the_field() {
    let service = Service::start().await;
    let token = service.token("acme", Role::Admin).await;
    let listed = async |request: v1::ListJobsRequest| {
        let status = service.client().list_jobs(with_token(request, &token)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        status.message().to_owned()
    };
    assert!(listed(v1::ListJobsRequest { state: 42, ..Default::default() }).await.contains("state"));
    let account = v1::ListJobsRequest { account: "A B".to_owned(), ..Default::default() };
    assert!(listed(account).await.contains("account"));
    let page_token = v1::ListJobsRequest { page_token: "next".to_owned(), ..Default::default() };
    assert!(listed(page_token).await.contains("page_token"));
    let id = v1::GetJobRequest { job_id: "1".to_owned() };
    assert_eq!(service.client().get_job(with_token(id, &token)).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_watch_follows_a_job_to_its_end_and_another_resumes_where_it_broke() {
    let mut service = Service::start().await;
    let job = service.job("acme").await;
    let token = service.token("acme", Role::Admin).await;
    let mut first = service.client().watch_job(with_token(watch(&job, 0), &token)).await.unwrap().into_inner();
    let began = first.message().await.unwrap().unwrap();
    assert_eq!((began.revision, began.state()), (1, v1::JobState::Queued), "the present one comes at once");
    service.change(&job, Change::Uploaded { bytes: 9, sha256: "00".to_owned() }).await;
    let uploaded = first.message().await.unwrap().unwrap();
    assert_eq!((uploaded.revision, uploaded.phase.as_str()), (2, "planning"));
    drop(first);

    service.change(&job, Change::AttemptStarted).await;
    let resumed = watch(&job, uploaded.revision);
    let mut second = service.client().watch_job(with_token(resumed, &token)).await.unwrap().into_inner();
    let missed = second.message().await.unwrap().unwrap();
    assert_eq!((missed.revision, missed.state()), (3, v1::JobState::Running), "what happened in between is there");

    let (last, ()) = tokio::join!(
        async {
            let mut seen = missed;
            while let Some(next) = second.message().await.unwrap() {
                assert!(next.revision > seen.revision);
                seen = next;
            }
            seen
        },
        service.fail(&job),
    );
    assert_eq!(last.state(), v1::JobState::Failed);
    assert_eq!(last.error.unwrap().offset, Some(7));

    let whole = watch(&job, last.revision);
    let mut after_the_end = service.client().watch_job(with_token(whole, &token)).await.unwrap().into_inner();
    assert!(after_the_end.message().await.unwrap().is_none(), "who has seen the last state waits for nothing");
}

#[tokio::test]
async fn a_soft_stop_ends_watches_so_that_clients_resume() {
    let mut service = Service::start().await;
    let job = service.job("acme").await;
    let token = service.token("acme", Role::Service).await;
    let mut watching = service.client().watch_job(with_token(watch(&job, 0), &token)).await.unwrap().into_inner();
    assert!(watching.message().await.unwrap().is_some());
    let mut health = tonic_health::pb::health_client::HealthClient::new(service.channel.clone());
    let check = tonic_health::pb::HealthCheckRequest { service: String::new() };
    let mut healthy = health.watch(check).await.unwrap().into_inner();
    assert_eq!(healthy.message().await.unwrap().unwrap().status, 1, "serving");

    service.context.lifecycle.stop();
    assert_eq!(watching.message().await.unwrap_err().code(), Code::Unavailable);
    service.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn health_and_reflection_need_no_token() {
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

    let service = Service::start().await;
    let mut health = tonic_health::pb::health_client::HealthClient::new(service.channel.clone());
    let check = tonic_health::pb::HealthCheckRequest { service: "rethread.v1.StatusService".to_owned() };
    assert_eq!(health.check(check).await.unwrap().into_inner().status, 1, "serving");

    let question = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::FileContainingSymbol("rethread.v1.StatusService".to_owned())),
    };
    let mut reflection = ServerReflectionClient::new(service.channel.clone());
    let mut answers = reflection.server_reflection_info(futures::stream::iter([question])).await.unwrap().into_inner();
    match answers.message().await.unwrap().unwrap().message_response.unwrap() {
        MessageResponse::FileDescriptorResponse(files) => assert!(!files.file_descriptor_proto.is_empty()),
        other => panic!("{other:?}"),
    }
}
