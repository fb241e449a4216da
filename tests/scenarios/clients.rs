//! Public clients of the API: none of them was written with this server in mind.

use std::process::Stdio;

use rethread_model::Vendor;
use rethread_tests::{Side, System, python_client};

use crate::generated_bytes;

/// Schemathesis makes requests up from the OpenAPI document, good ones and bad ones, and holds each answer against it.
#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_no_fault() {
    let system = System::start(Side::Embedded).await;
    let (token, api) = (system.token("default"), system.api());
    let (upload, _) = generated_bytes(Vendor::Disqus, 300);
    let job = api.begin_import("vendor=disqus", &token, upload).await;
    api.receipt(&job, &token).await;
    let (_, pages) = api.get("pages", &token).await;
    let page = pages["pages"][0]["id"].as_str().unwrap();

    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("schemathesis.toml");
    std::fs::write(&config, config_with(&job, page)).unwrap();
    let output = tokio::process::Command::from(python_client("schemathesis"))
        .arg("--config-file")
        .arg(&config)
        .args(["run", &api.url("openapi.json"), "--header", &format!("Authorization: Bearer {token}")])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("schemathesis runs");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(api.get(&format!("jobs/{job}"), &token).await.0, reqwest::StatusCode::OK, "the server goes on");
}

/// Most of the ids that are made up name nothing, so that some are given.
fn config_with(job: &str, page: &str) -> String {
    format!(
        r#"
seed = 5
workers = 2
max-time = 40
request-timeout = 20
continue-on-failure = true
max-stream-events = 1
color = false

[generation]
max-examples = 25
database = "none"

# Some texts are wrong for reasons that no schema says: a time zone that does not exist, a cursor that is not ours.
[checks]
positive_data_acceptance.enabled = false

[dictionaries]
job = {{ values = ["{job}"] }}
page = {{ values = ["{page}"] }}

[[operations]]
include-path-regex = "^/api/v1/jobs/"
parameters = {{ id = {{ dictionary = "job", probability = 0.7 }} }}

[[operations]]
include-path-regex = "^/api/v1/pages/"
parameters = {{ id = {{ dictionary = "page", probability = 0.7 }} }}
"#
    )
}
