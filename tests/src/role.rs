//! One service of a deployment as a process.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use crate::binary::command;
use crate::{Process, free_address, http_client, wait_for};

/// Maximum length of the log tail that is printed when a scenario fails.
const LOG_LINES: usize = 150;

/// A service: its configuration, and its process, if it is running. It restarts with the same
/// addresses.
#[derive(Debug)]
pub struct Role {
    name: String,
    command: &'static str,
    environment: Vec<(String, String)>,
    folder: PathBuf,
    admin: SocketAddr,
    process: Option<Process>,
}

impl Role {
    /// A service that is not started yet. `folder` holds its log.
    pub(crate) fn new(command: &'static str, name: &str, folder: &Path, environment: &[(String, String)]) -> Self {
        let admin = free_address();
        let mut environment = environment.to_vec();
        environment.push(("RETHREAD_ADMIN".to_owned(), admin.to_string()));
        let (name, folder) = (name.to_owned(), folder.to_owned());
        Self { name, command, environment, folder, admin, process: None }
    }

    /// Its name, such as `worker-2`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Changes its configuration from the next start on.
    pub fn set(&mut self, variable: &str, value: &str) {
        self.environment.push((variable.to_owned(), value.to_owned()));
    }

    /// Starts the process; see [`Role::is_ready`].
    pub fn start(&mut self) {
        assert!(self.process.is_none(), "{} runs already", self.name);
        let log = File::options().create(true).append(true).open(self.log_file()).expect("a log file");
        let mut process = command("rethread");
        process.arg(self.command).arg("--data").arg(self.folder.join("data")).current_dir(&self.folder);
        process.envs(self.environment.iter().map(|(name, value)| (name, value)));
        process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(Process::spawn(&mut process));
    }

    /// Waits until it reports that it is ready.
    pub async fn is_ready(&mut self) {
        let url = self.admin_url("readyz");
        let (name, log) = (self.name.clone(), self.log_file());
        let process = std::cell::RefCell::new(self.process.as_mut().unwrap_or_else(|| panic!("{name} does not run")));
        wait_for(&format!("{name} to be ready"), || async {
            let ended = process.borrow_mut().has_ended();
            assert!(ended.is_none(), "{name} ended: {}", std::fs::read_to_string(&log).unwrap_or_default());
            http_client().get(&url).send().await.ok()?.status().is_success().then_some(())
        })
        .await;
    }

    /// Whether the process runs.
    pub fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.has_ended().is_none())
    }

    /// Sends SIGKILL.
    pub fn kill(&mut self) {
        drop(self.process.take().unwrap_or_else(|| panic!("{} does not run", self.name)));
    }

    /// Sends SIGTERM: it drains. See [`Role::ended`].
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// A signal by its name without `SIG`: STOP and CONT, for example.
    pub fn signal(&self, name: &str) {
        self.process.as_ref().unwrap_or_else(|| panic!("{} does not run", self.name)).signal(name);
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        let mut process = self.process.take().unwrap_or_else(|| panic!("{} does not run", self.name));
        process.ended().await
    }

    /// Its peak resident memory.
    #[must_use]
    pub fn peak_resident_bytes(&self) -> u64 {
        self.process.as_ref().unwrap_or_else(|| panic!("{} does not run", self.name)).peak_resident_bytes()
    }

    /// `livez`, `readyz` or `metrics` of its private port.
    #[must_use]
    pub fn admin_url(&self, route: &str) -> String {
        format!("http://{}/{route}", self.admin)
    }

    /// Its metrics in the Prometheus text format.
    pub async fn metrics(&self) -> String {
        let answer = http_client().get(self.admin_url("metrics")).send().await.expect("an answer");
        answer.text().await.expect("metrics are text")
    }

    /// The sum of all samples of a metric, whatever their labels; 0 if there is none.
    pub async fn metric(&self, name: &str) -> f64 {
        let metrics = self.metrics().await;
        let samples = metrics.lines().filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            let value = if rest.starts_with('{') { rest.rsplit_once(' ')?.1 } else { rest.strip_prefix(' ')? };
            value.parse::<f64>().ok()
        });
        samples.sum()
    }

    /// Its complete log, across restarts.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.name))
    }

    /// The last lines of its log, for a scenario that fails.
    pub(crate) fn print_log(&self) {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let last = &lines[lines.len().saturating_sub(LOG_LINES)..];
        eprintln!("---- {} ----\n{}", self.name, last.join("\n"));
    }
}
