//! Webhooks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rethread_runtime::{SlackConfig, WebhookConfig};
use secrecy::SecretString;
use sha2::Sha256;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A server whose `/webhook` and `/slack` respond with `first` for the first `times` requests and
/// with 200 from then on.
async fn server(first: u16, times: u64) -> MockServer {
    let server = MockServer::start().await;
    for route in ["/webhook", "/slack"] {
        if times > 0 {
            let refusing = ResponseTemplate::new(first);
            let mock = Mock::given(method("POST")).and(path(route)).respond_with(refusing);
            mock.up_to_n_times(times).with_priority(1).mount(&server).await;
        }
        Mock::given(method("POST")).and(path(route)).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    }
    server
}

fn webhook(server: &MockServer) -> WebhookConfig {
    let url = format!("{}/webhook", server.uri()).parse().unwrap();
    WebhookConfig { url, secret: SecretString::from(SECRET) }
}

fn slack(server: &MockServer) -> SlackConfig {
    SlackConfig { url: SecretString::from(format!("{}/slack", server.uri())) }
}

async fn received(server: &MockServer, route: &str) -> Vec<Request> {
    let requests = server.received_requests().await.unwrap();
    requests.into_iter().filter(|request| request.url.path() == route).collect()
}

fn header<'r>(request: &'r Request, name: &str) -> &'r str {
    request.headers.get(name).unwrap().to_str().unwrap()
}

/// Verifies the signature as a receiver following the specification does.
fn is_signed(request: &Request) -> bool {
    let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{}.{}.", header(request, "webhook-id"), header(request, "webhook-timestamp")).as_bytes());
    mac.update(&request.body);
    let signature = header(request, "webhook-signature").strip_prefix("v1,").unwrap();
    mac.verify_slice(&STANDARD.decode(signature).unwrap()).is_ok()
}

#[tokio::test]
async fn every_channel_gets_a_failure_once_however_often_the_event_comes() {
    let server = server(200, 0).await;
    let config = NotifierConfig {
        webhook: Some(webhook(&server)),
        slack: Some(slack(&server)),
        dashboard_url: Some("https://comments.example.net/admin".parse().unwrap()),
        ..NotifierConfig::default()
    };
    let running = Running::start(config).await;
    for _ in 0..3 {
        running.publish().await;
    }
    running.until_done().await;
    // The event is recorded as delivered. A later duplicate must not be sent, nor one that is in
    // the queue at the stop.
    running.publish().await;
    let (id, job) = (running.event.id().to_string(), running.job.id.to_string());
    running.stop().await;

    let posts = received(&server, "/webhook").await;
    assert_eq!(posts.len(), 1);
    assert!(is_signed(&posts[0]));
    assert_eq!(header(&posts[0], "webhook-id"), id);
    assert_eq!(header(&posts[0], "webhook-timestamp"), "1772600767", "by the clock that was given");
    let body: serde_json::Value = posts[0].body_json().unwrap();
    let expected = serde_json::json!({
        "type": "job.failed",
        "timestamp": "2026-03-04T05:06:07Z",
        "data": {
            "job_id": job, "account": "acme", "kind": "import", "state": "failed", "vendor": null,
            "error": { "code": "truncated", "message": "the file ends <early> & so on", "offset": 7 },
            "url": format!("https://comments.example.net/admin/jobs/{job}"),
        },
    });
    assert_eq!(body, expected);

    let posts = received(&server, "/slack").await;
    assert_eq!(posts.len(), 1);
    let body: serde_json::Value = posts[0].body_json().unwrap();
    let text = body["text"].as_str().unwrap();
    assert!(text.contains(&job) && text.contains("account acme"), "{text}");
    assert!(text.contains("ends &lt;early&gt; &amp; so on (at byte 7)"), "{text}");
    assert!(!text.contains("comments.xml") && !text.contains("ann"), "no personal data: {text}");
}

#[tokio::test]
async fn a_channel_that_stumbles_is_tried_again() {
    let server = server(500, 2).await;
    let running = Running::start(NotifierConfig { webhook: Some(webhook(&server)), ..NotifierConfig::default() }).await;
    running.publish().await;
    running.until_done().await;
    running.stop().await;
    let posts = received(&server, "/webhook").await;
    assert_eq!(posts.len(), 3);
    assert!(posts.iter().all(is_signed));
}

#[tokio::test]
async fn a_channel_that_is_down_holds_up_no_other_and_gets_the_event_later() {
    let good = server(200, 0).await;
    let down = server(503, 4).await;
    let config =
        NotifierConfig { webhook: Some(webhook(&down)), slack: Some(slack(&good)), ..NotifierConfig::default() };
    let running = Running::start(config).await;
    running.publish().await;
    until(async || received(&down, "/webhook").await.len() == 4).await;
    until(async || running.is_delivered("slack").await).await;
    assert!(!running.is_delivered("webhook").await);
    assert_eq!(running.overdue().await.len(), 1, "the janitor will bring it back");

    // A duplicate that arrives while the first is being delivered is skipped, as the janitor's
    // would be.
    until(async || {
        running.publish().await;
        running.is_delivered("webhook").await
    })
    .await;
    running.until_done().await;
    running.stop().await;
    assert_eq!(received(&down, "/webhook").await.len(), 5);
    assert_eq!(received(&good, "/slack").await.len(), 1, "who has it is not told again");
}

#[tokio::test]
async fn what_will_not_pass_is_not_repeated_at_once_and_given_up_after_days() {
    let server = server(404, u64::MAX).await;
    let running = Running::start(NotifierConfig { slack: Some(slack(&server)), ..NotifierConfig::default() }).await;
    running.publish().await;
    until(async || running.is_delivered("log").await && received(&server, "/slack").await.len() == 1).await;
    assert_eq!(running.overdue().await.len(), 1);

    running.clock.advance(Duration::from_hours(73));
    until(async || {
        running.publish().await;
        running.overdue().await.is_empty()
    })
    .await;
    assert!(!running.is_delivered("slack").await, "it is not claimed that anybody was told");
    running.stop().await;
}

#[tokio::test]
async fn a_soft_stop_does_not_wait_for_a_channel_that_is_down() {
    let server = server(503, u64::MAX).await;
    let mut running = Running::start(NotifierConfig { slack: Some(slack(&server)), ..NotifierConfig::default() }).await;
    running.context.lifecycle.stop();
    (&mut running.ended).await.unwrap();

    let context = Context { lifecycle: Lifecycle::new(), ..running.context.clone() };
    let config = NotifierConfig { slack: Some(slack(&server)), ..NotifierConfig::default() };
    let pauses = ExponentialBuilder::new().with_min_delay(Duration::from_hours(1)).with_max_times(9);
    let channels = channels(&config, context.clock.clone()).unwrap();
    let patient = Notifier { context: context.clone(), config, channels, pauses, in_hand: Mutex::default() };
    let ended = tokio::spawn(async move { patient.run().await });
    running.publish().await;
    until(async || received(&server, "/slack").await.len() == 1).await;
    context.lifecycle.stop();
    tokio::time::timeout(Duration::from_secs(20), ended).await.unwrap().unwrap();
    let mut events = context.backends.queue.events().await.unwrap();
    assert_eq!(events.next().await.unwrap().payload, running.event, "it was given back");
}

#[tokio::test]
async fn addresses_and_secrets_show_nowhere() {
    let config = NotifierConfig {
        webhook: Some(WebhookConfig {
            url: "http://127.0.0.1:1/hunter2".parse().unwrap(),
            secret: SecretString::from(SECRET),
        }),
        slack: Some(SlackConfig { url: SecretString::from("http://127.0.0.1:1/hunter2") }),
        ..NotifierConfig::default()
    };
    let running = Running::start(config.clone()).await;
    let channels = channels(&config, running.clock.clone()).unwrap();
    let notice = crate::notice::Notice::of(running.event.clone(), None);
    for channel in &channels[1..] {
        let error = channel.send(&notice).await.unwrap_err();
        assert!(error.is_passing, "nobody listens there now: {error}");
        let shown = format!("{error} {error:?} {channel:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("MfKQ"), "{shown}");
    }
    running.stop().await;
}
