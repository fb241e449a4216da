//! Files that are uploaded in several requests.

mod creation;
mod ending;
mod pieces;
mod writers;

use reqwest::{Method, StatusCode};
use rethread_model::{JobId, Phase, TaskKind, Vendor};
use rethread_stores::BlobKey;

use super::harness::{Api, problem};
use super::tus::{Tus, id_of, offset_of};

fn file(length: usize) -> Vec<u8> {
    (0..=255).cycle().take(length).collect()
}

#[tokio::test]
async fn a_file_comes_in_by_pieces_and_is_handed_to_the_workers() {
    let mut api = Api::start().await;
    let file = file(3_000_000);
    let id = {
        let tus = Tus::of_admin(&api).await;
        let metadata = "vendor ZGlzcXVz,dry_run dHJ1ZQ==,filename ZXhwb3J0LnhtbC5neg==";
        let request = tus.request(Method::POST, "uploads").header("upload-length", file.len());
        let created = request.header("upload-metadata", metadata).send().await.unwrap();
        assert_eq!((created.status(), offset_of(&created)), (StatusCode::CREATED, 0));
        assert!(created.headers()["upload-expires"].to_str().unwrap().ends_with(" GMT"));
        let id = id_of(&created);
        assert_eq!(api.json(&format!("/api/v1/jobs/{id}"), &tus.token).await["phase"], "uploading");

        let mut offset = 0;
        for end in [1, 1, 1_000_000, 2_999_999] {
            assert_eq!(tus.send(id, offset, &file[offset..end]).await, end);
            offset = end;
            let head = tus.head(id).await;
            assert_eq!((head.status(), offset_of(&head)), (StatusCode::OK, end));
            assert_eq!(head.headers()["upload-length"], "3000000");
            assert_eq!(head.headers()["upload-metadata"], metadata);
            assert_eq!(head.headers()["tus-resumable"], "1.0.0");
            assert_eq!(head.headers()["cache-control"], "no-store");
            assert!(head.headers().contains_key("upload-expires"));
        }
        let last = tus.patch(id, offset).body(file[offset..].to_vec()).send().await.unwrap();
        assert_eq!((last.status(), offset_of(&last)), (StatusCode::NO_CONTENT, file.len()));
        assert!(!last.headers().contains_key("upload-expires"), "it is the job's now");
        assert_eq!(tus.offset(id).await, file.len(), "who missed the answer sees it");
        assert!(tus.stored(id).await == file, "the stored file differs");
        let more = tus.patch(id, file.len()).body("x").send().await.unwrap();
        problem(more, StatusCode::CONFLICT, "job-state").await;
        assert_eq!(tus.delete(id).await, StatusCode::CONFLICT, "a job is cancelled instead");
        id
    };
    assert_eq!(api.task().await, (id, TaskKind::Plan));
    let job = api.stored(id).await;
    let options = job.import().unwrap();
    assert_eq!((job.phase, options.vendor, options.dry_run), (Phase::Planning, Some(Vendor::Disqus), true));
    assert_eq!(job.file_name.as_deref(), Some("export.xml.gz"));
    assert_eq!((job.account.as_str(), job.started_by.as_str()), ("acme", "ann"));
    assert_eq!((job.progress.bytes_stored, job.sha256), (3_000_000, None));
}

/// Waits until a gateway has stored `bytes` bytes of an upload.
async fn has_stored(api: &Api, id: JobId, bytes: u64) {
    let account = api.stored(id).await.account;
    let key = BlobKey::Upload(account, id);
    while api.context.backends.blobs.resume(&key).await.unwrap().offset() < bytes {
        tokio::task::yield_now().await;
    }
}
