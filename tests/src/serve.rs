//! A running `rethread serve`.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::Value;

use crate::Rethread;

/// Longest wait for anything in the tests; far above what it takes, so that only a real fault meets it.
const PATIENCE: Duration = Duration::from_mins(2);

/// An address of this machine that nobody listens on.
#[must_use]
pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

/// Waits until `look` finds something.
pub async fn wait_for<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < until, "waited {PATIENCE:?} in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// `rethread serve` as a process of its own; killed when dropped.
#[derive(Debug)]
pub struct Serve {
    process: Child,
    /// Address of the HTTP API.
    pub http: SocketAddr,
    /// Address of the status service.
    pub grpc: SocketAddr,
    /// What it wrote to standard error.
    pub log: PathBuf,
}

impl Serve {
    /// Starts it with more environment, and waits until it answers.
    pub async fn start(rethread: &Rethread, environment: &[(&str, &str)]) -> Self {
        let (http, grpc) = (free_address(), free_address());
        let log = rethread.data().join("serve.log");
        let log_file = File::options().create(true).append(true).open(&log).expect("a log file");
        let process = rethread
            .command(&["serve", "--http", &http.to_string(), "--grpc", &grpc.to_string()])
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(log_file)
            .spawn()
            .expect("the binary runs");
        let mut serve = Self { process, http, grpc, log };
        let client = reqwest::Client::new();
        wait_for("serve to answer", || {
            let ended = serve.process.try_wait().expect("the process can be asked");
            assert!(ended.is_none(), "serve ended: {}", std::fs::read_to_string(&serve.log).unwrap_or_default());
            let request = client.get(serve.url("jobs"));
            async move {
                let answer = request.send().await.ok()?;
                (answer.status() == StatusCode::UNAUTHORIZED).then_some(())
            }
        })
        .await;
        serve
    }

    /// Address of a route of the API.
    #[must_use]
    pub fn url(&self, route: &str) -> String {
        format!("http://{}/api/v1/{route}", self.http)
    }

    /// Reads a route as the holder of a token.
    pub async fn get(&self, route: &str, token: &str) -> (StatusCode, Value) {
        let answer = reqwest::Client::new().get(self.url(route)).bearer_auth(token).send().await.expect("an answer");
        let status = answer.status();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    /// Posts to a route as the holder of a token.
    pub async fn post(&self, route: &str, token: &str, body: Vec<u8>) -> (StatusCode, Value) {
        let answer =
            reqwest::Client::new().post(self.url(route)).bearer_auth(token).body(body).send().await.expect("an answer");
        let status = answer.status();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    /// Waits for a job's final state and returns its receipt.
    pub async fn receipt(&self, job: &str, token: &str) -> Value {
        wait_for("the job to end", || async {
            let (_, job) = self.get(&format!("jobs/{job}"), token).await;
            matches!(job["state"].as_str()?, "succeeded" | "failed" | "cancelled").then_some(())
        })
        .await;
        self.get(&format!("jobs/{job}/receipt"), token).await.1
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill().expect("the process can be killed");
        self.process.wait().expect("the process ends");
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
