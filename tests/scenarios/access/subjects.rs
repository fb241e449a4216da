//! Existing objects to request, so that the answer depends only on the caller.

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::{Method, RequestBuilder, StatusCode};
use rethread_model::Vendor;
use rethread_tests::{Api, Described, Plugin, System, http_client, wait_for};
use serde_json::{Value, json};

use crate::generated_bytes;

/// Objects of the account.
#[derive(Debug)]
pub(super) struct Subjects {
    /// A successful import.
    pub(super) job: String,
    /// A successful export.
    export: String,
    page: String,
    comment: String,
    own: String,
    api: Api,
    /// A file of the dashboard.
    asset: String,
    /// Number of plugins so far.
    sites: AtomicU64,
}

/// The site of a plugin: each has its own.
fn domain(token: &str) -> String {
    format!("https://blog-{}.example", token.replace('.', "-"))
}

impl Subjects {
    pub(super) async fn of(system: &System, own: &str) -> Self {
        let (api, own) = (system.api().clone(), own.to_owned());
        let job = api.begin_import("vendor=disqus", &own, export()).await;
        assert_eq!(api.receipt(&job, &own).await["state"], "succeeded");
        let export = csv_of(&api, &own).await;
        let (status, pages) = api.get("pages", &own).await;
        assert_eq!(status, StatusCode::OK);
        let page = pages["pages"][0]["id"].as_str().unwrap().to_owned();
        let (_, comments) = api.get(&format!("pages/{page}/comments"), &own).await;
        let comment = comments["comments"][0]["id"].as_str().unwrap().to_owned();
        let index = http_client()
            .get(format!("http://{}/", api.address()))
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .unwrap();
        let asset = index.split('"').find(|part| part.starts_with("/assets/")).expect("the page has files").to_owned();
        Self { job, export, page, comment, own, api, asset, sites: AtomicU64::new(1) }
    }

    /// A request for a route such as `GET /api/v1/jobs/{id}` that its owner may make, without a
    /// token. Objects that a success consumes are created for each request.
    pub(super) async fn request(&self, described: &Described, route: &str, is_to_succeed: bool) -> RequestBuilder {
        let (method, path) = route.split_once(' ').unwrap();
        let site = self.site_token();
        let id = match path.trim_start_matches("/api/v1/").split_once('/') {
            Some(("sites", "{id}" | "{id}/sync")) => self.site(&site).await,
            Some(("jobs", "{id}/cancel" | "{id}/confirm")) if is_to_succeed => self.checked_job().await,
            Some(("jobs", "{id}/file")) => self.export.clone(),
            Some(("uploads", _)) if is_to_succeed => self.upload(described).await,
            Some(("tokens", _)) if is_to_succeed => self.token(described).await,
            Some(("pages", _)) => self.page.clone(),
            Some(("comments", _)) => self.comment.clone(),
            Some(("tokens", _)) => self.own.split('_').nth(1).unwrap().to_owned(),
            _ => self.job.clone(),
        };
        let request = described.request(method.parse::<Method>().unwrap(), &path.replace("{id}", &id));
        if path.ends_with("/asking") || path == "/api/v1/sites" && method == "POST" {
            Plugin::new(self.api.address(), &site, &domain(&site)).ask().await;
        }
        match route {
            "POST /api/v1/sites" => request.json(&json!({"token": site, "domain": domain(&site), "accept": true})),
            "GET /api/v1/sites/asking" => request.query(&[("token", &*site)]),
            "PUT /integrations/v1/token" => {
                request.query(&[("token", &*site), ("integrationType", "wordpress"), ("domain", &domain(&site))])
            }
            route if route.contains("/integrations/") => {
                let request = request.query(&[("token", &*site)]);
                match method {
                    "POST" => request.json(&rethread_tests::batch(0, &[])),
                    "PATCH" => request.json(&json!({"mappings": []})),
                    _ => request,
                }
            }
            "POST /api/v1/imports" => request.body(export()),
            "POST /api/v1/detect" => request.body("<disqus>"),
            "POST /api/v1/session" => request.json(&json!({"token": self.own})),
            "POST /api/v1/tokens" => request.json(&json!({"name": "another"})),
            "POST /api/v1/uploads" => tus(request).header("upload-length", 1000),
            "POST /api/v1/uploads/{id}" => tus(request).header("x-http-method-override", "HEAD"),
            "HEAD /api/v1/uploads/{id}" | "DELETE /api/v1/uploads/{id}" => tus(request),
            "PATCH /api/v1/uploads/{id}" => {
                let piece = tus(request).header("content-type", "application/offset+octet-stream");
                piece.header("upload-offset", 0).body("<disqus>")
            }
            // Requests that start jobs are like their examples.
            route => match described.example_of_body(route) {
                Some(body) => request.json(body),
                None => request,
            },
        }
    }

    /// A path such as `/api/v1/jobs/{id}` with the id of an existing object.
    pub(super) fn path(&self, template: &str) -> String {
        if template.starts_with("/assets/") { self.asset.clone() } else { template.replace("{id}", &self.job) }
    }

    /// An unused plugin token.
    fn site_token(&self) -> String {
        format!("{:013x}.00000000", self.sites.fetch_add(1, Ordering::Relaxed))
    }

    /// A linked site that has sent everything.
    async fn site(&self, token: &str) -> String {
        let plugin = Plugin::new(self.api.address(), token, &domain(token));
        plugin.ask().await;
        let answer = json!({"token": token, "domain": domain(token), "accept": true});
        let answered = http_client().post(self.api.url("sites")).bearer_auth(&self.own).json(&answer).send().await;
        let answered: Value = answered.expect("an answer").json().await.unwrap();
        plugin.deliver(0, &[]).await;
        let site = &answered["site"];
        self.api.receipt(site["job"].as_str().expect("a linked site is synced"), &self.own).await;
        site["id"].as_str().unwrap().to_owned()
    }

    /// A job that waits for confirmation.
    async fn checked_job(&self) -> String {
        let job = self.api.begin_import("check=true", &self.own, export()).await;
        wait_for(&format!("job {job} to be checked"), || async {
            (self.api.job(&job, &self.own).await["state"] == "waiting").then_some(())
        })
        .await;
        job
    }

    /// An upload without any bytes yet.
    async fn upload(&self, described: &Described) -> String {
        let request = described.request(Method::POST, "/api/v1/uploads").bearer_auth(&self.own);
        let made = described.send(tus(request).header("upload-length", 1000)).await;
        assert_eq!(made.status, StatusCode::CREATED);
        made.headers["location"].to_str().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    async fn token(&self, described: &Described) -> String {
        let request = described.request(Method::POST, "/api/v1/tokens").bearer_auth(&self.own);
        let made: Value = described.send(request.json(&json!({"name": "short"}))).await.json();
        made["id"].as_str().unwrap().to_owned()
    }
}

/// A completed export.
async fn csv_of(api: &Api, token: &str) -> String {
    let begun = http_client().post(api.url("exports")).bearer_auth(token).json(&json!({"format": "csv"})).send().await;
    let job: Value = begun.expect("an answer").json().await.unwrap();
    let id = job["id"].as_str().unwrap().to_owned();
    assert_eq!(api.receipt(&id, token).await["state"], "succeeded");
    id
}

fn tus(request: RequestBuilder) -> RequestBuilder {
    request.header("tus-resumable", "1.0.0")
}

fn export() -> Vec<u8> {
    generated_bytes(Vendor::Disqus, 20).0
}
