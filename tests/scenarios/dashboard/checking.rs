//! What the page of a check asks before the import.

use std::path::PathBuf;

use rethread_model::MappingRule;
use serde_json::{Value, json};

use super::desk::Desk;

fn file(desk: &Desk, name: &str, content: &str) -> PathBuf {
    let path = desk.folder().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

async fn page_keys(desk: &Desk) -> Vec<Value> {
    let (_, pages) = desk.system.api().get("pages", &desk.token).await;
    pages["pages"].as_array().unwrap().iter().map(|page| page["url_id"].clone()).collect()
}

fn disqus(text: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><disqus xmlns=\"http://disqus.com\" xmlns:dsq=\"http://disqus.com/disqus-internals\">\
         <category dsq:id=\"1\"><forum>small</forum></category><thread dsq:id=\"10\"><forum>small</forum>\
         <link>https://small.example/a/</link><title>A</title></thread><post dsq:id=\"1\"><message>{text}</message>\
         <createdAt>2020-01-01T00:00:00Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>\
         <author><name>Ann</name></author><thread dsq:id=\"10\" /></post></disqus>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_the_last_import_are_the_default() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    let rules = [MappingRule { from: "small.example".to_owned(), to: "large.example".to_owned() }];
    let map: String = url::form_urlencoded::byte_serialize(MappingRule::table(&rules).as_bytes()).collect();
    desk.system.api().import(&format!("map={map}"), &desk.token, disqus("one").into_bytes()).await;

    for (text, choice, key) in
        [("two", None, "large.example/a"), ("three", Some("label[for=pages-now]"), "small.example/a")]
    {
        desk.go("import").await;
        desk.choose(&file(&desk, "again.xml", &disqus(text))).await;
        browser.click("[data-test=check]").await;
        let id = desk.job_shown().await;
        browser.read("[data-key=pages]", "in another way").await;
        browser.read("[data-key=pages]", "with one rule for addresses").await;
        browser.holds("document.querySelector('#pages-before').checked").await;
        if let Some(choice) = choice {
            browser.click(choice).await;
        }
        browser.click("[data-test=confirm]").await;
        browser.read(".notice-good", "The import is done").await;
        assert_eq!(page_keys(&desk).await, [key], "{choice:?}");
        assert_eq!(desk.job(&id).await["outcome"]["updated"], 1);
    }
    browser.read(".notice-good", "may have moved to other pages").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_site_that_a_file_does_not_name_is_asked_for() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    let comments = json!([{
        "commentId": "1", "itemId": "post-17", "message": "Hello", "createdAt": "2020-01-01T00:00:00Z", "username": "Ann",
    }]);
    desk.choose(&file(&desk, "nameless.json", &comments.to_string())).await;
    browser.click("[data-test=check]").await;
    desk.job_shown().await;
    browser.read("[data-key=site]", "does not say which site").await;
    browser.write("#site_url", "blog.example").await;
    browser.click("[data-test=confirm]").await;
    browser.read("[role=alert]", "address of a site").await;
    browser.see("#site_url").await.clear().await.unwrap();
    browser.write("#site_url", "https://blog.example").await;
    browser.click("[data-test=confirm]").await;
    browser.read(".notice-good", "The import is done").await;
    assert_eq!(page_keys(&desk).await, ["blog.example#post-17"]);
}
