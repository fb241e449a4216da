//! The list of jobs as it changes.

use reqwest::{Response, StatusCode};
use rethread_model::{Change, Role};
use serde_json::Value;

use super::harness::{Api, problem};

/// Reads the events of a response as they arrive.
struct Events {
    response: Response,
    unread: String,
}

impl Events {
    async fn of(api: &Api, query: &str, token: &str) -> Self {
        let response = api.get(&format!("/api/v1/jobs/events{query}"), token).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, unread: String::new() }
    }

    /// The next event's name and data; `None` at the end of the stream.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.unread.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.unread = rest;
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                if let Some(data) = field("data:") {
                    return Some((field("event:").unwrap().to_owned(), serde_json::from_str(data).unwrap()));
                }
            } else {
                let bytes = self.response.chunk().await.unwrap()?;
                self.unread.push_str(std::str::from_utf8(&bytes).unwrap());
            }
        }
    }

    /// The ids of the first event, which contains the whole list.
    async fn list(&mut self) -> Vec<String> {
        let (name, data) = self.next().await.unwrap();
        assert_eq!(name, "jobs");
        data["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
    }

    /// The next event, which is about one job.
    async fn job(&mut self) -> Value {
        let (name, data) = self.next().await.unwrap();
        assert_eq!(name, "job");
        data
    }
}

#[tokio::test]
async fn the_list_comes_at_once_then_what_is_new_and_what_changes() {
    let mut api = Api::start().await;
    let admin = api.admin().await;
    let first = api.job().await;
    let mut events = Events::of(&api, "?kind=import&limit=10", &admin).await;
    assert_eq!(events.list().await, [first.id.to_string()]);

    let second = api.job().await;
    assert_eq!(events.job().await["id"], second.id.to_string());
    api.change(&first, Change::Uploaded { bytes: 9, sha256: "00".to_owned() }).await;
    let changed = events.job().await;
    assert_eq!((&changed["id"], &changed["phase"]), (&first.id.to_string().into(), &"planning".into()));
    assert_eq!(changed["queue_place"], 0);

    api.stop_status().await;
    api.end(&first).await;
    api.start_status().await;
    assert_eq!(events.job().await["state"], "succeeded", "nothing is lost while the status service is away");
}

#[tokio::test]
async fn a_job_that_leaves_the_list_is_told_for_the_last_time() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let job = api.job().await;
    let mut events = Events::of(&api, "?state=queued", &admin).await;
    assert_eq!(events.list().await, [job.id.to_string()]);
    api.end(&job).await;
    assert_eq!(events.job().await["state"], "succeeded");
    // No second event for this job: the next one is about another job.
    let next = api.job().await;
    assert_eq!(events.job().await["id"], next.id.to_string());
}

#[tokio::test]
async fn an_admin_sees_its_account_and_an_operator_all() {
    let api = Api::start().await;
    let job = api.job().await;
    let (stranger, operator) = (api.token("globex", Role::Admin).await, api.token("ops", Role::Operator).await);
    assert_eq!(Events::of(&api, "", &stranger).await.list().await, Vec::<String>::new());
    assert_eq!(Events::of(&api, "", &operator).await.list().await, [job.id.to_string()]);
    let service = api.token("ops", Role::Service).await;
    problem(api.get("/api/v1/jobs/events", &service).await, StatusCode::FORBIDDEN, "forbidden").await;
    let refused = api.get("/api/v1/jobs/events?cursor=x", &stranger).await;
    assert_eq!(problem(refused, StatusCode::BAD_REQUEST, "invalid-parameter").await["parameter"], "cursor");
}

#[tokio::test]
async fn a_soft_stop_ends_the_stream() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let mut events = Events::of(&api, "", &admin).await;
    events.list().await;
    api.stop().await;
    assert_eq!(events.next().await, None);
}
