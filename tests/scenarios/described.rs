//! The OpenAPI document matches the server's behaviour.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use rethread_bench::{Damage, Recipe};
use rethread_model::Vendor;
use rethread_tests::{Described, Side, System, on_both_sides};
use serde_json::Value;

on_both_sides!(answers_are_as_described);

/// Every answer in the course of an import, success or failure, has the status, the media type and
/// the schema of the document.
async fn answers_are_as_described(side: Side) {
    let system = System::start(side).await;
    let token = system.token("default");
    let api = Described::of(system.api()).await;

    let recipe = Recipe::new(Vendor::Disqus, 2_000).with_seed(11).with_damage(Damage::ALL);
    let mut upload = Vec::new();
    let truth = rethread_bench::generate(&recipe, &mut upload).unwrap();
    let import = |query: &str| api.request(Method::POST, &format!("/api/v1/imports?{query}")).bearer_auth(&token);
    let accepted = api.send(import("vendor=disqus&file_name=forum.xml").body(upload)).await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED);
    let job = accepted.headers["location"].to_str().unwrap().to_owned();
    let id = job.rsplit('/').next().unwrap();
    assert_eq!(system.api().receipt(id, &token).await["state"], "succeeded");
    let no_export = api.send(import("").body("a text")).await;
    assert_eq!(no_export.status, StatusCode::ACCEPTED);
    let no_export = no_export.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(system.api().receipt(&no_export, &token).await["state"], "failed");
    assert_eq!(api.send(import("").body("")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(api.send(import("vendor=myspace").body("x")).await.status, StatusCode::BAD_REQUEST);
    let form = import("").header("content-type", "multipart/form-data; boundary=x").body("--x--");
    assert_eq!(api.send(form).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);

    let shown = api.get(&job, &token).await.json();
    assert_eq!(shown["read"]["comments"], truth.read.comments);
    let receipt = api.get(&format!("{job}/receipt"), &token).await;
    assert_eq!(receipt.json()["read"]["comments"], truth.read.comments);
    let events = format!("{job}/events");
    assert_eq!(api.get(&events, &token).await.headers["content-type"], "text/event-stream");
    let events = api.request(Method::GET, &events).bearer_auth(&token).send().await.unwrap().text().await.unwrap();
    let data = events.lines().filter_map(|line| line.strip_prefix("data:")).next_back().expect("an event");
    api.hold_against_schema("Job", &serde_json::from_str(data).unwrap());
    let seen = api.get(&format!("{job}/events?after={}", shown["revision"]), &token).await;
    assert_eq!(seen.status, StatusCode::NO_CONTENT);
    assert!(
        !api.get(&format!("{job}/findings?limit=3"), &token).await.json()["findings"].as_array().unwrap().is_empty()
    );
    assert_eq!(
        api.get(&format!("{job}/findings?format=csv"), &token).await.headers["content-type"],
        "text/csv; charset=utf-8"
    );
    let cancelled = api.request(Method::POST, &format!("{job}/cancel")).bearer_auth(&token);
    assert_eq!(api.send(cancelled).await.status, StatusCode::CONFLICT);
    let jobs = api.get("/api/v1/jobs?state=failed&kind=import&limit=1", &token).await.json();
    assert_eq!(jobs["jobs"].as_array().unwrap().len(), 1);

    let pages = api.get("/api/v1/pages?limit=5", &token).await.json();
    let page = format!("/api/v1/pages/{}", pages["pages"][0]["id"].as_str().unwrap());
    assert_eq!(api.get(&page, &token).await.json(), pages["pages"][0]);
    assert!(!api.get(&format!("{page}/comments"), &token).await.json()["comments"].as_array().unwrap().is_empty());

    for (path, expected) in [
        ("/api/v1/jobs/018f0000-0000-7000-8000-000000000000", StatusCode::NOT_FOUND),
        ("/api/v1/pages/nothing/comments", StatusCode::NOT_FOUND),
        ("/api/v1/jobs?state=sleeping", StatusCode::BAD_REQUEST),
        ("/api/v1/jobs?page=2", StatusCode::BAD_REQUEST),
        ("/api/v1/pages?cursor=x", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(api.get(path, &token).await.status, expected, "{path}");
        assert_eq!(api.get(path, "none").await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

/// The document is complete for human readers: every operation, parameter, property and schema has
/// a description, and every example matches its schema.
#[tokio::test]
async fn the_document_explains_itself() {
    let system = System::start(Side::Embedded).await;
    let api = Described::of(system.api()).await;
    let document = api.document();
    assert_eq!(document["openapi"], "3.1.0");

    let mut names = BTreeSet::new();
    for (method, path, operation) in api.operations() {
        let what = format!("{method} {path}");
        assert!(names.insert(operation["operationId"].as_str().expect(&what)), "{what}: a name that another one has");
        assert!(explained(&operation["summary"]), "{what}: no summary");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{what}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(explained(&parameter["description"]), "{what}: {parameter} is not explained");
        }
        let placeholders = path.matches('{').count();
        let in_path =
            operation["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "path").count();
        assert_eq!(in_path, placeholders, "{what}");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(explained(&schema["description"]), "{name} is not explained: {schema}");
        for (property, schema) in schema["properties"].as_object().into_iter().flatten() {
            // A named schema is described at its definition.
            let is_explained =
                explained(&schema["description"]) || schema["$ref"].is_string() || schema["oneOf"].is_array();
            assert!(is_explained, "{name}.{property} is not explained: {schema}");
        }
        let examples = schema["examples"].as_array().into_iter().flatten();
        for example in examples {
            api.hold_against_schema(name, example);
        }
    }
    for operation in api.operations().iter().flat_map(|(_, _, operation)| operation["responses"].as_object().unwrap()) {
        let reference = operation.1.pointer("/content/application~1json/schema/$ref").and_then(Value::as_str);
        let Some(schema) = reference.map(|reference| reference.trim_start_matches('#')) else { continue };
        assert!(document.pointer(schema).unwrap()["examples"].is_array(), "{schema} has no example");
    }
}

/// Text for people, without identifiers from the code.
fn explained(description: &Value) -> bool {
    let text = description.as_str().unwrap_or_default();
    !text.is_empty() && !text.contains("[`") && !text.contains("::")
}
