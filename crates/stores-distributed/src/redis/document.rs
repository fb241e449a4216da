//! How a job is stored in a hash: the document without its volatile parts, and those in separate
//! fields, so that a report increments numbers and rewrites nothing.

use std::collections::HashMap;

use rethread_model::{Job, Progress, Tally};
use rethread_stores::stored_value::{json, of_json, unreadable};
use rethread_stores::{Error, ErrorKind, Result};
use serde::Serialize;
use serde_json::{Map, Value};

/// The fields of a job's hash, as a change of the whole job writes them. The revision is not among
/// them.
pub(super) fn fields(job: &Job) -> Result<Vec<(String, String)>> {
    let rest = Job { progress: Progress::default(), tally: Tally::default(), ..job.clone() };
    let mut fields: Vec<(String, String)> = [
        ("document", json(&rest)?),
        ("kind", job.kind().as_str().to_owned()),
        ("state", job.state.as_str().to_owned()),
        ("phase", job.phase.as_str().to_owned()),
        ("pass", job.pass().as_str().to_owned()),
        ("stopping", u8::from(job.stopping).to_string()),
        ("vendor", job.facts.as_ref().map(|facts| facts.vendor.to_string()).unwrap_or_default()),
        ("trace", job.trace.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("updated_at", job.updated_at.to_string()),
        ("moved_at", job.updated_at.as_millisecond().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    fields.extend(numbers("progress", &value(&job.progress)?));
    fields.extend(counts(&job.tally)?);
    Ok(fields)
}

/// The job in a hash; `None` for an empty one.
pub(super) fn job(mut fields: HashMap<String, String>) -> Result<Option<Job>> {
    let Some(document) = fields.remove("document") else { return Ok(None) };
    let mut job: Value = of_json("job", &document)?;
    for (name, text) in &fields {
        match name.as_str() {
            "updated_at" => job["updated_at"] = Value::from(text.as_str()),
            "revision" => job["revision"] = number(text)?,
            _ if name.starts_with("progress.") || name.starts_with("tally.") => place(&mut job, name, number(text)?),
            _ => {}
        }
    }
    serde_json::from_value(job).map(Some).map_err(|error| unreadable("job").because(error))
}

/// The counts of a tally, by field.
pub(super) fn counts(tally: &Tally) -> Result<Vec<(String, String)>> {
    Ok(numbers("tally", &value(tally)?))
}

/// What to add to each count to get from one tally to the other.
pub(super) fn differences(from: &Tally, to: &Tally) -> Result<Vec<(String, String)>> {
    let mut difference = to.clone();
    difference -= from;
    Ok(counts(&difference)?.into_iter().filter(|(_, count)| count != "0").collect())
}

fn numbers(path: &str, value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(name, value)| numbers(&format!("{path}.{name}"), value)).collect()
        }
        number => vec![(path.to_owned(), number.to_string())],
    }
}

/// Sets a number at its path. Zero findings have no entry.
fn place(job: &mut Value, path: &str, number: Value) {
    if path.starts_with("tally.findings.") && number == 0 {
        return;
    }
    let mut at = job;
    for name in path.split('.') {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[name];
    }
    *at = number;
}

fn number(text: &str) -> Result<Value> {
    text.parse::<i64>().map(Value::from).map_err(|_| unreadable("number"))
}

fn value(part: &impl Serialize) -> Result<Value> {
    serde_json::to_value(part)
        .map_err(|error| Error::new(ErrorKind::Internal, "a document cannot be written").because(error))
}

#[cfg(test)]
mod tests {
    use rethread_model::{ImportOptions, JobId, NewJob, Reason, Timestamp};

    use super::*;

    #[test]
    fn a_job_comes_back_from_its_fields() {
        let new = NewJob {
            id: JobId::new(Timestamp::UNIX_EPOCH, &[7; 10]),
            account: "a".parse().unwrap(),
            started_by: "ann".to_owned(),
            file_name: Some("export.xml".to_owned()),
            spec: ImportOptions::default().into(),
        };
        let mut job = Job::new(new, Timestamp::from_nanosecond(1_700_000_000_123_456_789).unwrap());
        job.progress.bytes_read = 7;
        job.tally.read.comments = -2;
        job.tally.findings.insert(Reason::ALL[0], 3);
        let mut stored: HashMap<_, _> = fields(&job).unwrap().into_iter().collect();
        stored.insert("revision".to_owned(), "5".to_owned());
        stored.insert(format!("tally.findings.{}", Reason::ALL[1].as_str()), "0".to_owned());
        assert_eq!(super::job(stored).unwrap(), Some(Job { revision: 5, ..job }));
        assert_eq!(super::job(HashMap::new()).unwrap(), None);
    }
}
