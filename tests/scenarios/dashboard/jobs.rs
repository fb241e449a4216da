//! The list of jobs.

use rethread_tests::Proxy;
use serde_json::json;

use super::desk::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_another_admin_appears_by_itself_and_is_cancelled() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    desk.go("jobs").await;
    browser.read(".empty", "No jobs yet").await;
    let (file, _) = desk.export(40_000);
    let upload = std::fs::read(file).unwrap();
    let id = desk.system.api().begin_import("file_name=theirs.xml", &desk.token, upload).await;
    let row = format!(".job[data-key='{id}']");
    browser.read(&row, "theirs.xml").await;
    browser.read(&row, "comments read").await;
    browser.click(&format!("{row} button")).await;
    browser.click("dialog [data-test=agree]").await;
    browser.read(&format!("{row} .badge"), "Cancelled").await;
    assert_eq!(desk.job(&id).await["state"], "cancelled");
    assert_eq!(desk.system.files().await, Vec::<String>::new());
    // Screen readers announce it.
    browser.holds("document.querySelector('#announcements').textContent.includes('Cancelled')").await;

    browser.see("#state").await.select_by_value("succeeded").await.unwrap();
    browser.read(".empty", "No job is in this state").await;
    browser.see("#state").await.select_by_value("cancelled").await.unwrap();
    browser.read(".jobs", "theirs.xml").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_catches_up_after_a_lost_connection() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    // Chromium's own switch leaves streams open.
    let proxy = Proxy::to(desk.system.api().address()).await;
    browser.open(&format!("http://{}/#/jobs", proxy.address())).await;
    browser.read(".empty", "No jobs yet").await;
    proxy.cut();
    let (file, _) = desk.export(500);
    let receipt = desk.system.api().import("file_name=missed.xml", &desk.token, std::fs::read(file).unwrap()).await;
    assert_eq!(receipt["state"], "succeeded");
    assert_eq!(browser.run("return document.querySelector('.jobs')").await, json!(null));
    proxy.heal();
    browser.read(".jobs", "missed.xml").await;
    browser.read(".jobs .badge", "Done").await;
}
