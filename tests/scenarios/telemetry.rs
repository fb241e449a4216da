//! What a collector receives about an import.

use std::fs::File;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use rethread_model::Vendor;
use rethread_tests::{Collector, ReceivedSpan, Rethread, free_address, http_client, wait_for};
use serde_json::Value;

use crate::generated;

const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// `rethread serve` that sends telemetry to a collector. Killed when dropped.
struct Sender {
    process: Child,
    http: SocketAddr,
    admin: SocketAddr,
    token: String,
    log: std::path::PathBuf,
}

impl Sender {
    async fn start(rethread: &Rethread, collector: SocketAddr) -> Self {
        let token =
            rethread.run(&["token", "create", "--account", "default", "--name", "ann"]).stdout.trim().to_owned();
        let (http, grpc, admin) = (free_address(), free_address(), free_address());
        let log = rethread.data().join("sender.log");
        let process = rethread
            .command(&["serve", "--http", &http.to_string(), "--grpc", &grpc.to_string()])
            .env("RETHREAD_ADMIN", admin.to_string())
            .env("RETHREAD_LOG", "json")
            .env("RETHREAD_TELEMETRY__OTLP_ENDPOINT", format!("http://{collector}"))
            .env("RETHREAD_TELEMETRY__METRICS_INTERVAL", "500ms")
            .env("RETHREAD_WORKER__SLICE_BYTES", "100000")
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let sender = Self { process, http, admin, token, log };
        wait_for("the process to be ready", || async { (sender.admin("readyz").await?.0 == 200).then_some(()) }).await;
        sender
    }

    async fn admin(&self, path: &str) -> Option<(StatusCode, String)> {
        let answer = http_client().get(format!("http://{}/{path}", self.admin)).send().await.ok()?;
        Some((answer.status(), answer.text().await.ok()?))
    }

    /// Uploads as a caller with its own trace, waits for the end, and returns the job.
    async fn import(&self, file: Vec<u8>) -> Value {
        let client = http_client();
        let jobs = format!("http://{}/api/v1", self.http);
        let upload = client.post(format!("{jobs}/imports")).bearer_auth(&self.token).header("traceparent", CALLER);
        let answer = upload.body(file).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let job: Value = answer.json().await.unwrap();
        let id = job["id"].as_str().unwrap();
        wait_for("the job to end", || async {
            let request = client.get(format!("{jobs}/jobs/{id}")).bearer_auth(&self.token);
            let job: Value = request.send().await.ok()?.json().await.ok()?;
            matches!(job["state"].as_str()?, "succeeded" | "failed" | "cancelled").then_some(job)
        })
        .await
    }

    /// Sends SIGTERM, and waits for the end.
    fn stop(&mut self) -> Option<i32> {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.process.wait().unwrap().code()
    }

    /// Lines of the log.
    fn lines(&self) -> Vec<Value> {
        let log = std::fs::read_to_string(&self.log).unwrap();
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn named<'a>(spans: &'a [ReceivedSpan], name: &str) -> Vec<&'a ReceivedSpan> {
    spans.iter().filter(|received| received.span.name == name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spans_of_an_import_are_linked_and_tell_nothing_personal() {
    let (collector, address) = Collector::start().await;
    let rethread = Rethread::new();
    let file = rethread.data().join("export.xml");
    generated(Vendor::Disqus, 3_000, &file);
    let mut sender = Sender::start(&rethread, address).await;
    let job = sender.import(std::fs::read(&file).unwrap()).await;
    assert_eq!(job["state"], "succeeded");
    let id = job["id"].as_str().unwrap();

    let (_, shown) = sender.admin("metrics").await.unwrap();
    assert!(shown.contains("rethread_jobs_ended_total{state=\"succeeded\",vendor=\"disqus\"} 1\n"), "{shown}");
    assert!(shown.contains("rethread_slice_seconds_count{vendor=\"disqus\"}"), "{shown}");
    let expected =
        ["rethread_records_total", "rethread_slice_seconds", "rethread_jobs", "rethread_oldest_queued_job_age_seconds"];
    wait_for("the numbers to be sent", || async {
        let sent = collector.metrics();
        expected.iter().all(|name| sent.iter().any(|metric| metric == name)).then_some(())
    })
    .await;

    // Pending telemetry is sent when the process stops.
    assert_eq!(sender.stop(), Some(0));
    let spans = collector.spans();
    let trace = CALLER.split('-').nth(1).unwrap();
    let uploads = named(&spans, "POST /api/v1/imports");
    let [upload] = uploads[..] else { panic!("one upload: {uploads:?}") };
    assert_eq!(hex(&upload.span.trace_id), trace, "the caller's trace goes on");
    assert_eq!(hex(&upload.span.parent_span_id), CALLER.split('-').nth(2).unwrap());
    assert_eq!(upload.attribute("http.response.status_code").as_deref(), Some("202"));

    for name in ["plan", "finish"] {
        let tasks = named(&spans, name);
        let task = tasks.first().unwrap_or_else(|| panic!("{name} has a span"));
        assert_eq!(hex(&task.span.trace_id), trace, "{name}");
        assert_eq!(task.span.parent_span_id, upload.span.span_id, "{name}");
        assert_eq!(task.attribute("job").as_deref(), Some(id), "{name}");
    }
    let slices = named(&spans, "slice");
    assert!(slices.len() > 1, "the file has several slices");
    for slice in &slices {
        assert_ne!(hex(&slice.span.trace_id), trace, "a slice is a trace of its own");
        assert!(slice.span.parent_span_id.is_empty());
        let [link] = &slice.span.links[..] else { panic!("one link: {slice:?}") };
        assert_eq!((hex(&link.trace_id), &link.span_id), (trace.to_owned(), &upload.span.span_id));
    }
    assert_calls(&spans, upload, "blobs.finish");
    assert_calls(&spans, upload, "queue.publish");
    for slice in &slices {
        assert_calls(&spans, slice, "blobs.read");
        assert_calls(&spans, slice, "comments.commit");
        assert_calls(&spans, slice, "jobs.report");
    }
    assert_calls(&spans, named(&spans, "finish")[0], "blobs.delete_job");
    assert!(!named(&spans, "rethread.v1.StatusService/GetJob").is_empty(), "the status service was asked");
    assert_nothing_personal(&spans);
    assert_state_lines(&sender.lines(), id, trace);
}

/// A store call belongs to the span that caused it, and names its job and system.
#[track_caller]
fn assert_calls(spans: &[ReceivedSpan], caller: &ReceivedSpan, name: &str) {
    let calls = named(spans, name);
    let call = calls.iter().find(|call| call.span.parent_span_id == caller.span.span_id);
    let call = call.unwrap_or_else(|| panic!("{} calls {name}", caller.span.name));
    assert_eq!(call.span.trace_id, caller.span.trace_id);
    assert!(call.attribute("job").is_some() && call.attribute("system").is_some(), "{call:?}");
}

fn assert_nothing_personal(spans: &[ReceivedSpan]) {
    let known = [
        "account",
        "job",
        "slice",
        "system",
        "error.type",
        "rpc.system",
        "channel",
        "http.request.method",
        "http.route",
        "http.response.status_code",
        "busy_ns",
        "idle_ns",
    ];
    for received in spans {
        assert!(received.span.events.is_empty(), "{received:?}");
        for attribute in &received.span.attributes {
            assert!(known.contains(&attribute.key.as_str()), "{} of {}", attribute.key, received.span.name);
        }
    }
}

/// One line for each change of the job's state, with the trace in which it happened.
fn assert_state_lines(lines: &[Value], job: &str, trace: &str) {
    let changes: Vec<&Value> = lines
        .iter()
        .filter(|line| line["job"] == job && line["message"].as_str().is_some_and(|text| text.starts_with("job is")))
        .collect();
    let states: Vec<&str> = changes.iter().map(|line| line["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["queued", "running", "succeeded"], "{changes:?}");
    for change in &changes {
        assert_eq!(change["account"], "default");
        assert_eq!(change["trace_id"], trace, "{change}");
    }
    assert_eq!(changes[2]["vendor"], "disqus");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_down_or_silent_holds_nothing_up() {
    // It accepts connections, and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    for collector in [free_address(), silent.local_addr().unwrap()] {
        let rethread = Rethread::new();
        let file = rethread.data().join("export.xml");
        generated(Vendor::Disqus, 500, &file);
        let mut sender = Sender::start(&rethread, collector).await;
        assert_eq!(sender.import(std::fs::read(&file).unwrap()).await["state"], "succeeded");
        let stopping = Instant::now();
        assert_eq!(sender.stop(), Some(0));
        assert!(stopping.elapsed() < Duration::from_secs(10), "it stopped after {:?}", stopping.elapsed());
    }
}
