//! Operators are alerted of a failed job.

use rethread_tests::{Side, System, on_both_sides, wait_for};
use serde_json::Value;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

on_both_sides!(a_failed_job_reaches_every_channel_once_and_is_not_started_again);

async fn a_failed_job_reaches_every_channel_once_and_is_not_started_again(side: Side) {
    let people = MockServer::start().await;
    for channel in ["/hook", "/slack"] {
        Mock::given(method("POST")).and(path(channel)).respond_with(ResponseTemplate::new(200)).mount(&people).await;
    }
    let hook = format!("{}/hook", people.uri());
    let slack = format!("{}/slack", people.uri());
    let environment = [
        ("RETHREAD_NOTIFIER__WEBHOOK__URL", hook.as_str()),
        ("RETHREAD_NOTIFIER__WEBHOOK__SECRET", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="),
        ("RETHREAD_NOTIFIER__SLACK__URL", slack.as_str()),
    ];
    let mut system = System::start_with(side, &environment).await;
    let token = system.token("default");
    let id = system.api().begin_import("", &token, b"<html>not an export</html>".to_vec()).await;
    assert_eq!(system.api().receipt(&id, &token).await["state"], "failed");
    let received = || async { people.received_requests().await.unwrap_or_default() };
    wait_for("both channels to be told", || async { (received().await.len() >= 2).then_some(()) }).await;
    // A kill between the delivery and its recording may deliver twice; this test covers what
    // follows.
    wait_for("the telling to be noted", || async { (system.undelivered_events().await == 0).then_some(()) }).await;

    // A restart republishes all unfinished work: neither the event nor the job is unfinished.
    system.restart().await;
    let second = system.api().begin_import("", &token, b"%PDF-1.4".to_vec()).await;
    assert_eq!(system.api().receipt(&second, &token).await["state"], "failed");
    let requests = wait_for("the second job's alerts", || async {
        let requests = received().await;
        (requests.iter().filter(|request| String::from_utf8_lossy(&request.body).contains(&second)).count() >= 2)
            .then_some(requests)
    })
    .await;
    for channel in ["/hook", "/slack"] {
        for job in [&id, &second] {
            let told = requests
                .iter()
                .filter(|request| request.url.path() == channel)
                .filter(|request| String::from_utf8_lossy(&request.body).contains(job.as_str()))
                .count();
            assert_eq!(told, 1, "{channel} hears of job {job}");
        }
    }
    let signed = requests.iter().find(|request| request.url.path() == "/hook").unwrap();
    for header in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        assert!(signed.headers.contains_key(header), "{header}");
    }
    let body: Value = serde_json::from_slice(&signed.body).unwrap();
    assert!(body.to_string().contains("not_an_export"), "{body}");
    assert_eq!(system.api().job(&id, &token).await["state"], "failed");
}
