//! `rethread-bench import` detects a wrong receipt. A script replaces the rethread binary.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test ends where it is surprised, in its helping functions too")]

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rethread_bench::{Recipe, Truth, generate};
use rethread_model::Vendor;
use serde_json::{Value, json};

fn receipt(truth: &Truth) -> Value {
    json!({
        "job_id": "00000000-0000-7000-8000-000000000000", "kind": "import", "state": "succeeded", "dry_run": false,
        "error": null, "vendor": truth.vendor, "origin": "harbour-gazette",
        "bytes": {"stored": truth.bytes, "read": truth.bytes}, "read": truth.read, "status": truth.status,
        "outcome": truth.outcome, "findings": truth.findings, "orphans": truth.orphans, "removed": 0,
        "pages": truth.pages, "duration_ms": 5,
    })
}

/// A program that creates the store's folder, like rethread, and prints the receipt.
fn stand_in(folder: &Path, printed: &str) -> PathBuf {
    fs::write(folder.join("receipt"), printed).unwrap();
    let program = folder.join("rethread");
    let receipt = folder.join("receipt");
    let script =
        format!("#!/bin/sh\nwhile [ \"$1\" != --data ]; do shift; done\nmkdir \"$2\"\ncat {}\n", receipt.display());
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

fn bench(rethread: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rethread-bench"))
        .args(["import", "--vendor", "disqus", "--comments", "50", "--runs", "2", "--json", "--rethread"])
        .arg(rethread)
        .output()
        .unwrap()
}

#[test]
fn a_right_receipt_is_measured_and_a_wrong_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let truth = generate(&Recipe::new(Vendor::Disqus, 50), &mut io::sink()).unwrap();
    let right = receipt(&truth);

    let output = bench(&stand_in(folder.path(), &right.to_string()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let runs = report["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    assert!(runs.iter().all(|run| run["peak_bytes"].as_u64().unwrap() > 100_000));
    assert_eq!(report["differences"], json!([]));

    let mut wrong = right;
    wrong["outcome"]["created"] = json!(truth.outcome.created - 1);
    let output = bench(&stand_in(folder.path(), &wrong.to_string()));
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["differences"][0], "run 1, first import: outcome.created is 49, the file holds 50");

    let output = bench(&stand_in(folder.path(), "no receipt"));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("printed no receipt"));
}
