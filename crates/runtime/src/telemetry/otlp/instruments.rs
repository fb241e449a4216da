//! The metrics of `/metrics`, under the same names, as OpenTelemetry instruments.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use parking_lot::Mutex;

use crate::telemetry::{METRICS, StoreWide};

/// Lets the provider read the process's metrics and the last known state of the stores.
pub(super) fn observe(provider: &SdkMeterProvider, store_wide: &Arc<Mutex<StoreWide>>) {
    let meter = provider.meter("rethread");
    for counter in METRICS.counters() {
        meter
            .u64_observable_counter(counter.name)
            .with_description(counter.help)
            .with_callback(|observer| {
                for (values, count) in counter.values() {
                    observer.observe(count, &attributes(counter.labels, &values));
                }
            })
            .build();
    }
    for histogram in METRICS.histograms() {
        let mirror = meter
            .f64_histogram(histogram.name)
            .with_description(histogram.help)
            .with_unit("s")
            .with_boundaries(histogram.bounds.to_vec())
            .build();
        histogram.mirror(move |value, values| mirror.record(value, &attributes(histogram.labels, values)));
    }
    observe_stores(&meter, store_wide);
}

fn observe_stores(meter: &Meter, store_wide: &Arc<Mutex<StoreWide>>) {
    let found = Arc::clone(store_wide);
    meter
        .u64_observable_gauge("rethread_jobs")
        .with_description("Jobs by state and vendor.")
        .with_callback(move |observer| {
            let job_counts = found.lock().job_counts.clone();
            for (state, vendor, count) in job_counts.into_iter().flat_map(|job_counts| job_counts.jobs) {
                let vendor = vendor.map_or("none", rethread_model::Vendor::as_str);
                observer.observe(count, &[KeyValue::new("state", state.as_str()), KeyValue::new("vendor", vendor)]);
            }
        })
        .build();
    let found = Arc::clone(store_wide);
    meter
        .u64_observable_gauge("rethread_queue_messages")
        .with_description("Messages that wait in the queue.")
        .with_callback(move |observer| {
            let Some(depth) = found.lock().depth else { return };
            for (queue, count) in [("tasks", depth.tasks), ("events", depth.events), ("dead", depth.dead)] {
                observer.observe(count, &[KeyValue::new("queue", queue)]);
            }
        })
        .build();
    let found = Arc::clone(store_wide);
    meter
        .f64_observable_gauge("rethread_oldest_queued_job_age_seconds")
        .with_description("Seconds that the oldest job waits for a worker.")
        .with_callback(move |observer| {
            if let Some(age) = found.lock().oldest_queued_seconds() {
                observer.observe(age, &[]);
            }
        })
        .build();
}

fn attributes(names: &[&'static str], values: &[&'static str]) -> Vec<KeyValue> {
    names.iter().zip(values).map(|(name, value)| KeyValue::new(*name, *value)).collect()
}
