//! A receiver of alerts that is temporarily unavailable.

use std::net::TcpListener;

use rethread_model::EventId;
use rethread_tests::{Deployment, Servers, free_address, wait_for};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_nobody_takes_is_delivered_later_and_once() {
    let receiver = free_address();
    let deployment = Deployment::on(Servers::shared().await)
        .set("RETHREAD_NOTIFIER__SLACK__URL", &format!("http://{receiver}/alerts"))
        .start()
        .await;
    let token = deployment.token("acme");
    let receipt = deployment.api.import("", &token, b"<html><body>no export</body></html>".to_vec()).await;
    assert_eq!(receipt["state"], "failed");
    let job = receipt["job_id"].as_str().unwrap();
    wait_for("the notifier to meet a closed door", || async {
        deployment.notifier.log().contains("an alert was not taken").then_some(())
    })
    .await;

    let server = MockServer::builder().listener(TcpListener::bind(receiver).unwrap()).start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let event = EventId::of_job_end(job.parse().unwrap());
    let stores = deployment.stores().await;
    wait_for("the alert to be settled", || async {
        stores.jobs.is_delivered(event, "slack").await.unwrap().then_some(())
    })
    .await;
    // All pending deliveries of the first alert arrive before the second one is settled.
    let receipt = deployment.api.import("", &token, b"<html><body>neither</body></html>".to_vec()).await;
    let second = EventId::of_job_end(receipt["job_id"].as_str().unwrap().parse().unwrap());
    wait_for("the second alert to be settled", || async {
        stores.jobs.is_delivered(second, "slack").await.unwrap().then_some(())
    })
    .await;
    let requests = server.received_requests().await.unwrap();
    let told = requests.iter().filter(|request| String::from_utf8_lossy(&request.body).contains(job)).count();
    assert_eq!(told, 1, "told once");
}
