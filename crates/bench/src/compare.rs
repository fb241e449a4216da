//! Compares a receipt with the truth.

use std::collections::BTreeMap;

use rethread_model::{FindingCounts, JobState, Reason, Receipt};
use serde::Serialize;
use serde_json::Value;

use crate::truth::Truth;

/// See [`Truth::differences`].
pub(crate) fn differences(truth: &Truth, receipt: &Receipt) -> Vec<String> {
    let mut lines = Vec::new();
    if receipt.state != JobState::Succeeded {
        let error = receipt.error.as_ref().map_or_else(String::new, |error| format!(": {}", error.message));
        lines.push(format!("the job ended as {}{error}", receipt.state.as_str()));
    }
    let pairs = [
        ("vendor", json(&Some(truth.vendor)), json(&receipt.vendor)),
        ("read", json(&truth.read), json(&receipt.read)),
        ("status", json(&truth.status), json(&receipt.status)),
        ("outcome", json(&truth.outcome), json(&receipt.outcome)),
        ("findings", findings(&truth.findings), findings(&receipt.findings)),
        ("orphans", json(&truth.orphans), json(&receipt.orphans)),
        ("pages", json(&truth.pages), json(&receipt.pages)),
    ];
    for (name, true_value, said) in pairs {
        compare(name, &true_value, &said, &mut lines);
    }
    lines
}

/// Merged into one map: the effect follows from the reason.
fn findings(counts: &FindingCounts) -> Value {
    let all: BTreeMap<Reason, i64> =
        [&counts.repaired, &counts.skipped, &counts.failed].into_iter().flatten().map(|(r, n)| (*r, *n)).collect();
    json(&all)
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

fn compare(name: &str, true_value: &Value, said: &Value, lines: &mut Vec<String>) {
    let (Value::Object(true_fields), Value::Object(said_fields)) = (true_value, said) else {
        if true_value != said {
            lines.push(format!("{name} is {said}, the file holds {true_value}"));
        }
        return;
    };
    let nothing = Value::from(0);
    let mut keys: Vec<&String> = true_fields.keys().chain(said_fields.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let true_field = true_fields.get(key).unwrap_or(&nothing);
        let said_field = said_fields.get(key).unwrap_or(&nothing);
        compare(&format!("{name}.{key}"), true_field, said_field, lines);
    }
}
