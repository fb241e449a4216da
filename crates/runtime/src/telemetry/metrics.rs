//! What a process counts about its own work. A single registry feeds both `/metrics` and
//! a collector.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use parking_lot::Mutex;

/// The label values of a family, in the order of its label names. They are constants of the code,
/// so their number is small.
pub(crate) type Labels = Vec<&'static str>;

/// Forwards a histogram's values to a collector's instrument, which cannot read them afterwards.
type Mirror = Box<dyn Fn(f64, &[&'static str]) + Send + Sync>;

/// A monotonic counter.
#[derive(Debug)]
pub struct Counter {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) labels: &'static [&'static str],
    values: Mutex<BTreeMap<Labels, u64>>,
}

impl Counter {
    const fn new(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Self {
        Self { name, help, labels, values: Mutex::new(BTreeMap::new()) }
    }

    /// Adds to the counter; `labels` are in the order of the family's names.
    ///
    /// # Panics
    ///
    /// If the family has another number of labels: a fault of the calling code.
    pub fn add(&self, labels: &[&'static str], by: u64) {
        assert_eq!(labels.len(), self.labels.len(), "labels of {}", self.name);
        if by > 0 {
            *self.values.lock().entry(labels.to_vec()).or_default() += by;
        }
    }

    /// The current counts. A counter without labels starts at 0.
    pub(crate) fn values(&self) -> BTreeMap<Labels, u64> {
        let mut values = self.values.lock().clone();
        if self.labels.is_empty() {
            values.entry(Labels::new()).or_default();
        }
        values
    }
}

/// A distribution of values.
pub struct Histogram {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) labels: &'static [&'static str],
    /// Upper bounds of all buckets but the last, ascending.
    pub(crate) bounds: &'static [f64],
    values: Mutex<BTreeMap<Labels, Distribution>>,
    mirror: OnceLock<Mirror>,
}

impl std::fmt::Debug for Histogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Histogram").field("name", &self.name).field("values", &self.values).finish_non_exhaustive()
    }
}

/// The values of one set of labels.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Distribution {
    /// For each bound, the number of values at or below it; cumulative, as in Prometheus.
    pub(crate) within: Vec<u64>,
    pub(crate) count: u64,
    pub(crate) sum: f64,
}

impl Histogram {
    const fn new(
        name: &'static str,
        labels: &'static [&'static str],
        bounds: &'static [f64],
        help: &'static str,
    ) -> Self {
        Self { name, help, labels, bounds, values: Mutex::new(BTreeMap::new()), mirror: OnceLock::new() }
    }

    /// Records a value; `labels` are in the order of the family's names.
    ///
    /// # Panics
    ///
    /// If the family has another number of labels: a fault of the calling code.
    pub fn observe(&self, labels: &[&'static str], value: f64) {
        assert_eq!(labels.len(), self.labels.len(), "labels of {}", self.name);
        let mut values = self.values.lock();
        let seen = values.entry(labels.to_vec()).or_default();
        seen.within.resize(self.bounds.len(), 0);
        for (within, bound) in seen.within.iter_mut().zip(self.bounds) {
            *within += u64::from(value <= *bound);
        }
        seen.count += 1;
        seen.sum += value;
        drop(values);
        if let Some(mirror) = self.mirror.get() {
            mirror(value, labels);
        }
    }

    pub(crate) fn values(&self) -> BTreeMap<Labels, Distribution> {
        self.values.lock().clone()
    }

    /// Also sends every later value to `mirror`. A second mirror is ignored.
    #[cfg(feature = "otlp")]
    pub(crate) fn mirror(&self, mirror: impl Fn(f64, &[&'static str]) + Send + Sync + 'static) {
        // There is one collector; a second mirror would mean a second start in one process.
        let _ = self.mirror.set(Box::new(mirror));
    }
}

/// Every family that a process counts itself. docs/telemetry.md explains each of them.
#[derive(Debug)]
pub struct Metrics {
    /// By result: `received` or `broken`.
    pub uploads: Counter,
    /// Bytes of uploads as they arrive.
    pub upload_bytes: Counter,
    /// Requests rejected to protect the gateway and its clients, by the limit exceeded.
    pub refused: Counter,
    /// Comments by vendor and outcome, counted at commit.
    pub records: Counter,
    /// Duration of a slice, by vendor.
    pub slice_seconds: Histogram,
    /// Retries: of a `call` to a store, or of a `task`.
    pub retries: Counter,
    /// Republished by the janitor: `task` or `event`.
    pub republished: Counter,
    /// Uploads that outlived their job.
    pub overdue_deletions: Counter,
    /// Duties of the janitor, or parts of them, that failed and will be retried: `republish`,
    /// `exports`, `uploads`, `ledgers` or `unconfirmed`.
    pub janitor_failures: Counter,
    /// Ended jobs by state and vendor.
    pub jobs_ended: Counter,
    /// By channel and result: `delivered`, `failed` or `given_up`.
    pub alerts: Counter,
}

/// A slice takes about a second; at a minute, a drain becomes inconvenient.
const SLICE_SECONDS: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0];

/// The metrics of the process. Global, like the process itself.
pub static METRICS: Metrics = Metrics {
    uploads: Counter::new("rethread_uploads_total", &["result"], "Uploads that came to an end, well or not."),
    upload_bytes: Counter::new("rethread_upload_bytes_total", &[], "Bytes of uploads received."),
    refused: Counter::new(
        "rethread_refused_total",
        &["what"],
        "Requests and connections turned away because there were too many of them.",
    ),
    records: Counter::new(
        "rethread_records_total",
        &["vendor", "outcome"],
        "Comments written, or left out, by vendor and outcome.",
    ),
    slice_seconds: Histogram::new(
        "rethread_slice_seconds",
        &["vendor"],
        SLICE_SECONDS,
        "Seconds that a slice took from its task to its end.",
    ),
    retries: Counter::new("rethread_retries_total", &["of"], "What was tried again, calls of stores and tasks."),
    republished: Counter::new(
        "rethread_republished_total",
        &["kind"],
        "Messages that the janitor put into the queue again.",
    ),
    overdue_deletions: Counter::new(
        "rethread_overdue_deletions_total",
        &[],
        "Uploads that were still stored after their job had ended, deleted by the janitor.",
    ),
    janitor_failures: Counter::new(
        "rethread_janitor_failures_total",
        &["duty"],
        "Duties of the janitor that failed and are tried again in its next round.",
    ),
    jobs_ended: Counter::new("rethread_jobs_ended_total", &["state", "vendor"], "Jobs ended by this process."),
    alerts: Counter::new("rethread_alerts_total", &["channel", "result"], "Alerts by channel and what became of them."),
};

impl Metrics {
    /// All counters.
    pub(crate) const fn counters(&'static self) -> [&'static Counter; 10] {
        [
            &self.uploads,
            &self.upload_bytes,
            &self.refused,
            &self.records,
            &self.retries,
            &self.republished,
            &self.overdue_deletions,
            &self.janitor_failures,
            &self.jobs_ended,
            &self.alerts,
        ]
    }

    /// All histograms.
    pub(crate) const fn histograms(&'static self) -> [&'static Histogram; 1] {
        [&self.slice_seconds]
    }

    /// Counts what a batch added to a tally.
    pub fn count_records(
        &self,
        vendor: rethread_model::Vendor,
        before: &rethread_model::Tally,
        after: &rethread_model::Tally,
    ) {
        let (mut before, mut after) = (before.outcome, after.outcome);
        for outcome in rethread_model::Outcome::ALL {
            // A batch may take back what an earlier one counted (a duplicate detected late), but a
            // counter only grows.
            let added = *after.of(outcome) - *before.of(outcome);
            self.records.add(&[vendor.as_str(), outcome.as_str()], u64::try_from(added).unwrap_or(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_is_cumulative_and_has_an_exact_sum() {
        let histogram = Histogram::new("x", &["vendor"], &[1.0, 2.0], "");
        for value in [0.5, 1.0, 1.5, 9.0] {
            histogram.observe(&["disqus"], value);
        }
        let values = histogram.values();
        assert_eq!(values[&vec!["disqus"]], Distribution { within: vec![2, 3], count: 4, sum: 12.0 });
    }

    #[test]
    fn a_counter_without_labels_begins_at_nothing() {
        let counter = Counter::new("x", &[], "");
        assert_eq!(counter.values()[&Labels::new()], 0);
        counter.add(&[], 3);
        assert_eq!(counter.values()[&Labels::new()], 3);
        assert!(Counter::new("y", &["kind"], "").values().is_empty());
    }
}
