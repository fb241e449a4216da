use reqwest::{Method, Response, StatusCode};
use rethread_model::{Change, Job};
use serde_json::Value;

use super::harness::{Api, problem};

/// Reads the events of a response as they arrive.
pub(super) struct Events {
    response: Response,
    unread: String,
}

impl Events {
    pub(super) async fn of(api: &Api, job: &Job, last_seen: Option<u64>) -> Self {
        let request = api.request(Method::GET, &path(job)).bearer_auth(api.admin().await);
        let request = match last_seen {
            Some(revision) => request.header("last-event-id", revision),
            None => request,
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, unread: String::new() }
    }

    /// The next event's id and data; `None` at the end of the stream.
    pub(super) async fn next(&mut self) -> Option<(u64, Value)> {
        loop {
            if let Some((event, rest)) = self.unread.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.unread = rest;
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                if let Some(data) = field("data:") {
                    assert_eq!(field("event:"), Some("job"));
                    return Some((field("id:").unwrap().parse().unwrap(), serde_json::from_str(data).unwrap()));
                }
            } else {
                let bytes = self.response.chunk().await.unwrap()?;
                self.unread.push_str(std::str::from_utf8(&bytes).unwrap());
            }
        }
    }
}

fn path(job: &Job) -> String {
    format!("/api/v1/jobs/{}/events", job.id)
}

#[tokio::test]
async fn a_job_is_followed_to_its_end_across_a_restart_of_the_status_service() {
    let mut api = Api::start().await;
    let job = api.job().await;
    let mut events = Events::of(&api, &job, None).await;
    let (revision, first) = events.next().await.unwrap();
    assert_eq!((revision, &first["revision"], &first["state"]), (1, &Value::from(1), &Value::from("queued")));

    api.change(&job, Change::Uploaded { bytes: 9, sha256: "00".to_owned() }).await;
    let (revision, second) = events.next().await.unwrap();
    assert_eq!((revision, &second["phase"]), (2, &Value::from("planning")));

    api.stop_status().await;
    let ended = api.end(&job).await;
    api.start_status().await;
    let (revision, last) = events.next().await.unwrap();
    assert_eq!((revision, &last["state"]), (ended.revision, &Value::from("succeeded")));
    assert_eq!(events.next().await, None, "the stream ends with the job");
}

#[tokio::test]
async fn a_client_that_comes_again_gets_what_it_has_not_seen() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let job = api.job().await;
    let mut waiting = Events::of(&api, &job, Some(1)).await;
    let ended = api.end(&job).await;
    let (revision, _) = waiting.next().await.unwrap();
    assert!(revision > 1, "the revision that the client has is not sent again");

    let mut late = Events::of(&api, &job, Some(1)).await;
    assert_eq!(late.next().await.unwrap().0, ended.revision);
    assert_eq!(late.next().await, None);

    let by_parameter = api.get(&format!("{}?after={}", path(&job), ended.revision), &admin).await;
    assert_eq!(by_parameter.status(), StatusCode::NO_CONTENT, "there is nothing more to come");
    let beyond = api.get(&format!("{}?after=99999", path(&job)), &admin).await;
    assert_eq!(beyond.status(), StatusCode::NO_CONTENT);
    let nonsense = api.get(&format!("{}?after=yesterday", path(&job)), &admin).await;
    assert_eq!(problem(nonsense, StatusCode::BAD_REQUEST, "invalid-parameter").await["parameter"], "after");
}

#[tokio::test]
async fn a_soft_stop_ends_the_streams() {
    let api = Api::start().await;
    let job = api.job().await;
    let mut events = Events::of(&api, &job, None).await;
    events.next().await.unwrap();
    api.stop().await;
    assert_eq!(events.next().await, None);
}
