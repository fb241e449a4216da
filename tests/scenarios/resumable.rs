//! A file that arrives in several requests, with faults between and in them.

use futures::stream;
use reqwest::{Method, RequestBuilder, StatusCode};
use rethread_model::Vendor;
use rethread_tests::{Api, Rethread, Side, System, http_client, on_both_sides, rows, wait_for};
use tokio::task::JoinHandle;

use crate::{assert_adds_up, comparable, generated_bytes};

const COMMENTS: u64 = 10_000;
/// Several parts of a multipart upload.
const FILE_BYTES: usize = 40 << 20;
const PIECE: &str = "application/offset+octet-stream";

on_both_sides!(
    an_upload_survives_broken_connections_and_killed_gateways,
    an_upload_that_is_not_gone_on_with_is_ended_and_deleted,
    an_upload_that_is_terminated_is_deleted,
    an_upload_that_changes_after_its_check_is_not_imported,
);

fn request(api: &Api, method: Method, route: &str, token: &str) -> RequestBuilder {
    http_client().request(method, api.url(route)).bearer_auth(token).header("tus-resumable", "1.0.0")
}

/// Starts an upload and returns its id.
async fn create(api: &Api, token: &str, length: usize, metadata: &str) -> String {
    let request = request(api, Method::POST, "uploads", token).header("upload-length", length);
    let created = request.header("upload-metadata", metadata).send().await.unwrap();
    assert_eq!(created.status(), StatusCode::CREATED);
    let location = created.headers()["location"].to_str().unwrap();
    location.rsplit('/').next().unwrap().to_owned()
}

fn patch(api: &Api, token: &str, id: &str, offset: usize) -> RequestBuilder {
    let request = request(api, Method::PATCH, &format!("uploads/{id}"), token);
    request.header("content-type", PIECE).header("upload-offset", offset)
}

/// The upload's offset; the status if it is gone.
async fn offset(api: &Api, token: &str, id: &str) -> Result<usize, StatusCode> {
    let answer = request(api, Method::HEAD, &format!("uploads/{id}"), token).send().await.unwrap();
    match answer.headers().get("upload-offset") {
        Some(offset) if answer.status() == StatusCode::OK => Ok(offset.to_str().unwrap().parse().unwrap()),
        _ => Err(answer.status()),
    }
}

/// Sends a piece that does not end; returns the answer, if there is one.
fn begin_piece(api: &Api, token: &str, id: &str, at: usize, piece: &[u8]) -> JoinHandle<Option<StatusCode>> {
    let piece = piece.to_vec();
    let endless = stream::unfold(Some(piece), async |piece| match piece {
        Some(piece) => Some((Ok::<_, std::io::Error>(piece), None)),
        None => std::future::pending().await,
    });
    let sending = patch(api, token, id, at).body(reqwest::Body::wrap_stream(endless)).send();
    tokio::spawn(async move { sending.await.ok().map(|answer| answer.status()) })
}

/// Waits until the job reports that this number of bytes has arrived.
async fn has_arrived(api: &Api, token: &str, id: &str, bytes: usize) {
    wait_for(&format!("{bytes} bytes to arrive"), || async {
        let job = api.job(id, token).await;
        (job["progress"]["bytes_stored"].as_u64()? >= bytes as u64).then_some(())
    })
    .await;
}

/// An export of this size with few comments: the rest is XML comments.
fn long_file() -> Vec<u8> {
    let (mut file, _) = generated_bytes(Vendor::Disqus, COMMENTS);
    let end = file.split_off(file.len() - "</disqus>\n".len());
    assert_eq!(end, b"</disqus>\n");
    let filler = format!("<!-- {} -->\n", "filler ".repeat(150));
    while file.len() < FILE_BYTES {
        file.extend_from_slice(filler.as_bytes());
    }
    file.extend(end);
    file
}

async fn an_upload_survives_broken_connections_and_killed_gateways(side: Side) {
    let undisturbed = Rethread::new();
    let path = undisturbed.data().join("export.xml");
    let file = long_file();
    std::fs::write(&path, &file).unwrap();
    let finished = tokio::task::block_in_place(|| undisturbed.import(&path, &[]));
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);

    let mut system = System::start(side).await;
    let token = system.token("default");
    let id = create(system.api(), &token, file.len(), "vendor ZGlzcXVz").await;

    // A broken connection.
    let sent = 10 << 20;
    let broken = begin_piece(system.api(), &token, &id, 0, &file[..sent]);
    has_arrived(system.api(), &token, &id, sent).await;
    broken.abort();
    let first = sent;
    wait_for("what had arrived to be kept", || async {
        (offset(system.api(), &token, &id).await == Ok(first)).then_some(())
    })
    .await;

    // All processes are killed, the gateway included.
    let sent = first + (18 << 20);
    let killed = begin_piece(system.api(), &token, &id, first, &file[first..sent]);
    has_arrived(system.api(), &token, &id, first + (9 << 20)).await;
    system.restart().await;
    assert_eq!(killed.await.unwrap(), None, "nobody says that the piece is whole");
    let second = offset(system.api(), &token, &id).await.unwrap();
    assert!(second > first && second <= sent, "of {sent} bytes {second} are kept, {first} of them from before");
    assert_eq!(system.api().job(&id, &token).await["phase"], "uploading");

    // The rest, whose first request may come too early, while the killed request still holds the
    // lease.
    let end = wait_for("the rest to be taken", || async {
        let answer = patch(system.api(), &token, &id, second).body(file[second..].to_vec()).send().await.unwrap();
        match answer.status() {
            StatusCode::LOCKED => None,
            StatusCode::NO_CONTENT => Some(answer.headers()["upload-offset"].to_str().unwrap().to_owned()),
            other => panic!("{other}: {}", answer.text().await.unwrap()),
        }
    })
    .await;
    assert_eq!(end, file.len().to_string());
    let receipt = system.api().receipt(&id, &token).await;
    assert_adds_up(&receipt);
    assert_eq!(comparable(&receipt), comparable(&finished.json()));
    assert_eq!(system.files().await, Vec::<String>::new(), "nothing is left of the upload");
    assert_eq!(
        offset(system.api(), &token, &id).await,
        Ok(file.len()),
        "who missed the answer learns that it is whole"
    );
    assert_eq!(system.rows().await, rows(undisturbed.data()));
}

const IMPATIENT: [(&str, &str); 3] = [
    ("RETHREAD_GATEWAY__UPLOAD_EXPIRES_AFTER", "4s"),
    ("RETHREAD_WORKER__JANITOR_INTERVAL", "500ms"),
    ("RETHREAD_WORKER__OVERDUE_AFTER", "1s"),
];

async fn an_upload_that_is_not_gone_on_with_is_ended_and_deleted(side: Side) {
    let system = System::start_with(side, &IMPATIENT).await;
    let (api, token) = (system.api(), system.token("default"));
    let id = create(api, &token, 30 << 20, "").await;
    let answer = patch(api, &token, &id, 0).body(vec![b' '; 20 << 20]).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_ne!(system.files().await, Vec::<String>::new());
    let receipt = api.receipt(&id, &token).await;
    assert_eq!((&receipt["state"], &receipt["error"]["code"]), (&"failed".into(), &"upload_expired".into()));
    assert_eq!(system.files().await, Vec::<String>::new(), "unfinished uploads included");
    assert_eq!(offset(api, &token, &id).await, Err(StatusCode::GONE));
}

async fn an_upload_that_is_terminated_is_deleted(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    let id = create(api, &token, 30 << 20, "").await;
    // While a piece of it is arriving.
    let sending = begin_piece(api, &token, &id, 0, &vec![b' '; 20 << 20]);
    has_arrived(api, &token, &id, 9 << 20).await;
    let ended = request(api, Method::DELETE, &format!("uploads/{id}"), &token).send().await.unwrap();
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    assert_eq!(offset(api, &token, &id).await, Err(StatusCode::GONE));
    sending.abort();
    let receipt = api.receipt(&id, &token).await;
    assert_eq!(receipt["state"], "cancelled");
    wait_for("what the piece left behind to be deleted", || async { system.files().await.is_empty().then_some(()) })
        .await;
}

/// No digest of it exists before the check, which stores one.
async fn an_upload_that_changes_after_its_check_is_not_imported(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    let (file, _) = generated_bytes(Vendor::Disqus, 50);
    let metadata = "check dHJ1ZQ=="; // true
    let id = create(api, &token, file.len(), metadata).await;
    let answer = patch(api, &token, &id, 0).body(file).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    wait_for("the file to be checked", || async { (api.job(&id, &token).await["state"] == "waiting").then_some(()) })
        .await;
    system
        .disturb_last_blob("upload", |mut bytes| {
            let text = bytes.windows(9).position(|window| window == b"<message>").unwrap() + 20;
            bytes[text] ^= 1;
            Some(bytes)
        })
        .await;
    assert_eq!(api.post(&format!("jobs/{id}/confirm"), &token, Vec::new()).await.0, StatusCode::ACCEPTED);
    let receipt = api.receipt(&id, &token).await;
    assert_eq!((&receipt["state"], &receipt["error"]["code"]), (&"failed".into(), &"upload_changed".into()));
    assert_eq!(system.rows().await, Vec::<String>::new());
}
