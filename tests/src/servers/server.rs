//! The common part of servers from Debian's packages: they are started, stopped and killed, and
//! keep their data.

use std::path::PathBuf;
use std::process::Command;

use tokio::sync::Mutex;

use super::debian;
use crate::{Process, wait_for};

/// How to run a server, and its process, if it is running.
pub(super) struct Server {
    name: &'static str,
    /// Holds its log.
    folder: PathBuf,
    command: Box<dyn Fn() -> Command + Send + Sync>,
    /// The signal that stops it in order.
    stop_signal: &'static str,
    process: Mutex<Option<Process>>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("name", &self.name).field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Server {
    pub(super) fn new(
        name: &'static str,
        folder: PathBuf,
        stop_signal: &'static str,
        command: impl Fn() -> Command + Send + Sync + 'static,
    ) -> Self {
        Self { name, folder, command: Box::new(command), stop_signal, process: Mutex::new(None) }
    }

    /// Starts it and waits until `is_up`.
    pub(super) async fn start(&self, is_up: impl AsyncFn() -> bool) {
        let mut running = self.process.lock().await;
        assert!(running.is_none(), "{} runs already", self.name);
        let (stdout, stderr) = debian::log_file(&self.folder);
        let process = running.insert(Process::spawn((self.command)().stdout(stdout).stderr(stderr)));
        let process = std::cell::RefCell::new(process);
        wait_for(&format!("{} to be up (its log: {})", self.name, self.folder.join("log").display()), || async {
            let ended = process.borrow_mut().has_ended();
            assert!(ended.is_none(), "{} ended: {}", self.name, debian::log(&self.folder));
            is_up().await.then_some(())
        })
        .await;
    }

    /// Stops it in order.
    pub(super) async fn stop(&self) {
        let mut running = self.process.lock().await;
        let mut process = running.take().unwrap_or_else(|| panic!("{} does not run", self.name));
        process.signal(self.stop_signal);
        process.ended().await;
    }

    /// Sends SIGKILL.
    pub(super) async fn kill(&self) {
        let mut running = self.process.lock().await;
        drop(running.take().unwrap_or_else(|| panic!("{} does not run", self.name)));
    }
}
