//! Public clients of the API, none of them written for this server.

use std::process::Stdio;

use reqwest::StatusCode;
use rethread_model::Vendor;
use rethread_tests::{Api, Side, System, client_script, http_client, python_client};

use crate::generated_bytes;

/// Schemathesis generates valid and invalid requests from the OpenAPI document, and validates each
/// answer against it.
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
    let uploads = uploads(api, &token).await;
    std::fs::write(&config, config_with(&job, page, &uploads)).unwrap();
    let output = tokio::process::Command::from(python_client("schemathesis"))
        .arg("--config-file")
        .arg(&config)
        .args(["run", &api.url("openapi.json"), "--header", &format!("Authorization: Bearer {token}")])
        .env("OWN_TOKEN", token.split('_').nth(1).unwrap())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("schemathesis runs");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        api.get(&format!("jobs/{job}"), &token).await.0,
        StatusCode::OK,
        "the server goes on, and the token too"
    );
}

/// Uploads without any bytes yet; several, as some will be deleted.
async fn uploads(api: &Api, token: &str) -> Vec<String> {
    let mut uploads = Vec::new();
    for _ in 0..20 {
        let request = http_client().post(api.url("uploads")).bearer_auth(token).header("tus-resumable", "1.0.0");
        let created = request.header("upload-length", 1 << 20).send().await.unwrap();
        assert_eq!(created.status(), StatusCode::CREATED);
        uploads.push(created.headers()["location"].to_str().unwrap().rsplit('/').next().unwrap().to_owned());
    }
    uploads
}

/// Most generated ids do not exist, so some existing ones are supplied.
fn config_with(job: &str, page: &str, uploads: &[String]) -> String {
    let hooks = client_script("schemathesis_hooks.py");
    let hooks = hooks.display();
    // One worker, since the parser of Python 3.11 fails in two threads at once.
    format!(
        r#"
seed = 5
workers = 1
hooks = "{hooks}"
request-timeout = 20
continue-on-failure = true
max-stream-events = 1
color = false

[generation]
max-examples = 10
database = "none"

# Some texts are wrong for reasons that no schema says: a time zone that does not exist, a cursor that is not ours.
[checks]
positive_data_acceptance.enabled = false
# Beside the usual ones those of tus, and those of what is too large.
negative_data_rejection.expected-statuses = [
  400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 428, 429, 460
]
missing_required_header.expected-statuses = [400, 401, 403, 406, 412, 415, 422]

# What may be asked of an address does not depend on what stands there.
[[operations]]
include-method = "OPTIONS"
checks.use_after_free.enabled = false

[dictionaries]
job = {{ values = ["{job}"] }}
page = {{ values = ["{page}"] }}
upload = {{ values = {uploads:?} }}

[[operations]]
include-path-regex = "^/api/v1/jobs/"
parameters = {{ id = {{ dictionary = "job", probability = 0.7 }} }}

[[operations]]
include-path-regex = "^/api/v1/uploads/"
parameters = {{ id = {{ dictionary = "upload", probability = 0.7 }} }}

[[operations]]
include-path-regex = "^/api/v1/pages/"
parameters = {{ id = {{ dictionary = "page", probability = 0.7 }} }}
"#
    )
}
