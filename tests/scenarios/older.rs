//! Files that are older than the stored data, and imports with other page options than before.

use reqwest::StatusCode;
use rethread_model::MappingRule;
use rethread_tests::{Api, Rethread, Side, System, on_both_sides, wait_for};
use serde_json::{Value, json};

on_both_sides!(an_older_upload_updates_nothing, pages_stay_as_the_last_import_had_them);

/// A comment: id, day of January 2020, text; without one it was deleted at the source.
type Said<'a> = (u32, u32, Option<&'a str>);

fn disqus(said: &[Said<'_>]) -> Vec<u8> {
    let post = |(id, day, text): &Said<'_>| {
        format!(
            "<post dsq:id=\"{id}\"><message><![CDATA[{}]]></message><createdAt>2020-01-{day:02}T00:00:00Z</createdAt>\
             <isDeleted>{}</isDeleted><isSpam>false</isSpam><author><name>Ann</name><username>ann</username></author>\
             <thread dsq:id=\"10\" /></post>",
            text.unwrap_or("my number is 555"),
            text.is_none()
        )
    };
    let posts: String = said.iter().map(post).collect();
    format!(
        "<?xml version=\"1.0\"?><disqus xmlns=\"http://disqus.com\" xmlns:dsq=\"http://disqus.com/disqus-internals\">\
         <category dsq:id=\"1\"><forum>small</forum></category><thread dsq:id=\"10\"><forum>small</forum>\
         <link>https://small.example/a/</link><title>A</title></thread>{posts}</disqus>"
    )
    .into_bytes()
}

const OLDER: &[Said<'static>] =
    &[(1, 1, Some("my number is 555")), (2, 2, Some("first words")), (3, 3, Some("only there"))];
const NEWER: &[Said<'static>] = &[(1, 1, None), (2, 2, Some("second thoughts")), (4, 4, Some("new"))];

/// The comments on the only page, oldest first.
async fn texts(api: &Api, token: &str) -> Vec<String> {
    let (_, pages) = api.get("pages", token).await;
    let id = pages["pages"][0]["id"].as_str().unwrap();
    let (_, listed) = api.get(&format!("pages/{id}/comments"), token).await;
    listed["comments"].as_array().unwrap().iter().map(|comment| comment["text"].as_str().unwrap().to_owned()).collect()
}

async fn an_older_upload_updates_nothing(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("older"));
    api.import("", &token, disqus(NEWER)).await;
    let older = api.import("", &token, disqus(OLDER)).await;
    assert_eq!(older["outcome"], json!({"created": 1, "updated": 0, "unchanged": 2, "skipped": 0, "failed": 0}));
    assert_eq!((&older["findings"]["repaired"], &older["removed"]), (&json!({"older_file": 1}), &Value::Null));
    let expected = ["", "second thoughts", "only there", "new"];
    assert_eq!(texts(api, &token).await, expected);

    let dry = api.import("dry_run=true&overwrite=true", &token, disqus(OLDER)).await;
    assert_eq!((&dry["outcome"]["updated"], &dry["findings"]["repaired"]), (&json!(2), &json!({})), "{dry:#}");
    let overwritten = api.import("overwrite=true", &token, disqus(OLDER)).await;
    assert_eq!(overwritten["outcome"]["updated"], 2, "{overwritten:#}");
    let expected = ["my number is 555", "first words", "only there", "new"];
    assert_eq!(texts(api, &token).await, expected);
    // The newest comment is still that of the newest file.
    let newer = api.import("", &token, disqus(NEWER)).await;
    assert_eq!((&newer["outcome"]["updated"], &newer["removed"]), (&json!(2), &json!(1)), "{newer:#}");
}

#[test]
fn the_command_line_says_that_a_file_is_older() {
    let rethread = Rethread::new();
    let file = rethread.data().join("export.xml");
    for (said, arguments, updated) in
        [(OLDER, &[][..], 0), (NEWER, &[], 2), (OLDER, &[], 0), (OLDER, &["--overwrite"], 2)]
    {
        std::fs::write(&file, disqus(said)).unwrap();
        let receipt = rethread.import(&file, arguments).json();
        assert_eq!(receipt["outcome"]["updated"], updated, "{arguments:?} {receipt:#}");
    }
    std::fs::write(&file, disqus(OLDER)).unwrap();
    let summary = rethread.run(&["import", "--dry-run", file.to_str().unwrap()]).stdout;
    assert!(summary.contains("The file ends before the newest comment"), "{summary}");
}

async fn waiting(api: &Api, token: &str, query: &str) -> (String, Value) {
    let id = api.begin_import(&format!("check=true{query}"), token, disqus(NEWER)).await;
    let job = wait_for("the file to be checked", || async {
        let job = api.job(&id, token).await;
        (job["state"] == "waiting").then_some(job)
    })
    .await;
    (id, job)
}

async fn ended(api: &Api, token: &str, id: &str) -> Value {
    wait_for("the import to end", || async {
        let receipt = api.receipt(id, token).await;
        (receipt["state"] == "succeeded").then_some(receipt)
    })
    .await
}

async fn keys(api: &Api, token: &str) -> Vec<String> {
    let (_, pages) = api.get("pages", token).await;
    pages["pages"].as_array().unwrap().iter().map(|page| page["url_id"].as_str().unwrap().to_owned()).collect()
}

async fn pages_stay_as_the_last_import_had_them(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("pages"));
    let rules = [MappingRule { from: "small.example".to_owned(), to: "large.example".to_owned() }];
    let map = url::form_urlencoded::byte_serialize(MappingRule::table(&rules).as_bytes()).collect::<String>();
    let first = api.import(&format!("map={map}"), &token, disqus(OLDER)).await;
    assert_eq!(
        (&first["findings"]["repaired"], keys(api, &token).await),
        (&json!({}), vec!["large.example/a".to_owned()])
    );
    // An older file moves nothing, so its options are not those of the site.
    api.import(&format!("map={map}"), &token, disqus(NEWER)).await;
    let older = api.import("", &token, disqus(OLDER)).await;
    assert_eq!(older["findings"]["repaired"]["older_file"], 1, "{older:#}");
    assert_eq!(keys(api, &token).await, ["large.example/a"]);
    let again = api.import(&format!("map={map}"), &token, disqus(NEWER)).await;
    assert_eq!(again["findings"]["repaired"], json!({}), "{again:#}");

    let (id, job) = waiting(api, &token, "").await;
    assert_eq!(job["earlier_pages"], json!({"page_key": "url", "scheme": "https", "rules": 1}), "{job:#}");
    assert_eq!(job["checked"]["findings"]["repaired"], json!({"other_page_options": 1}));
    let confirm = format!("jobs/{id}/confirm?pages_as_before=true");
    assert_eq!(api.post(&confirm, &token, Vec::new()).await.0, StatusCode::ACCEPTED);
    let receipt = ended(api, &token, &id).await;
    assert_eq!(
        (&receipt["findings"]["repaired"], keys(api, &token).await),
        (&json!({}), vec!["large.example/a".to_owned()])
    );

    let (id, _) = waiting(api, &token, "&page_key=identifier").await;
    assert_eq!(api.post(&format!("jobs/{id}/confirm"), &token, Vec::new()).await.0, StatusCode::ACCEPTED);
    let receipt = ended(api, &token, &id).await;
    assert_eq!(receipt["findings"]["repaired"], json!({"other_page_options": 1}));
    let moved = keys(api, &token).await;
    assert_ne!(moved, ["large.example/a"]);
    let job = api.job(&id, &token).await;
    assert_eq!(job["earlier_pages"]["rules"], 1, "{job:#}");

    // The options of the last import apply.
    let (_, job) = waiting(api, &token, "&page_key=identifier").await;
    assert_eq!(job["earlier_pages"], Value::Null);
}
