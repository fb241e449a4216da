//! A tus client.

use std::net::SocketAddr;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use rethread_model::JobId;
use rethread_runtime::http_client;
use rethread_stores::BlobKey;

use super::harness::Api;

/// The uploads of one token.
pub(super) struct Tus<'a> {
    pub(super) api: &'a Api,
    pub(super) token: String,
}

impl<'a> Tus<'a> {
    pub(super) async fn of_admin(api: &'a Api) -> Self {
        Self { api, token: api.admin().await }
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.api.request(method, &format!("/api/v1/{path}"));
        request.bearer_auth(&self.token).header("tus-resumable", "1.0.0")
    }

    /// Creates an upload of `length` bytes.
    pub(super) async fn create(&self, length: usize) -> JobId {
        let created = self.request(Method::POST, "uploads").header("upload-length", length).send().await.unwrap();
        assert_eq!(created.status(), StatusCode::CREATED);
        id_of(&created)
    }

    pub(super) fn patch(&self, id: JobId, offset: usize) -> RequestBuilder {
        let request = self.request(Method::PATCH, &format!("uploads/{id}"));
        request.header("content-type", "application/offset+octet-stream").header("upload-offset", offset)
    }

    /// Sends a piece, which must be accepted, and returns the new offset.
    pub(super) async fn send(&self, id: JobId, offset: usize, piece: &[u8]) -> usize {
        let answer = self.patch(id, offset).body(piece.to_vec()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{:?}", answer.text().await);
        offset_of(&answer)
    }

    pub(super) async fn head(&self, id: JobId) -> Response {
        self.request(Method::HEAD, &format!("uploads/{id}")).send().await.unwrap()
    }

    pub(super) async fn offset(&self, id: JobId) -> usize {
        let answer = self.head(id).await;
        assert_eq!(answer.status(), StatusCode::OK);
        offset_of(&answer)
    }

    /// The head of a chunked PATCH to another gateway, written by hand.
    pub(super) fn head_of_patch(offset: usize) -> String {
        format!(
            "tus-resumable: 1.0.0\r\ncontent-type: application/offset+octet-stream\r\nupload-offset: {offset}\r\n\
             transfer-encoding: chunked\r\n"
        )
    }

    pub(super) async fn delete(&self, id: JobId) -> StatusCode {
        self.request(Method::DELETE, &format!("uploads/{id}")).send().await.unwrap().status()
    }

    /// A PATCH through another gateway.
    pub(super) async fn patch_at(&self, gateway: SocketAddr, id: JobId, offset: usize, piece: &[u8]) -> Response {
        let request = http_client()
            .build()
            .unwrap()
            .patch(format!("http://{gateway}/api/v1/uploads/{id}"))
            .bearer_auth(&self.token);
        let request = request.header("tus-resumable", "1.0.0").header("upload-offset", offset);
        let request = request.header("content-type", "application/offset+octet-stream");
        request.body(piece.to_vec()).send().await.unwrap()
    }

    /// The whole file, after it was handed over to the workers.
    pub(super) async fn stored(&self, id: JobId) -> Vec<u8> {
        let job = self.api.stored(id).await;
        let key = BlobKey::Upload(job.account, id);
        self.api.context.backends.blobs.read(&key, 0..u64::MAX).await.unwrap().to_vec()
    }
}

pub(super) fn id_of(created: &Response) -> JobId {
    let location = created.headers()["location"].to_str().unwrap();
    location.strip_prefix("/api/v1/uploads/").unwrap().parse().unwrap()
}

pub(super) fn offset_of(answer: &Response) -> usize {
    answer.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
}
