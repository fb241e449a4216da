//! The distributed deployment: every role as a separate process, on real servers.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rethread_model::SystemClock;
use rethread_runtime::{Urls, open_backends};
use rethread_stores::Backends;
use tempfile::TempPath;

use crate::binary::{UNHURRIED, command};
use crate::rows::Store;
use crate::servers::S3Place;
use crate::{Api, Finished, Proxy, Role, Rows, Servers, free_address};

/// Settings that let the janitor find within seconds what it otherwise finds within minutes.
const IMPATIENT: [(&str, &str); 2] =
    [("RETHREAD_WORKER__JANITOR_INTERVAL", "2s"), ("RETHREAD_WORKER__OVERDUE_AFTER", "10s")];

/// The configuration of a deployment.
#[derive(Debug)]
pub struct Blueprint {
    servers: Servers,
    workers: usize,
    has_proxies: bool,
    environment: Vec<(String, String)>,
}

impl Blueprint {
    /// With this number of import workers.
    #[must_use]
    pub fn workers(mut self, count: usize) -> Self {
        self.workers = count;
        self
    }

    /// Puts a proxy into every link (see [`Links`]).
    #[must_use]
    pub fn through_proxies(mut self) -> Self {
        self.has_proxies = true;
        self
    }

    /// With a setting, such as `RETHREAD_WORKER__SLOTS`, for every process.
    #[must_use]
    pub fn set(mut self, variable: &str, value: &str) -> Self {
        self.environment.push((variable.to_owned(), value.to_owned()));
        self
    }

    /// Starts every process and waits until all are ready.
    pub async fn start(self) -> Deployment {
        let mut deployment = Deployment::prepare(self).await;
        for role in deployment.roles() {
            role.start();
        }
        for role in deployment.roles() {
            role.is_ready().await;
        }
        deployment
    }
}

/// The links of a deployment, each of which can be broken.
#[derive(Debug)]
pub struct Links {
    /// To S3.
    pub blobs: Proxy,
    /// To Redis.
    pub jobs: Proxy,
    /// To RabbitMQ.
    pub queue: Proxy,
    /// To `PostgreSQL`.
    pub comments: Proxy,
    /// From the gateway to the status service.
    pub status: Proxy,
}

/// A running deployment, with a dedicated bucket, database and queues. Its processes end when it is
/// dropped; if that is because the scenario failed, the last lines of their logs are printed.
#[derive(Debug)]
pub struct Deployment {
    /// The servers that it runs on.
    pub servers: Servers,
    links: Option<Links>,
    /// The gateway.
    pub gateway: Role,
    /// The status service.
    pub status: Role,
    /// The notifier.
    pub notifier: Role,
    /// The import workers.
    pub workers: Vec<Role>,
    /// The HTTP API.
    pub api: Api,
    /// Where the status service listens.
    pub grpc: SocketAddr,
    name: String,
    uploads: S3Place,
    redis_database: u32,
    /// The configuration of every process.
    environment: Vec<(String, String)>,
    folder: tempfile::TempDir,
}

impl Deployment {
    /// A deployment on these servers, by default with one worker and no proxies.
    #[must_use]
    pub fn on(servers: Servers) -> Blueprint {
        let environment = IMPATIENT.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Blueprint { servers, workers: 1, has_proxies: false, environment }
    }

    async fn prepare(blueprint: Blueprint) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let Blueprint { servers, workers, has_proxies, environment: settings } = blueprint;
        let redis_database = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{:08x}", rand::random::<u32>());
        servers.postgres.create_database(&name).await;
        let uploads = servers.s3.place(&name).await;
        let (http, grpc) = (free_address(), free_address());
        let links = if has_proxies { Some(Links::to(&servers, grpc).await) } else { None };
        let through = |link: fn(&Links) -> &Proxy| links.as_ref().map(|links| link(links).address());
        let status = through(|links| &links.status).unwrap_or(grpc);
        let mut environment = servers.s3.environment().to_vec();
        let places = [
            ("RETHREAD_BLOBS", uploads.url(through(|links| &links.blobs))),
            ("RETHREAD_JOBS", servers.redis.url(redis_database, through(|links| &links.jobs))),
            ("RETHREAD_QUEUE", servers.rabbitmq.url(&name, through(|links| &links.queue))),
            ("RETHREAD_COMMENTS", servers.postgres.url(&name, through(|links| &links.comments))),
            ("RETHREAD_HTTP", http.to_string()),
            ("RETHREAD_GRPC", grpc.to_string()),
            ("RETHREAD_STATUS", format!("http://{status}")),
        ];
        environment.extend(places.map(|(variable, value)| (variable.to_owned(), value)));
        environment.extend(UNHURRIED.map(|(variable, value)| (variable.to_owned(), value.to_owned())));
        environment.extend(settings);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let role = |role, name: &str| Role::new(role, name, folder.path(), &environment);
        let (gateway, status) = (role("gateway", "gateway"), role("status", "status"));
        let notifier = role("notifier", "notifier");
        let mut deployment = Self {
            links,
            gateway,
            status,
            notifier,
            workers: Vec::new(),
            api: Api::new(http),
            grpc,
            name,
            uploads,
            redis_database,
            environment,
            folder,
            servers,
        };
        for _ in 0..workers {
            deployment.add_worker();
        }
        deployment
    }

    /// Every process, the workers last.
    pub fn roles(&mut self) -> impl Iterator<Item = &mut Role> {
        [&mut self.gateway, &mut self.status, &mut self.notifier].into_iter().chain(&mut self.workers)
    }

    /// An additional worker, not started yet.
    pub fn add_worker(&mut self) -> &mut Role {
        let name = format!("worker-{}", self.workers.len() + 1);
        self.workers.push(Role::new("worker", &name, self.folder.path(), &self.environment));
        self.workers.last_mut().expect("it was just added")
    }

    /// Kills all processes (SIGKILL) and starts each again.
    pub async fn restart(&mut self) {
        self.kill_all();
        self.start_again().await;
    }

    /// See [`crate::System::save_comments`].
    pub async fn save_comments(&self) -> TempPath {
        self.servers.postgres.dump(&self.name).await
    }

    /// See [`crate::System::restart_with_comments`].
    pub async fn restart_with_comments(&mut self, saved: &Path) {
        self.kill_all();
        self.servers.postgres.restore(&self.name, saved).await;
        self.start_again().await;
    }

    /// See [`crate::System::disturb_last_blob`].
    pub async fn disturb_last_blob(&self, name: &str, fault: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>) {
        self.uploads.disturb_last(name, fault).await;
    }

    fn kill_all(&mut self) {
        self.kill_workers();
        for role in [&mut self.gateway, &mut self.status, &mut self.notifier] {
            role.kill();
        }
    }

    async fn start_again(&mut self) {
        for role in self.roles() {
            role.start();
        }
        for role in self.roles() {
            role.is_ready().await;
        }
    }

    /// Kills all workers (SIGKILL) at once. One that still ran would start the task of a dead one
    /// and be killed on the same task, which looks like a task that crashes workers.
    pub fn kill_workers(&mut self) {
        for worker in &self.workers {
            worker.signal("STOP");
        }
        for worker in &mut self.workers {
            worker.kill();
        }
    }

    /// The proxies; the scenario requested them by [`Blueprint::through_proxies`].
    #[must_use]
    pub fn links(&self) -> &Links {
        self.links.as_ref().expect("the deployment was started through proxies")
    }

    /// Runs a command of the binary `rethread` on this deployment's stores.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Finished {
        let mut command = command("rethread");
        command.arg("--data").arg(self.folder.path().join("data")).args(arguments).current_dir(self.folder.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        command.output().expect("the binary runs").into()
    }

    /// Creates an admin's token, as an operator does.
    #[must_use]
    pub fn token(&self, account: &str) -> String {
        let made = self.run(&["token", "create", "--account", account, "--name", "ann"]);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        made.stdout.trim().to_owned()
    }

    /// All comments, threads, authors and pages, by natural keys.
    pub async fn rows(&self) -> Rows {
        Store::Distributed(self.database().await).rows().await
    }

    /// Its stores as a process of the test would use them, bypassing all links. S3 is left out: its
    /// credentials come from the environment, which a test process does not change (see
    /// [`Deployment::files`]).
    pub async fn stores(&self) -> Backends {
        let urls = Urls {
            blobs: format!("file:{}", self.folder.path().join("blobs").display()),
            jobs: self.servers.redis.url(self.redis_database, None),
            queue: "memory:".to_owned(),
            comments: self.servers.postgres.url(&self.name, None),
        };
        open_backends(&urls, Arc::new(SystemClock)).await.expect("the stores open")
    }

    /// The uploads and exports on the S3 server, unfinished ones included.
    pub async fn files(&self) -> Vec<String> {
        self.uploads.everything().await
    }

    /// The addresses on the S3 server of everything in [`Deployment::files`], and of the bucket
    /// itself.
    pub async fn file_addresses(&self) -> Vec<String> {
        self.uploads.addresses().await
    }

    /// A client of its database.
    pub async fn database(&self) -> tokio_postgres::Client {
        self.servers.postgres.connect(&self.name).await.expect("the database can be reached")
    }

    /// The prefix of its queues' names.
    #[must_use]
    pub fn queue_prefix(&self) -> &str {
        &self.name
    }

    /// The logs of all processes.
    #[must_use]
    pub fn log(&self) -> String {
        let named = [&self.gateway, &self.status, &self.notifier];
        named.into_iter().chain(&self.workers).map(Role::log).collect()
    }
}

impl Links {
    async fn to(servers: &Servers, status: SocketAddr) -> Self {
        Self {
            blobs: Proxy::to(servers.s3.address()).await,
            jobs: Proxy::to(servers.redis.address()).await,
            queue: Proxy::to(servers.rabbitmq.address()).await,
            comments: Proxy::to(servers.postgres.address()).await,
            status: Proxy::to(status).await,
        }
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for role in self.roles() {
                role.print_log();
            }
        }
    }
}
