//! Interrupted uploads.

use rethread_tests::wait_for;

use super::desk::Desk;

/// The first chunk is a third of the file, so that one chunk has arrived completely by then.
const COMMENTS: u64 = 40_000;
/// Bytes per second: slow enough that a busy machine interrupts the upload before its end.
const SLOW: u64 = 1_200_000;

async fn under_way(desk: &Desk) -> f64 {
    wait_for("a good part of the file to be sent", || async { desk.bar().await.filter(|done| *done > 0.45) }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_in_the_middle_of_an_upload_costs_what_was_on_its_way() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    let (file, truth) = desk.export(COMMENTS);
    let (other, _) = desk.export(100);
    desk.choose(&file).await;
    browser.slow_down(SLOW).await;
    browser.click("[data-test=import]").await;
    under_way(&desk).await;
    browser.reload().await;

    browser.read(".notice-warning", "was interrupted").await;
    browser.choose_file("#file", &other).await;
    browser.read("[role=alert]", "not the file").await;
    browser.choose_file("#file", &file).await;
    let done = wait_for("the upload to go on", || async { desk.bar().await.filter(|done| *done > 0.0) }).await;
    assert!(done > 0.2, "it began anew: {done}");
    browser.go_online().await;
    let id = desk.job_shown().await;
    browser.read(".notice-good", "The import is done").await;
    let job = desk.job(&id).await;
    assert_eq!(job["read"], serde_json::to_value(truth.read).unwrap());
    let (_, jobs) = desk.system.api().get("jobs", &desk.token).await;
    assert_eq!(jobs["jobs"].as_array().unwrap().len(), 1, "one upload is one job: {jobs:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_pauses_outlives_a_lost_connection_and_shows_on_other_pages() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    let (file, truth) = desk.export(COMMENTS);
    desk.choose(&file).await;
    browser.slow_down(SLOW).await;
    browser.click("[data-test=import]").await;
    under_way(&desk).await;
    browser.click("[data-key=pause]").await;
    browser.read("#upload-title", "Paused").await;
    browser.click("[data-key=go]").await;
    browser.read("#upload-title", "Uploading").await;
    browser.go_offline().await;
    browser.read("#upload-title", "Connection lost").await;
    browser.slow_down(SLOW).await;
    desk.go("jobs").await;
    browser.see(".transfer").await;
    desk.go("import").await;
    browser.go_online().await;
    let id = desk.job_shown().await;
    browser.read(".notice-good", "The import is done").await;
    assert_eq!(desk.job(&id).await["read"], serde_json::to_value(truth.read).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    let (file, _) = desk.export(COMMENTS);
    desk.choose(&file).await;
    browser.slow_down(SLOW).await;
    browser.click("[data-test=import]").await;
    under_way(&desk).await;
    browser.click("[data-key=abandon]").await;
    browser.click("dialog [data-test=agree]").await;
    browser.see("#file + label").await;
    browser.go_online().await;
    wait_for("the upload to be deleted", || async { desk.system.files().await.is_empty().then_some(()) }).await;
    browser.reload().await;
    browser.see("#file + label").await;
    assert!(!browser.text("main").await.contains("interrupted"));
}
