//! Metrics in the Prometheus text format 0.0.4. Process metrics have their conventional names;
//! docs/telemetry.md lists all of them.

use std::fmt::{Display, Write as _};
use std::fs;

use rethread_model::{Timestamp, Vendor};

use crate::telemetry::{Histogram, METRICS, StoreWide};

/// The whole document. Every family is described, even without a value.
pub(super) fn text(
    started_at: Timestamp,
    is_stopping: bool,
    seams: &[(&str, bool)],
    store_wide: Option<&StoreWide>,
) -> String {
    let mut page = Page::default();
    page.process(started_at, is_stopping);
    page.family("rethread_seam_up", "gauge", "Whether a seam's store or broker answered just now.");
    for (seam, is_up) in seams {
        page.value("rethread_seam_up", &[("seam", seam)], u64::from(*is_up));
    }
    for counter in METRICS.counters() {
        page.family(counter.name, "counter", counter.help);
        for (values, count) in counter.values() {
            page.value(counter.name, &paired(counter.labels, &values), count);
        }
    }
    for histogram in METRICS.histograms() {
        page.histogram(histogram);
    }
    if let Some(found) = store_wide {
        page.stores(found);
    }
    page.0
}

type Label<'a> = (&'a str, &'a str);

fn paired<'a>(names: &[&'a str], values: &[&'a str]) -> Vec<Label<'a>> {
    names.iter().copied().zip(values.iter().copied()).collect()
}

#[derive(Default)]
struct Page(String);

// Writing to a string cannot fail.
impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    /// Label values are constants of the code, so they need no escaping.
    fn value(&mut self, name: &str, labels: &[Label<'_>], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(label, word)| format!("{label}=\"{word}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn process(&mut self, started_at: Timestamp, is_stopping: bool) {
        self.family("rethread_build_info", "gauge", "The version that runs; always 1.");
        self.value("rethread_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        self.family("rethread_stopping", "gauge", "Whether the process drains.");
        self.value("rethread_stopping", &[], u64::from(is_stopping));
        self.family("process_start_time_seconds", "gauge", "Start of the process, in seconds since 1970.");
        self.value("process_start_time_seconds", &[], started_at.as_second());
        if let Some(bytes) = resident_bytes() {
            self.family("process_resident_memory_bytes", "gauge", "Resident memory.");
            self.value("process_resident_memory_bytes", &[], bytes);
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            self.family("process_open_fds", "gauge", "Open file descriptors.");
            self.value("process_open_fds", &[], open.count());
        }
    }

    fn histogram(&mut self, histogram: &Histogram) {
        self.family(histogram.name, "histogram", histogram.help);
        let [bucket, sum, count] = ["bucket", "sum", "count"].map(|part| format!("{}_{part}", histogram.name));
        for (values, seen) in histogram.values() {
            let labels = paired(histogram.labels, &values);
            let bounds = histogram.bounds.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
            for (bound, within) in bounds.zip(seen.within.iter().chain([&seen.count])) {
                self.value(&bucket, &[&labels[..], &[("le", bound.as_str())]].concat(), within);
            }
            self.value(&sum, &labels, seen.sum);
            self.value(&count, &labels, seen.count);
        }
    }

    fn stores(&mut self, found: &StoreWide) {
        self.family("rethread_jobs", "gauge", "Jobs by state and vendor.");
        for (state, vendor, count) in found.job_counts.iter().flat_map(|job_counts| &job_counts.jobs) {
            let vendor = vendor.map_or("none", Vendor::as_str);
            self.value("rethread_jobs", &[("state", state.as_str()), ("vendor", vendor)], count);
        }
        let oldest = "rethread_oldest_queued_job_age_seconds";
        self.family(oldest, "gauge", "Seconds that the oldest job waits for a worker; 0 when none waits.");
        if let Some(age) = found.oldest_queued_seconds() {
            self.value(oldest, &[], age);
        }
        self.family("rethread_queue_messages", "gauge", "Messages that wait in the queue.");
        if let Some(depth) = found.depth {
            for (queue, count) in [("tasks", depth.tasks), ("events", depth.events), ("dead", depth.dead)] {
                self.value("rethread_queue_messages", &[("queue", queue)], count);
            }
        }
    }
}

/// `VmRSS` of proc(5), which is in KiB; `None` where that file does not exist.
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use rethread_model::JobState;
    use rethread_stores::{Depth, JobCounts};

    use super::*;

    #[test]
    fn every_sample_belongs_to_a_described_family() {
        METRICS.slice_seconds.observe(&["commento"], 0.2);
        METRICS.uploads.add(&["broken"], 1);
        let text = text(Timestamp::UNIX_EPOCH, false, &[("jobs", true), ("queue", false)], Some(&StoreWide::default()));
        assert!(text.contains("rethread_seam_up{seam=\"jobs\"} 1\n"));
        assert!(text.contains("rethread_seam_up{seam=\"queue\"} 0\n"));
        assert!(text.contains("\nprocess_start_time_seconds 0\n"));
        assert!(text.contains("rethread_slice_seconds_bucket{vendor=\"commento\",le=\"+Inf\"} 1\n"), "{text}");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name);
            assert!(text.contains(&format!("# TYPE {family} ")), "{line}");
        }
    }

    #[test]
    fn what_the_stores_hold_is_shown_and_what_they_did_not_say_is_left_out() {
        let now = Timestamp::from_second(100).unwrap();
        let job_counts = JobCounts {
            jobs: vec![(JobState::Queued, None, 2), (JobState::Failed, Some(Vendor::Disqus), 1)],
            oldest_queued: Some(Timestamp::from_second(90).unwrap()),
        };
        let depth = Depth { tasks: 3, events: 0, dead: 1 };
        let found = StoreWide { job_counts: Some(job_counts), depth: Some(depth), at: Some(now) };
        let text = text(now, false, &[], Some(&found));
        for line in [
            "rethread_jobs{state=\"queued\",vendor=\"none\"} 2",
            "rethread_jobs{state=\"failed\",vendor=\"disqus\"} 1",
            "rethread_oldest_queued_job_age_seconds 10",
            "rethread_queue_messages{queue=\"tasks\"} 3",
            "rethread_queue_messages{queue=\"dead\"} 1",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line} in {text}");
        }
        let silent = super::text(now, false, &[], Some(&StoreWide { at: Some(now), ..StoreWide::default() }));
        assert!(!silent.contains("rethread_jobs{") && !silent.contains("\nrethread_oldest"), "{silent}");
    }
}
