//! Names on the pages of conversations.

use serde_json::json;

use super::desk::Desk;
use crate::names::{NAMES, file, name};

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_shows_the_names_that_comments_were_signed_with() {
    let desk = Desk::signed_in().await;
    let (api, token, browser) = (desk.system.api(), &desk.token, &desk.browser);
    let receipt = api.import("", token, file(0..NAMES)).await;
    assert_eq!(receipt["outcome"]["created"], NAMES, "{receipt:#}");
    let (_, pages) = api.get("pages", token).await;
    let page = pages["pages"][0]["id"].as_str().unwrap();
    browser.open(&desk.url(&format!("#/pages/{page}"))).await;
    browser.holds(&format!("document.querySelectorAll('.comment').length === {NAMES}")).await;
    let shown = browser
        .run("return [...document.querySelectorAll('.comment-author')].map((author) => author.textContent)")
        .await;
    assert_eq!(shown, json!((0..NAMES).map(name).collect::<Vec<_>>()));
    let link = browser.run("return document.querySelector('.comment-author a').href").await;
    assert_eq!(link, "https://name-00.example/");

    let job = receipt["job_id"].as_str().unwrap();
    browser.open(&desk.url(&format!("#/jobs/{job}"))).await;
    browser.read("main", "e-mail address of several people").await;
}
