//! A WordPress site whose plugin sends its comments, written from the description of the plugin's
//! protocol.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::http_client;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// The number of comments that the plugin sends at once.
pub const BATCH: usize = 100;

/// The plugin of one site.
#[derive(Debug, Clone)]
pub struct Plugin {
    base: String,
    /// The token that it created itself.
    pub token: String,
    domain: String,
    client: Client,
}

impl Plugin {
    /// The plugin of the site at `domain`, configured with a gateway's address.
    #[must_use]
    pub fn new(gateway: SocketAddr, token: &str, domain: &str) -> Self {
        let base = format!("http://{gateway}/integrations/v1");
        Self { base, token: token.to_owned(), domain: domain.to_owned(), client: http_client() }
    }

    /// Calls a route with the parameters that the plugin always adds.
    pub async fn call(&self, method: Method, route: &str, body: Option<&Value>) -> (StatusCode, Value) {
        self.try_call(method, route, body).await.expect("an answer")
    }

    /// [`Plugin::call`], with `None` if there is no answer.
    pub async fn try_call(&self, method: Method, route: &str, body: Option<&Value>) -> Option<(StatusCode, Value)> {
        let (path, query) = route.split_once('?').unwrap_or((route, ""));
        let request = self.client.request(method, format!("{}/{path}?token={}&{query}", self.base, self.token));
        let request = request.header("content-type", "application/json; charset=utf-8");
        let request = if let Some(body) = body { request.body(body.to_string()) } else { request };
        let answer = request.send().await.ok()?;
        let status = answer.status();
        Some((status, answer.json().await.ok()?))
    }

    /// Asks to be linked.
    pub async fn ask(&self) -> (StatusCode, Value) {
        let route = format!("token?integrationType=wordpress&domain={}", self.domain);
        self.call(Method::PUT, &route, None).await
    }

    /// The commands for it.
    pub async fn commands(&self) -> Vec<String> {
        let (status, answer) = self.call(Method::GET, "commands?fromDateTime=0", None).await;
        assert_eq!(status, StatusCode::OK, "{answer:#}");
        let commands = answer["commands"].as_array().expect("a list");
        commands.iter().map(|command| command["command"].as_str().expect("a word").to_owned()).collect()
    }

    /// Sends one batch.
    pub async fn send(&self, remaining: usize, comments: &[Value]) -> (StatusCode, Value) {
        self.call(Method::POST, "comments", Some(&batch(remaining, comments))).await
    }

    /// Sends one batch as the plugin does: repeats it until it is answered, and splits it if it is
    /// too large. Returns our ids by the site's.
    pub async fn deliver(&self, remaining: usize, comments: &[Value]) -> BTreeMap<String, String> {
        let mut ids = BTreeMap::new();
        let (status, answer) = self.send(remaining, comments).await;
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            let parts: Vec<&[Value]> = comments.chunks((comments.len() / 10).max(1)).collect();
            let mut left = comments.len();
            for part in parts {
                left -= part.len();
                ids.extend(Box::pin(self.deliver(remaining + left, part)).await);
            }
            return ids;
        }
        assert_eq!(status, StatusCode::OK, "{answer:#}");
        assert_eq!(answer["status"], "success", "{answer:#}");
        for (own, ours) in answer["commentIds"].as_object().expect("ids") {
            ids.insert(own.clone(), ours.as_str().expect("an id").to_owned());
        }
        ids
    }
}

/// The body of a batch.
#[must_use]
pub fn batch(remaining: usize, comments: &[Value]) -> Value {
    json!({ "countRemaining": remaining, "comments": comments })
}

/// A comment with the fields and types that version 3.19 of the plugin sends. `parent` 0 means
/// none.
#[must_use]
pub fn site_comment(post: u64, id: u64, parent: u64) -> Value {
    json!({
        "tenantId": "", "urlId": post.to_string(), "url": format!("https://blog.example/post-{post}/"),
        "pageTitle": format!("Post {post}"), "userId": null, "commenterName": format!("Reader {}", id % 97),
        "commenterEmail": format!("reader{}@mail.example", id % 97), "comment": format!("Comment {id}\n\nwith <b>two</b> paragraphs"),
        "externalId": id.to_string(), "externalParentId": if parent == 0 { Value::Null } else { json!(parent.to_string()) },
        "date": format!("2024-01-{:02} {:02}:{:02}:{:02}", 1 + id % 28, id / 3600 % 24, id / 60 % 60, id % 60),
        "votes": "0", "votesUp": 0, "votesDown": 0, "verified": true, "verifiedDate": null, "verificationId": null,
        "notificationSentForParent": true, "notificationSentForParentTenant": true, "isSpam": false, "externalSource": "wordpress",
        "approved": true, "avatarSrc": null, "isDeleted": false, "hasImages": false, "hasLinks": false,
    })
}
