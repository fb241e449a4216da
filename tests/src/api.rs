//! The HTTP API, as its clients use it.

use std::net::SocketAddr;

use reqwest::StatusCode;
use serde_json::Value;

use crate::http_client;
use crate::wait_for;

/// The HTTP API of a running gateway.
#[derive(Debug, Clone)]
pub struct Api {
    address: SocketAddr,
    client: reqwest::Client,
}

impl Api {
    /// The API at an address.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, client: http_client() }
    }

    /// Where the gateway listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Address of a route.
    #[must_use]
    pub fn url(&self, route: &str) -> String {
        format!("http://{}/api/v1/{route}", self.address)
    }

    /// Reads a route as the holder of a token.
    pub async fn get(&self, route: &str, token: &str) -> (StatusCode, Value) {
        let answer = self.client.get(self.url(route)).bearer_auth(token).send().await.expect("an answer");
        let status = answer.status();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    /// [`Api::get`], with `None` if there is no answer (for example because the gateway is down).
    pub async fn try_get(&self, route: &str, token: &str) -> Option<(StatusCode, Value)> {
        let answer = self.client.get(self.url(route)).bearer_auth(token).send().await.ok()?;
        let status = answer.status();
        Some((status, answer.json().await.ok()?))
    }

    /// Posts to a route as the holder of a token.
    pub async fn post(&self, route: &str, token: &str, body: Vec<u8>) -> (StatusCode, Value) {
        let answer = self.client.post(self.url(route)).bearer_auth(token).body(body).send().await.expect("an answer");
        let status = answer.status();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    /// Uploads a file and returns the id of its job. `query` holds the import options, such as
    /// `vendor=disqus`.
    pub async fn begin_import(&self, query: &str, token: &str, upload: Vec<u8>) -> String {
        let (status, job) = self.post(&format!("imports?{query}"), token, upload).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{job:#}");
        job["id"].as_str().expect("a job has an id").to_owned()
    }

    /// Uploads a file, waits for its job's end and returns the receipt.
    pub async fn import(&self, query: &str, token: &str, upload: Vec<u8>) -> Value {
        let job = self.begin_import(query, token, upload).await;
        self.receipt(&job, token).await
    }

    /// The current state of a job; null while the API does not answer.
    pub async fn job(&self, job: &str, token: &str) -> Value {
        match self.try_get(&format!("jobs/{job}"), token).await {
            Some((StatusCode::OK, job)) => job,
            _ => Value::Null,
        }
    }

    /// Waits until a job has read more than this number of comments.
    pub async fn has_read(&self, job: &str, token: &str, comments: i64) {
        wait_for(&format!("job {job} to read {comments} comments"), || async {
            (self.job(job, token).await["read"]["comments"].as_i64()? > comments).then_some(())
        })
        .await;
    }

    /// Waits for a job's final state and returns its receipt.
    pub async fn receipt(&self, job: &str, token: &str) -> Value {
        wait_for(&format!("job {job} to end"), || async {
            let state = self.job(job, token).await["state"].as_str()?.to_owned();
            matches!(&*state, "succeeded" | "failed" | "cancelled").then_some(())
        })
        .await;
        wait_for("the receipt", || async {
            let (status, receipt) = self.try_get(&format!("jobs/{job}/receipt"), token).await?;
            (status == StatusCode::OK).then_some(receipt)
        })
        .await
    }
}
