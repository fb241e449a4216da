//! A real WordPress, whose comments are read by a script that uses the plugin's protocol.

use reqwest::StatusCode;
use rethread_tests::{Rows, Side, System, WordPress, http_client};
use serde_json::{Value, json};

use super::{DISQUS_PAGE, disqus_on, site, sync_again};
use crate::assert_adds_up;

/// A site with posts, comments, replies, pending ones and spam.
async fn filled(system: &System) -> (WordPress, Value) {
    let wordpress = WordPress::start().await;
    let holds = wordpress.fill(8, 260).await;
    wordpress.set_service(&format!("http://{}", system.api().address())).await;
    (wordpress, holds)
}

/// Links the site and accepts it; returns the id of its sync.
pub(super) async fn link(system: &System, wordpress: &WordPress, admin: &str) -> String {
    let made = wordpress.script("sync", &["token"]).await;
    let answer = json!({"token": made["token"], "domain": wordpress.home(), "accept": true});
    let request = http_client().post(system.api().url("sites")).bearer_auth(admin).json(&answer);
    let answered = request.send().await.unwrap();
    assert_eq!(answered.status(), StatusCode::OK, "{made:#}");
    let answered: Value = answered.json().await.unwrap();
    answered["site"]["job"].as_str().unwrap().to_owned()
}

/// Ticks until nothing is left; returns the number of comments sent.
pub(super) async fn send_all(wordpress: &WordPress) -> u64 {
    let mut sent = 0;
    loop {
        let tick = wordpress.script("sync", &["tick"]).await;
        assert_eq!(tick["commands"], json!(["SendComments"]), "{tick:#}");
        sent += tick["sent"].as_u64().unwrap();
        if tick["remaining"] == 0 {
            return sent;
        }
    }
}

async fn import_file(system: &System, wordpress: &WordPress, admin: &str) -> Value {
    let receipt = system.api().import("vendor=wordpress", admin, wordpress.export_wxr().await).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    assert_adds_up(&receipt);
    receipt
}

fn count(holds: &Value, pointer: &str) -> i64 {
    holds.pointer(pointer).and_then(Value::as_i64).unwrap_or_else(|| panic!("no {pointer} in {holds:#}"))
}

/// Comments, threads and pages; the author of a comment is part of its row.
async fn lasting(system: &System) -> Rows {
    let rows = system.rows().await;
    rows.into_iter().filter(|row| !row.starts_with("author ")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_site_syncs_and_its_export_brings_no_duplicate_either_way_round() {
    let system = System::start(Side::Embedded).await;
    let admin = system.token("default");
    let (wordpress, holds) = filled(&system).await;
    let trash = count(&holds, "/by_status/trash");

    let job = link(&system, &wordpress, &admin).await;
    let sent = send_all(&wordpress).await;
    let synced = system.api().receipt(&job, &admin).await;
    assert_eq!(synced["state"], "succeeded", "{synced:#}");
    assert_adds_up(&synced);
    assert_eq!(i64::try_from(sent).unwrap(), count(&holds, "/to_be_sent"));
    assert_eq!(synced["outcome"]["created"], holds["to_be_sent"], "{synced:#}");
    let status = json!({
        "approved": holds["by_status"]["1"], "pending": holds["by_status"]["0"], "spam": holds["by_status"]["spam"], "deleted": 0,
    });
    assert_eq!(synced["status"], status, "{synced:#}");
    assert_eq!(synced["orphans"], 1, "one answers what is in the trash: {synced:#}");

    // Comments in the trash are exported and not sent; pingbacks are left out of files, and spam is
    // not in them.
    let filed = import_file(&system, &wordpress, &admin).await;
    assert_eq!(filed["origin"], synced["origin"]);
    assert_eq!(count(&filed, "/outcome/created"), trash, "no duplicate: {filed:#}");
    let after_both = lasting(&system).await;
    let comments = after_both.iter().filter(|row| row.starts_with("comment ")).count();
    assert_eq!(i64::try_from(comments).unwrap(), count(&holds, "/comments"));

    // A second file, and a second sync, find everything as it is.
    let again = import_file(&system, &wordpress, &admin).await;
    assert_eq!((count(&again, "/outcome/created"), count(&again, "/outcome/updated")), (0, 0), "{again:#}");
    wordpress.script("sync", &["again"]).await;
    let second = sync_again(system.api(), &admin).await;
    assert_eq!(send_all(&wordpress).await, sent);
    let second = system.api().receipt(&second, &admin).await;
    assert_eq!(second["outcome"]["unchanged"], holds["to_be_sent"], "{second:#}");
    assert_eq!(lasting(&system).await, after_both);

    // The other way round: the file first.
    let other = System::start(Side::Embedded).await;
    let admin = other.token("default");
    import_file(&other, &wordpress, &admin).await;
    wordpress.set_service(&format!("http://{}", other.api().address())).await;
    wordpress.script("sync", &["again"]).await;
    let job = link(&other, &wordpress, &admin).await;
    send_all(&wordpress).await;
    let synced = other.api().receipt(&job, &admin).await;
    let outcome = |word: &str| count(&synced, &format!("/outcome/{word}"));
    // Spam and votes are in no file; pingbacks are left out of files.
    assert_eq!(outcome("created"), count(&holds, "/by_status/spam") + count(&holds, "/by_type/pingback"), "{synced:#}");
    let voted = ["voted_up", "voted_down"].iter().filter(|name| holds["named"][**name].is_number()).count();
    assert_eq!(outcome("updated"), i64::try_from(voted).unwrap(), "{synced:#}");
    assert_eq!(outcome("created") + outcome("updated") + outcome("unchanged"), count(&holds, "/to_be_sent"));
    let other_rows = lasting(&other).await;
    let difference = other_rows.iter().zip(&after_both).find(|(one, other)| one != other);
    assert!(
        other_rows == after_both,
        "{} and {} rows, the first that differ: {difference:#?}",
        other_rows.len(),
        after_both.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_site_keeps_its_copy_of_what_came_from_elsewhere() {
    let system = System::start(Side::Embedded).await;
    let (api, admin) = (system.api(), system.token("default"));
    let (wordpress, holds) = filled(&system).await;
    let post = &holds["posts"][0];
    let job = link(&system, &wordpress, &admin).await;
    send_all(&wordpress).await;
    assert_eq!(api.receipt(&job, &admin).await["state"], "succeeded");
    assert_eq!(wordpress.script("sync", &["events"]).await["outcomes"], json!([]), "it knows what it sent");

    let file = disqus_on(post["url"].as_str().unwrap());
    assert_eq!(api.import("vendor=disqus", &admin, file).await["outcome"]["created"], DISQUS_PAGE);
    let fetched = super::fetched(&wordpress, "added").await;
    assert_eq!(fetched["outcomes"], json!({"added": DISQUS_PAGE}), "{fetched:#}");
    assert_eq!(fetched["mappings"]["codes"], json!([200]), "{fetched:#}");
    let again = wordpress.script("sync", &["events"]).await;
    assert_eq!(again["outcomes"].get("added"), None, "{again:#}");

    // The copies come back, by the plugin and by the export file, and are recognised.
    let rows = system.comment_rows().await;
    sync_again(api, &admin).await;
    assert_eq!(i64::try_from(send_all(&wordpress).await).unwrap(), DISQUS_PAGE);
    let resynced = site(api, &admin).await["job"].as_str().unwrap().to_owned();
    let receipt = api.receipt(&resynced, &admin).await;
    assert_eq!(receipt["findings"]["skipped"], json!({"came_from_here": DISQUS_PAGE}), "{receipt:#}");
    let filed = import_file(&system, &wordpress, &admin).await;
    assert_eq!(filed["findings"]["skipped"]["came_from_here"], DISQUS_PAGE, "{filed:#}");
    let trash = count(&holds, "/by_status/trash");
    assert_eq!(i64::try_from(system.comment_rows().await.len() - rows.len()).unwrap(), trash);
}
