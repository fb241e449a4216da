//! One system, on either deployment: the same scenario runs on both.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rethread_model::{SystemClock, Timestamp};
use rethread_runtime::{Urls, open_backends};
use rethread_stores::Backends;
use tempfile::TempPath;

use crate::rows::Store;
use crate::{Api, Deployment, Finished, Found, Rethread, Rows, Serve, Servers, files_under};

/// Which implementations of the four seams are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// `rethread serve`: one process, files.
    Embedded,
    /// Four services, S3, Redis, RabbitMQ and `PostgreSQL`.
    Distributed,
}

/// A running system with empty stores.
#[derive(Debug)]
pub struct System {
    environment: Vec<(String, String)>,
    running: Running,
}

#[derive(Debug)]
enum Running {
    Embedded { rethread: Rethread, serve: Serve },
    Distributed(Box<Deployment>),
}

impl System {
    /// Starts one; the distributed deployment with two workers, on the shared servers.
    pub async fn start(side: Side) -> Self {
        Self::start_with(side, &[]).await
    }

    /// [`System::start`] with settings.
    pub async fn start_with(side: Side, settings: &[(&str, &str)]) -> Self {
        let environment: Vec<(String, String)> =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let running = match side {
            Side::Embedded => {
                let rethread = Rethread::new();
                let serve = Serve::start(&rethread, settings).await;
                Running::Embedded { rethread, serve }
            }
            Side::Distributed => {
                let blueprint = Deployment::on(Servers::shared().await).workers(2);
                let blueprint = settings.iter().fold(blueprint, |blueprint, (name, value)| blueprint.set(name, value));
                Running::Distributed(Box::new(blueprint.start().await))
            }
        };
        Self { environment, running }
    }

    /// Kills all processes (SIGKILL), and restarts on the same stores.
    pub async fn restart(&mut self) {
        match &mut self.running {
            Running::Embedded { rethread, serve } => {
                serve.kill();
                let settings: Vec<(&str, &str)> =
                    self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                *serve = Serve::start(rethread, &settings).await;
            }
            Running::Distributed(deployment) => deployment.restart().await,
        }
    }

    /// A copy of the comment store's current state, as a backup makes one.
    pub async fn save_comments(&self) -> TempPath {
        match &self.running {
            Running::Embedded { rethread, .. } => save_file(&rethread.data().join("comments.db")),
            Running::Distributed(deployment) => deployment.save_comments().await,
        }
    }

    /// Kills all processes (SIGKILL), and restarts with the saved comment store and everything else
    /// unchanged.
    pub async fn restart_with_comments(&mut self, saved: &Path) {
        match &mut self.running {
            Running::Embedded { rethread, serve } => {
                serve.kill();
                let file = rethread.data().join("comments.db");
                for rest in ["-wal", "-shm"] {
                    // These files do not exist if the last writer checkpointed its log.
                    let _ = std::fs::remove_file(rethread.data().join(format!("comments.db{rest}")));
                }
                std::fs::copy(saved, file).expect("the file can be put back");
                let settings: Vec<(&str, &str)> =
                    self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                *serve = Serve::start(rethread, &settings).await;
            }
            Running::Distributed(deployment) => deployment.restart_with_comments(saved).await,
        }
    }

    /// Changes the last stored blob, by name, of those whose name has this prefix: `None` deletes
    /// it.
    pub async fn disturb_last_blob(&self, name: &str, fault: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>) {
        match &self.running {
            Running::Embedded { rethread, .. } => {
                let mut files = files_under(&rethread.data().join("blobs"));
                files.retain(|file| file.file_name().is_some_and(|of| of.to_string_lossy().starts_with(name)));
                files.sort();
                let file = files.last().expect("such a blob is stored");
                match fault(std::fs::read(file).expect("the blob can be read")) {
                    Some(bytes) => std::fs::write(file, bytes).expect("the blob can be written"),
                    None => std::fs::remove_file(file).expect("the blob can be deleted"),
                }
            }
            Running::Distributed(deployment) => deployment.disturb_last_blob(name, fault).await,
        }
    }

    /// The HTTP API.
    #[must_use]
    pub fn api(&self) -> &Api {
        match &self.running {
            Running::Embedded { serve, .. } => &serve.api,
            Running::Distributed(deployment) => &deployment.api,
        }
    }

    /// Where the status service listens.
    #[must_use]
    pub fn grpc(&self) -> SocketAddr {
        match &self.running {
            Running::Embedded { serve, .. } => serve.grpc,
            Running::Distributed(deployment) => deployment.grpc,
        }
    }

    /// Runs a command of the binary on this system's stores.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Finished {
        match &self.running {
            Running::Embedded { rethread, .. } => rethread.run(arguments),
            Running::Distributed(deployment) => deployment.run(arguments),
        }
    }

    /// Creates an admin's token, as an operator does.
    #[must_use]
    pub fn token(&self, account: &str) -> String {
        let made = self.run(&["token", "create", "--account", account, "--name", "ann"]);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        made.stdout.trim().to_owned()
    }

    /// The stored uploads and exports: no upload is left once every job has ended.
    pub async fn files(&self) -> Vec<String> {
        match &self.running {
            Running::Embedded { rethread, .. } => {
                let files = files_under(&rethread.data().join("blobs"));
                files.iter().map(|file| file.display().to_string()).collect()
            }
            Running::Distributed(deployment) => deployment.files().await,
        }
    }

    /// The addresses of stored objects in the object storage; none on the embedded deployment,
    /// which has no object storage.
    pub async fn file_addresses(&self) -> Vec<String> {
        match &self.running {
            Running::Embedded { .. } => Vec::new(),
            Running::Distributed(deployment) => deployment.file_addresses().await,
        }
    }

    /// The peak resident memory of the gateway's process.
    #[must_use]
    pub fn gateway_peak_resident_bytes(&self) -> u64 {
        match &self.running {
            Running::Embedded { serve, .. } => serve.peak_resident_bytes(),
            Running::Distributed(deployment) => deployment.gateway.peak_resident_bytes(),
        }
    }

    /// The complete log of the system.
    #[must_use]
    pub fn log(&self) -> String {
        match &self.running {
            Running::Embedded { serve, .. } => serve.log(),
            Running::Distributed(deployment) => deployment.log(),
        }
    }

    /// The number of events that the notifier has not yet delivered through all channels.
    pub async fn undelivered_events(&self) -> usize {
        let overdue = self.stores().await.jobs.overdue(Timestamp::MAX).await;
        overdue.expect("the jobs can be asked").events.len()
    }

    async fn stores(&self) -> Backends {
        match &self.running {
            Running::Embedded { rethread, .. } => embedded_stores(rethread.data()).await,
            Running::Distributed(deployment) => deployment.stores().await,
        }
    }

    async fn store(&self) -> Store {
        match &self.running {
            Running::Embedded { rethread, .. } => Store::Embedded(rethread.data().to_owned()),
            Running::Distributed(deployment) => Store::Distributed(deployment.database().await),
        }
    }

    /// All comments, threads, authors and pages, by natural keys: the same on both deployments
    /// after the same imports.
    pub async fn rows(&self) -> Rows {
        self.store().await.rows().await
    }

    /// All comments.
    pub async fn comment_rows(&self) -> Rows {
        self.store().await.comment_rows().await
    }

    /// The findings of all jobs.
    pub async fn findings(&self) -> Vec<Found> {
        self.store().await.findings().await
    }

    /// The row counts of the tables that outlive a job.
    pub async fn row_counts(&self) -> Vec<(&'static str, i64)> {
        self.store().await.row_counts().await
    }
}

/// As `sqlite3 FILE "VACUUM INTO …"` does, while others write.
fn save_file(database: &Path) -> TempPath {
    let saved = tempfile::NamedTempFile::new().expect("a temporary file").into_temp_path();
    std::fs::remove_file(&saved).expect("the file was just made");
    let connection = rusqlite::Connection::open(database).expect("the database opens");
    connection.execute("VACUUM INTO ?1", [saved.to_str().expect("this path is UTF-8")]).expect("a copy");
    saved
}

async fn embedded_stores(data: &Path) -> Backends {
    let at = |scheme: &str, name: &str| format!("{scheme}:{}", data.join(name).display());
    let urls = Urls {
        blobs: at("file", "blobs"),
        jobs: at("sqlite", "jobs.db"),
        queue: "memory:".to_owned(),
        comments: at("sqlite", "comments.db"),
    };
    open_backends(&urls, Arc::new(SystemClock)).await.expect("the stores open")
}

/// Turns each scenario (an `async fn` that takes a [`Side`]) into one test per deployment.
#[macro_export]
macro_rules! on_both_sides {
    ($($scenario:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $scenario() {
                super::$scenario($crate::Side::Embedded).await;
            })+
        }
        mod distributed {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $scenario() {
                super::$scenario($crate::Side::Distributed).await;
            })+
        }
    };
}
