//! Whole-system scenarios: the real binary, used as its users use it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod access;
mod alerts;
mod bad_input;
mod cancelled;
mod checked;
mod clients;
mod command_line;
mod conformance;
mod dashboard;
mod deployed;
mod described;
mod exports;
mod faults;
mod first_import;
mod hostile;
mod integrity;
mod invariance;
mod isolation;
mod killed;
mod mapping;
mod moves;
mod names;
mod older;
mod origins;
mod regions;
mod reimport;
mod resumable;
mod resumed;
mod secrecy;
mod served;
mod servers;
mod sites;
mod telemetry;
mod tokens;
mod unreachable;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use rethread_bench::{Recipe, Truth};
use rethread_model::Vendor;
use rethread_tests::{System, wait_for};
use serde_json::Value;

/// The fields of a receipt that two runs of the same import share.
fn comparable(receipt: &Value) -> Value {
    let mut receipt = receipt.clone();
    let fields = receipt.as_object_mut().expect("a receipt is an object");
    fields.remove("job_id");
    fields.remove("duration_ms");
    receipt
}

/// Every comment is accounted for.
#[track_caller]
fn assert_adds_up(receipt: &Value) {
    let outcome: i64 = receipt["outcome"].as_object().unwrap().values().map(|count| count.as_i64().unwrap()).sum();
    assert_eq!(receipt["read"]["comments"].as_i64().unwrap(), outcome, "{receipt:#}");
    let status: i64 = receipt["status"].as_object().unwrap().values().map(|count| count.as_i64().unwrap()).sum();
    let left_out = receipt["outcome"]["skipped"].as_i64().unwrap() + receipt["outcome"]["failed"].as_i64().unwrap();
    assert_eq!(status + left_out, outcome, "{receipt:#}");
}

/// The number of rows in each table, once everything that only a running import or check needs is
/// gone: that is dropped just after the job has ended, or has started to wait.
async fn lasting_row_counts(system: &System) -> Vec<(&'static str, i64)> {
    wait_for("the ledger to be dropped", || async {
        let counts = system.row_counts().await;
        let is_passing = |table: &str| table.starts_with("ledger_") || table == "checkpoints";
        counts.iter().all(|(table, count)| *count == 0 || !is_passing(table)).then_some(counts)
    })
    .await
}

/// The exports that were generated so far, by vendor and number of comments: several scenarios
/// import the same one.
type Generated = HashMap<(Vendor, u64), Arc<OnceLock<(Vec<u8>, Truth)>>>;

/// A generated export file with this number of comments, and its contents.
fn generated(vendor: Vendor, comments: u64, file: &std::path::Path) -> Truth {
    let (bytes, truth) = generated_bytes(vendor, comments);
    std::fs::write(file, bytes).unwrap();
    truth
}

/// A generated export file in memory, and its contents.
fn generated_bytes(vendor: Vendor, comments: u64) -> (Vec<u8>, Truth) {
    static GENERATED: LazyLock<Mutex<Generated>> = LazyLock::new(Mutex::default);
    let export = GENERATED.lock().unwrap().entry((vendor, comments)).or_default().clone();
    let generate = || {
        let mut file = Vec::new();
        let truth = rethread_bench::generate(&Recipe::new(vendor, comments).with_seed(7), &mut file).unwrap();
        (file, truth)
    };
    export.get_or_init(generate).clone()
}

fn write_file(recipe: &Recipe, file: &std::path::Path) -> Truth {
    let mut out = std::io::BufWriter::new(std::fs::File::create(file).unwrap());
    rethread_bench::generate(recipe, &mut out).unwrap()
}
