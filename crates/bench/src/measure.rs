//! Runs programs as child processes and measures them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rethread_model::{Receipt, Vendor};
use serde::Serialize;
use wait4::Wait4;

/// The program to run.
pub(crate) struct Importer {
    /// The `rethread` binary.
    pub rethread: PathBuf,
    /// The file to import.
    pub file: PathBuf,
    /// The vendor of the file.
    pub vendor: Vendor,
}

/// The resources used by one run.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Usage {
    /// From start to end of the process.
    pub wall: Duration,
    /// In user and system mode, all threads together.
    pub cpu: Duration,
    /// Maximum resident size. The kernel counts from the fork, so it is never below this process's
    /// own few megabytes.
    pub peak_bytes: u64,
}

/// Runs a command to completion.
pub(crate) fn measured(command: &mut Command) -> Result<(Usage, ExitStatus)> {
    let started = Instant::now();
    let child = command.stdin(Stdio::null()).spawn();
    let child = child.with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let ended = child.wait4().context("cannot wait for what was started")?;
    let usage = Usage {
        wall: started.elapsed(),
        cpu: ended.rusage.utime + ended.rusage.stime,
        peak_bytes: ended.rusage.maxrss,
    };
    Ok((usage, ended.status))
}

impl Importer {
    /// Imports once, with the store in `data`. A failed job is not an error here: its receipt
    /// reports it.
    pub(crate) fn run(&self, data: &Path) -> Result<(Usage, Receipt)> {
        // Files instead of pipes, so that no thread has to drain them while the process runs.
        let receipt_path = data.with_extension("receipt.json");
        let log_path = data.with_extension("log");
        let mut command = Command::new(&self.rethread);
        command
            .arg("import")
            .arg(&self.file)
            .args(["--vendor", self.vendor.as_str(), "--account", "bench", "--json", "--data"])
            .arg(data)
            .stdout(File::create(&receipt_path)?)
            .stderr(File::create(&log_path)?);
        let (usage, status) = measured(&mut command)?;
        let printed = std::fs::read(&receipt_path)?;
        let Ok(receipt) = serde_json::from_slice(&printed) else {
            let log = std::fs::read_to_string(&log_path).unwrap_or_default();
            let last_lines: Vec<&str> = log.lines().rev().take(5).collect();
            bail!("rethread printed no receipt ({status}): {}", last_lines.join(" <- "));
        };
        Ok((usage, receipt))
    }
}
