//! A running `rethread serve`.

use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use reqwest::StatusCode;

use crate::binary::UNHURRIED;
use crate::{Api, Process, Rethread, free_address, wait_for};

/// `rethread serve` as a separate process; killed when dropped.
#[derive(Debug)]
pub struct Serve {
    process: Process,
    /// The HTTP API.
    pub api: Api,
    /// Address of the status service.
    pub grpc: SocketAddr,
    log: PathBuf,
}

impl Serve {
    /// Starts it with additional environment variables, and waits until it answers.
    pub async fn start(rethread: &Rethread, environment: &[(&str, &str)]) -> Self {
        let (http, grpc) = (free_address(), free_address());
        let log = rethread.data().join("serve.log");
        let log_file = File::options().create(true).append(true).open(&log).expect("a log file");
        let process = Process::spawn(
            rethread
                .command(&["serve", "--http", &http.to_string(), "--grpc", &grpc.to_string()])
                .envs(UNHURRIED)
                .envs(environment.iter().copied())
                .stdout(Stdio::null())
                .stderr(log_file),
        );
        let mut serve = Self { process, api: Api::new(http), grpc, log };
        let api = serve.api.clone();
        wait_for("serve to answer", || {
            assert!(serve.process.has_ended().is_none(), "serve ended: {}", serve.log());
            async { (api.try_get("jobs", "none").await?.0 == StatusCode::UNAUTHORIZED).then_some(()) }
        })
        .await;
        serve
    }

    /// Its log.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its peak resident memory.
    #[must_use]
    pub fn peak_resident_bytes(&self) -> u64 {
        self.process.peak_resident_bytes()
    }

    /// The number of its open files and connections.
    #[must_use]
    pub fn open_descriptors(&self) -> usize {
        self.process.open_descriptors()
    }

    /// Sends SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill();
    }
}
