//! Sites and accounts are isolated from each other.

use std::fs;

use reqwest::StatusCode;
use rethread_tests::{Rethread, Side, System, comment_rows, on_both_sides};
use serde_json::Value;

on_both_sides!(neither_account_sees_what_is_the_others);

fn comment(site: &str, id: u32) -> String {
    let parent = id / 2;
    format!(
        "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author><![CDATA[Bo]]></wp:comment_author>\
         <wp:comment_author_email>bo@{site}</wp:comment_author_email>\
         <wp:comment_date_gmt>2020-01-01 10:00:{id:02}</wp:comment_date_gmt>\
         <wp:comment_content><![CDATA[Number {id} of {site}]]></wp:comment_content>\
         <wp:comment_approved>1</wp:comment_approved><wp:comment_type></wp:comment_type>\
         <wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"
    )
}

fn wordpress(site: &str) -> String {
    let comments: Vec<String> = (1..=20).map(|id| comment(site, id)).collect();
    let comments = comments.concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\">\
         <channel><wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://{site}</wp:base_blog_url>\
         <item><title>Hello</title><link>https://{site}/hello/</link><wp:post_id>5</wp:post_id>{comments}</item>\
         </channel></rss>"
    )
}

#[test]
fn two_sites_with_the_same_ids_give_the_sum_of_both() {
    let rethread = Rethread::new();
    for site in ["one.example", "two.example"] {
        let file = rethread.data().join(site);
        fs::write(&file, wordpress(site)).unwrap();
        let receipt = rethread.import(&file, &[]).json();
        assert_eq!(receipt["outcome"]["created"], 20, "{receipt:#}");
        assert_eq!(receipt["pages"], 1);
    }
    assert_eq!(comment_rows(rethread.data()).len(), 40);
}

async fn neither_account_sees_what_is_the_others(side: Side) {
    let system = System::start(side).await;
    let api = system.api();
    let (ours, theirs) = (system.token("ours"), system.token("theirs"));
    let mut jobs = Vec::new();
    for token in [&ours, &theirs] {
        let id = api.begin_import("", token, wordpress("one.example").into_bytes()).await;
        assert_eq!(api.receipt(&id, token).await["outcome"]["created"], 20);
        jobs.push(id);
    }
    assert_eq!(system.comment_rows().await.len(), 40, "each account has its own rows");

    let page_of = |pages: &Value| pages["pages"][0]["id"].as_str().unwrap().to_owned();
    let their_page = page_of(&api.get("pages", &theirs).await.1);
    assert_ne!(page_of(&api.get("pages", &ours).await.1), their_page);
    let (their_job, listed) = (&jobs[1], api.get("jobs", &ours).await.1);
    assert_eq!(listed["jobs"].as_array().unwrap().len(), 1);
    assert_eq!(listed["jobs"][0]["id"], *jobs[0]);
    for route in [
        format!("jobs/{their_job}"),
        format!("jobs/{their_job}/receipt"),
        format!("jobs/{their_job}/findings"),
        format!("jobs/{their_job}/events"),
        format!("pages/{their_page}/comments"),
    ] {
        assert_eq!(api.get(&route, &ours).await.0, StatusCode::NOT_FOUND, "{route}");
        assert_eq!(api.get(&route, &theirs).await.0, StatusCode::OK, "{route}");
    }
    let (status, _) = api.post(&format!("jobs/{their_job}/cancel"), &ours, Vec::new()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
