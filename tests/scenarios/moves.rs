//! Moves as jobs: threads move to other pages.

use reqwest::StatusCode;
use rethread_model::Vendor;
use rethread_tests::{Api, Side, System, http_client, on_both_sides, sample, wait_for};
use serde_json::{Value, json};

use crate::generated_bytes;

on_both_sides!(
    a_site_moves_and_comes_back,
    a_page_moves_into_another_and_a_later_import_keeps_it,
    a_move_while_the_same_file_is_imported_again_holds,
    a_move_that_is_killed_moves_each_thread_once,
    a_move_touches_nobody_else,
);

const SITE: &str = "larchwood-trails.example";

async fn post(api: &Api, route: &str, token: &str, body: &Value) -> (StatusCode, Value) {
    let answer = http_client().post(api.url(route)).bearer_auth(token).json(body).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

/// Starts a move and returns the id of its job.
async fn begin(api: &Api, token: &str, wanted: &Value) -> String {
    let (status, job) = post(api, "moves", token, wanted).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{job:#}");
    job["id"].as_str().unwrap().to_owned()
}

/// Moves and returns the counts, and the id of the job.
async fn moved(api: &Api, token: &str, wanted: &Value) -> (Value, String) {
    let job = begin(api, token, wanted).await;
    let receipt = api.receipt(&job, token).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    (receipt["moved"].clone(), job)
}

async fn preview(api: &Api, token: &str, wanted: &Value) -> Value {
    let (status, preview) = post(api, "moves?preview=true", token, wanted).await;
    assert_eq!(status, StatusCode::OK, "{preview:#}");
    preview
}

/// Keys, addresses and counts of an account's pages, by key.
async fn pages(api: &Api, token: &str) -> Vec<(String, String, i64)> {
    let mut pages = Vec::new();
    let mut route = "pages?limit=200".to_owned();
    loop {
        let (status, list) = api.get(&route, token).await;
        assert_eq!(status, StatusCode::OK);
        for page in list["pages"].as_array().unwrap() {
            let text = |field: &str| page[field].as_str().unwrap_or_default().to_owned();
            pages.push((text("url_id"), text("url"), page["comments"].as_i64().unwrap()));
        }
        match list["next"].as_str() {
            Some(next) => route = format!("pages?limit=200&cursor={next}"),
            None => return pages,
        }
    }
}

async fn import(api: &Api, token: &str, name: &str) {
    let receipt = api.import("", token, std::fs::read(sample(name)).unwrap()).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
}

async fn a_site_moves_and_comes_back(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    import(api, &token, "disqus.xml.gz").await;
    let (before, rows) = (pages(api, &token).await, system.comment_rows().await);
    let wanted = json!({"from": {"domain": SITE}, "to": {"domain": "trails.example"}});

    let expected = preview(api, &token, &wanted).await;
    assert_eq!((expected["tally"]["pages"].as_u64(), &expected["tally"]["comments"]), (Some(4), &json!(26)));
    assert_eq!(expected["pages"].as_array().unwrap().len(), 4, "{expected:#}");
    assert_eq!(pages(api, &token).await, before, "a preview moves nothing");

    let (tally, job) = moved(api, &token, &wanted).await;
    assert_eq!(tally, expected["tally"]);
    let there = pages(api, &token).await;
    let shown = |(key, url, comments): &(String, String, i64)| {
        assert!(url.starts_with("https://trails.example/"), "{url}");
        (key.clone(), *comments)
    };
    let expected = before.iter().map(|(key, _, comments)| (key.replace(SITE, "trails.example"), *comments));
    assert_eq!(there.iter().map(shown).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    assert_eq!(system.comment_rows().await, rows, "no comment was touched");
    if side == Side::Embedded {
        let told = system.run(&["jobs", &job]).stdout;
        assert!(told.contains("Moved pages") && told.contains("26 comments from 4 pages"), "{told}");
    }
    assert_eq!(moved(api, &token, &wanted).await.0["threads"], 0, "nothing is left there");

    let undo = json!({"undo": job});
    let (back, undone) = moved(api, &token, &undo).await;
    assert_eq!((&back["threads"], &back["kept"]), (&tally["threads"], &json!(0)));
    assert_eq!(pages(api, &token).await, before);
    moved(api, &token, &json!({"undo": undone})).await;
    assert_eq!(pages(api, &token).await, there, "an undo can be undone");
}

async fn a_page_moves_into_another_and_a_later_import_keeps_it(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    import(api, &token, "disqus.xml.gz").await;
    let before = pages(api, &token).await;
    let [(from, _, moving), (to, _, there), ..] = &before[..] else { panic!("{before:?}") };
    let merge = json!({"from": {"url_id": from}, "to": {"url_id": to}});
    assert_eq!(preview(api, &token, &merge).await["pages"][0]["merged"], true);
    let (tally, _) = moved(api, &token, &merge).await;
    assert_eq!((&tally["merged"], &tally["comments"]), (&json!(1), &json!(moving)));
    let merged = pages(api, &token).await;
    assert_eq!(merged.len(), before.len() - 1);
    assert_eq!(merged.iter().find(|(key, ..)| key == to).map(|(.., comments)| *comments), Some(moving + there));
    import(api, &token, "disqus.xml.gz").await;
    assert_eq!(pages(api, &token).await, merged);

    let [nowhere, half] =
        [json!({"from": {"domain": SITE}, "to": {"url": "https://a.example/"}}), json!({"from": {"url": "x"}})];
    assert_eq!(post(api, "moves", &token, &nowhere).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(post(api, "moves", &token, &half).await.0, StatusCode::BAD_REQUEST);
}

/// A file with many pages.
fn many() -> Vec<u8> {
    generated_bytes(Vendor::Disqus, 20_000).0
}

/// The site of most pages.
async fn site(api: &Api, token: &str) -> String {
    let pages = pages(api, token).await;
    pages[0].0.split('/').next().unwrap().to_owned()
}

async fn a_move_while_the_same_file_is_imported_again_holds(side: Side) {
    let system = System::start_with(side, &[("RETHREAD_WORKER__SLICE_BYTES", "500000")]).await;
    let (api, token) = (system.api(), system.token("default"));
    assert_eq!(api.import("", &token, many()).await["state"], "succeeded");
    let (before, old) = (pages(api, &token).await, site(api, &token).await);
    let again = api.begin_import("", &token, many()).await;
    api.has_read(&again, &token, 0).await;
    let wanted = json!({"from": {"domain": old}, "to": {"domain": "moved.example"}});
    let (tally, _) = moved(api, &token, &wanted).await;
    assert!(tally["pages"].as_u64().unwrap() > 0, "{tally:#}");
    assert_eq!(api.receipt(&again, &token).await["state"], "succeeded");
    let after = pages(api, &token).await;
    assert_eq!(
        after.iter().map(|(.., comments)| comments).sum::<i64>(),
        before.iter().map(|(.., comments)| comments).sum::<i64>()
    );
    let of_old = |key: &str| key.split(['/', '?']).next() == Some(old.as_str());
    assert!(!after.iter().any(|(key, ..)| of_old(key)), "none went back");
    let stayed = before.iter().filter(|(key, ..)| !of_old(key)).count();
    let came = after.iter().filter(|(key, ..)| key.starts_with("moved.example")).count();
    assert_eq!((stayed + came, after.len()), (before.len(), before.len()));
}

async fn a_move_that_is_killed_moves_each_thread_once(side: Side) {
    let mut system = System::start(side).await;
    let token = system.token("default");
    assert_eq!(system.api().import("", &token, many()).await["state"], "succeeded");
    let (before, old) = (pages(system.api(), &token).await, site(system.api(), &token).await);
    let wanted = json!({"from": {"domain": old}, "to": {"domain": "moved.example"}});
    let expected = preview(system.api(), &token, &wanted).await;
    let job = begin(system.api(), &token, &wanted).await;
    wait_for("the move to be begun", || async {
        (system.api().job(&job, &token).await["state"] != "queued").then_some(())
    })
    .await;
    system.restart().await;
    let receipt = system.api().receipt(&job, &token).await;
    assert_eq!((&receipt["state"], &receipt["moved"]), (&json!("succeeded"), &expected["tally"]), "{receipt:#}");
    let (back, _) = moved(system.api(), &token, &json!({"undo": job})).await;
    assert_eq!(back["threads"], expected["tally"]["threads"]);
    assert_eq!(pages(system.api(), &token).await, before);
}

async fn a_move_touches_nobody_else(side: Side) {
    let system = System::start(side).await;
    let (api, token, stranger) = (system.api(), system.token("default"), system.token("globex"));
    import(api, &token, "disqus.xml.gz").await;
    import(api, &stranger, "disqus.xml.gz").await;
    let before = pages(api, &stranger).await;
    let (_, job) = moved(api, &token, &json!({"from": {"domain": SITE}, "to": {"domain": "trails.example"}})).await;
    assert_eq!(pages(api, &stranger).await, before);
    for route in ["moves", "moves?preview=true"] {
        assert_eq!(post(api, route, &stranger, &json!({"undo": job})).await.0, StatusCode::NOT_FOUND);
    }
    let import = api.begin_import("", &token, std::fs::read(sample("muut.json")).unwrap()).await;
    api.receipt(&import, &token).await;
    assert_eq!(post(api, "moves", &token, &json!({"undo": import})).await.0, StatusCode::NOT_FOUND, "it is no move");
}
