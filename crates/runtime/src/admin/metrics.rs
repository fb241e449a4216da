//! Metrics in the Prometheus text format 0.0.4. Names of process metrics are the customary ones.

use std::fmt::Write as _;
use std::fs;

use rethread_model::Timestamp;

/// The whole document.
pub(super) fn text(started_at: Timestamp, is_stopping: bool, seams: &[(&str, bool)]) -> String {
    let mut page = Page::default();
    let version = env!("CARGO_PKG_VERSION");
    page.family("rethread_build_info", "The version that runs; always 1.");
    page.value("rethread_build_info", &format!("{{version=\"{version}\"}}"), 1);
    page.family("rethread_stopping", "Whether the process drains.");
    page.value("rethread_stopping", "", u64::from(is_stopping));
    page.family("rethread_seam_up", "Whether a seam's store or broker answered just now.");
    for (seam, is_up) in seams {
        page.value("rethread_seam_up", &format!("{{seam=\"{seam}\"}}"), u64::from(*is_up));
    }
    page.family("process_start_time_seconds", "Start of the process, in seconds since 1970.");
    page.value("process_start_time_seconds", "", started_at.as_second());
    if let Some(bytes) = resident_bytes() {
        page.family("process_resident_memory_bytes", "Resident memory.");
        page.value("process_resident_memory_bytes", "", bytes);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        page.family("process_open_fds", "Open file descriptors.");
        page.value("process_open_fds", "", open.count());
    }
    page.0
}

/// `VmRSS` of proc(5), which is given in KiB; `None` where there is no such file.
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kibibytes * 1024)
}

#[derive(Default)]
struct Page(String);

impl Page {
    /// All of these are gauges.
    fn family(&mut self, name: &str, help: &str) {
        // Writing into a string cannot fail.
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge\n");
    }

    fn value(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_belongs_to_a_described_family() {
        let text = text(Timestamp::UNIX_EPOCH, false, &[("jobs", true), ("queue", false)]);
        assert!(text.contains("rethread_seam_up{seam=\"jobs\"} 1\n"));
        assert!(text.contains("rethread_seam_up{seam=\"queue\"} 0\n"));
        assert!(text.contains("\nprocess_start_time_seconds 0\n"));
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            assert!(text.contains(&format!("# TYPE {name} gauge")), "{line}");
        }
    }
}
