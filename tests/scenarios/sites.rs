//! WordPress sites whose plugin sends their comments.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use rethread_tests::{Api, BATCH, Plugin, Side, System, http_client, on_both_sides, site_comment, wait_for};
use serde_json::{Value, json};

use crate::assert_adds_up;

mod events;
mod interrupted;
mod refused;
mod wordpress;

use events::what_comes_from_elsewhere_is_told;
use refused::who_is_not_linked_gets_nothing;

on_both_sides!(
    a_site_sends_its_comments_and_later_its_news,
    a_site_that_falls_silent_ends_its_sync,
    a_sync_is_killed_and_completed_by_the_plugin,
    who_is_not_linked_gets_nothing,
    what_comes_from_elsewhere_is_told,
);

/// The commands for a site without an open sync.
const DONE: [&str; 2] = ["SetSyncDone", "FetchEvents"];

const DOMAIN: &str = "https://blog.example";

/// Accepts or refuses a site's request.
async fn answer(api: &Api, admin: &str, plugin: &Plugin, accept: bool) -> (StatusCode, Value) {
    let body = json!({"token": plugin.token, "domain": DOMAIN, "accept": accept});
    let answer = http_client().post(api.url("sites")).bearer_auth(admin).json(&body).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

/// A linked site, and the id of its sync.
async fn linked(system: &System, admin: &str, token: &str) -> (Plugin, String) {
    let plugin = Plugin::new(system.api().address(), token, DOMAIN);
    let (status, asked) = plugin.ask().await;
    assert_eq!((status, &asked["isTokenValidated"]), (StatusCode::OK, &json!(false)), "{asked:#}");
    let (status, seen) = system.api().get(&format!("sites/asking?token={token}"), admin).await;
    assert_eq!((status, &seen["domain"]), (StatusCode::OK, &json!(DOMAIN)), "{seen:#}");
    let (status, answered) = answer(system.api(), admin, &plugin, true).await;
    assert_eq!((status, &answered["state"]), (StatusCode::OK, &json!("linked")), "{answered:#}");
    let (_, asked) = plugin.ask().await;
    assert_eq!(asked, json!({"status": "success", "isTokenValidated": true, "tenantId": "default"}));
    (plugin, answered["site"]["job"].as_str().unwrap().to_owned())
}

/// The comments of a site: some at the top level, the others below one that may come later. Every
/// tenth is pending, every fiftieth spam.
fn comments(from: u64, until: u64) -> Vec<Value> {
    (from..until)
        .map(|id| {
            let post = 1 + id % 20;
            // On the same post, and often in another batch, before or after: a top-level comment, a
            // reply, and a reply to that.
            let parent = match id % 3 {
                1 if id > 20 => id - 20,
                2 => id + 40,
                _ => 0,
            };
            let mut comment = site_comment(post, id, if parent < until { parent } else { 0 });
            if id % 50 == 0 {
                comment["isSpam"] = json!(true);
                comment["approved"] = json!(false);
            } else if id % 10 == 0 {
                comment["approved"] = json!(false);
            }
            comment
        })
        .collect()
}

fn with_status(comments: &[Value], is: impl Fn(bool, bool) -> bool) -> i64 {
    let matching = |comment: &&Value| is(comment["approved"] == true, comment["isSpam"] == true);
    comments.iter().filter(matching).count().try_into().unwrap()
}

async fn a_site_sends_its_comments_and_later_its_news(side: Side) {
    let system = System::start(side).await;
    let (api, admin) = (system.api(), system.token("default"));
    let (plugin, job) = linked(&system, &admin, "65f0c1d2a3b4c5.12345678").await;
    assert_eq!(plugin.commands().await, ["SendComments"]);
    assert_eq!(api.job(&job, &admin).await["sync"]["remaining"], Value::Null);

    let all = comments(1, 10_001);
    let mut batches: Vec<&[Value]> = all.chunks(BATCH).collect();
    // Out of order, some twice, and one too large.
    batches.reverse();
    batches.swap(3, 40);
    let mut ids = BTreeMap::new();
    let mut left = all.len();
    for (number, batch) in batches.iter().enumerate() {
        left -= batch.len();
        ids.extend(plugin.deliver(left.max(1), batch).await);
        if number % 7 == 0 {
            let again = plugin.deliver(left.max(1), batch).await;
            assert!(again.iter().all(|(own, ours)| ids[own] == *ours), "ids are computed");
        }
        if number == 50 {
            let job = api.job(&job, &admin).await;
            assert_eq!((&job["state"], &job["sync"]["remaining"]), (&json!("running"), &json!(left)), "{job:#}");
        }
    }
    assert_eq!(plugin.send(1, &all[..=BATCH]).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    plugin.deliver(1, &all[30..=30 + BATCH]).await;
    assert_eq!(plugin.commands().await, ["SendComments"], "until the site says that nothing is left");
    assert_eq!(plugin.send(0, &[]).await.0, StatusCode::OK);
    assert_eq!(ids.len(), all.len());

    let receipt = api.receipt(&job, &admin).await;
    assert_eq!((&receipt["state"], &receipt["vendor"]), (&json!("succeeded"), &json!("wordpress")), "{receipt:#}");
    assert_eq!(receipt["origin"], "blog.example");
    assert_adds_up(&receipt);
    assert_eq!(receipt["outcome"]["created"], 10_000, "{receipt:#}");
    assert_eq!(receipt["read"], json!({"threads": 20, "comments": 10_000, "replies": replies(&all)}));
    let expected = json!({
        "approved": with_status(&all, |approved, _| approved), "pending": with_status(&all, |approved, spam| !approved && !spam),
        "spam": with_status(&all, |_, spam| spam), "deleted": 0,
    });
    assert_eq!((&receipt["status"], &receipt["findings"]["skipped"]), (&expected, &json!({})), "{receipt:#}");
    assert_eq!((&receipt["orphans"], &receipt["pages"], &receipt["removed"]), (&json!(0), &json!(20), &json!(null)));
    stands_as_sent(api, &admin, &all, &ids).await;
    assert_eq!(system.files().await, Vec::<String>::new(), "no batch is left");
    assert_eq!(plugin.commands().await, DONE);

    // Unsolicited batches start a new sync, except empty ones and repetitions of the last one.
    assert_eq!(plugin.send(0, &[]).await.0, StatusCode::OK);
    assert_eq!(site(api, &admin).await["job"], job);
    plugin.deliver(7, &all[..5]).await;
    let unasked = site(api, &admin).await["job"].as_str().unwrap().to_owned();
    assert_ne!(unasked, job);
    assert_eq!(plugin.commands().await, ["SendComments"]);
    plugin.deliver(0, &all[5..12]).await;
    plugin.deliver(0, &all[5..12]).await;
    assert_eq!(site(api, &admin).await["job"], json!(unasked));
    let receipt = api.receipt(&unasked, &admin).await;
    assert_eq!(
        (&receipt["read"]["comments"], &receipt["outcome"]["unchanged"]),
        (&json!(12), &json!(12)),
        "{receipt:#}"
    );
    assert_eq!(api.job(&unasked, &admin).await["sync"]["announced"], 12);

    let rows = system.comment_rows().await;
    let again = sync_again(api, &admin).await;
    assert_eq!(plugin.commands().await, ["SendComments"]);
    let news = comments(10_001, 10_051);
    plugin.deliver(1, &news[..20]).await;
    plugin.deliver(1, &all[..10]).await;
    plugin.deliver(0, &news[20..]).await;
    let receipt = api.receipt(&again, &admin).await;
    assert_eq!(
        (&receipt["outcome"]["created"], &receipt["outcome"]["unchanged"]),
        (&json!(50), &json!(10)),
        "{receipt:#}"
    );
    assert_eq!((&receipt["outcome"]["updated"], &receipt["removed"]), (&json!(0), &json!(null)), "{receipt:#}");
    assert_eq!(system.comment_rows().await.len(), rows.len() + 50);
}

fn replies(comments: &[Value]) -> usize {
    comments.iter().filter(|comment| !comment["externalParentId"].is_null()).count()
}

/// Every comment is where the site has it, below its parent.
async fn stands_as_sent(api: &Api, admin: &str, sent: &[Value], ids: &BTreeMap<String, String>) {
    let mut parents = BTreeMap::new();
    let (_, pages) = api.get("pages?limit=200", admin).await;
    for page in pages["pages"].as_array().unwrap() {
        let mut route = format!("pages/{}/comments?limit=200", page["id"].as_str().unwrap());
        loop {
            let (_, list) = api.get(&route, admin).await;
            for comment in list["comments"].as_array().unwrap() {
                let parent = comment["parent"].as_str().map(str::to_owned);
                parents.insert(comment["id"].as_str().unwrap().to_owned(), parent);
            }
            let Some(next) = list["next"].as_str() else { break };
            route = format!("pages/{}/comments?limit=200&cursor={next}", page["id"].as_str().unwrap());
        }
    }
    let id = |own: &Value| ids[own.as_str().unwrap()].clone();
    let expected: BTreeMap<String, Option<String>> = sent
        .iter()
        .map(|comment| {
            let parent = Some(&comment["externalParentId"]).filter(|parent| !parent.is_null());
            (id(&comment["externalId"]), parent.map(id))
        })
        .collect();
    assert!(parents == expected, "{} stand, {} were sent", parents.len(), expected.len());
}

/// The first site of the account.
async fn site(api: &Api, admin: &str) -> Value {
    let (status, sites) = api.get("sites", admin).await;
    assert_eq!(status, StatusCode::OK, "{sites:#}");
    sites["sites"][0].clone()
}

async fn sync_again(api: &Api, admin: &str) -> String {
    let route = format!("sites/{}/sync", site(api, admin).await["id"].as_str().unwrap());
    let (status, job) = api.post(&route, admin, Vec::new()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{job:#}");
    assert_eq!(api.post(&route, admin, Vec::new()).await.0, StatusCode::CONFLICT, "one at a time");
    job["id"].as_str().unwrap().to_owned()
}

async fn a_site_that_falls_silent_ends_its_sync(side: Side) {
    let settings = [
        ("RETHREAD_WORKER__SYNC_SILENT_AFTER", "2s"),
        ("RETHREAD_WORKER__OVERDUE_AFTER", "1s"),
        ("RETHREAD_WORKER__JANITOR_INTERVAL", "300ms"),
    ];
    let system = System::start_with(side, &settings).await;
    let (api, admin) = (system.api(), system.token("default"));
    let (plugin, job) = linked(&system, &admin, "65f0c1d2a3b4c.12345678").await;
    plugin.deliver(900, &comments(1, 101)).await;
    let receipt = api.receipt(&job, &admin).await;
    assert_eq!(
        (&receipt["state"], &receipt["error"]["code"]),
        (&json!("failed"), &json!("sync_silent")),
        "{receipt:#}"
    );
    assert_eq!(receipt["outcome"]["created"], 100, "what came stays");
    assert_eq!(system.files().await, Vec::<String>::new());
    assert_eq!(plugin.commands().await, DONE, "it does not begin again by itself");
    let again = sync_again(api, &admin).await;
    plugin.deliver(0, &comments(101, 201)).await;
    assert_eq!(api.receipt(&again, &admin).await["outcome"]["created"], 100);
}

async fn a_sync_is_killed_and_completed_by_the_plugin(side: Side) {
    // The gateway and the workers die during requests, at different moments each time.
    let mut system = System::start(side).await;
    let admin = system.token("default");
    let (plugin, job) = linked(&system, &admin, "65f0c1d2a3b4c.12345678").await;
    let all = comments(1, 3_001);
    let batches: Vec<&[Value]> = all.chunks(BATCH).collect();
    let mut plugin = plugin;
    let mut number = 0;
    let mut kills = 0;
    while number < batches.len() {
        let left = all.len() - (number + 1) * BATCH;
        let body = rethread_tests::batch(left, batches[number]);
        if number % 9 == 4 && kills <= number / 9 {
            kills += 1;
            let sending = {
                let (plugin, body) = (plugin.clone(), body.clone());
                tokio::spawn(async move { plugin.try_call(Method::POST, "comments", Some(&body)).await })
            };
            tokio::task::yield_now().await;
            system.restart().await;
            // Whether it was answered or not, a plugin that received no answer sends it again.
            drop(sending.await);
            plugin = Plugin::new(system.api().address(), "65f0c1d2a3b4c.12345678", DOMAIN);
            continue;
        }
        let (status, answer) =
            wait_for("the gateway to answer", || plugin.try_call(Method::POST, "comments", Some(&body))).await;
        assert_eq!(status, StatusCode::OK, "{answer:#}");
        number += 1;
    }
    assert!(kills >= 3, "{kills}");
    let receipt = system.api().receipt(&job, &admin).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    assert_eq!(receipt["outcome"]["created"], 3_000, "{receipt:#}");
    assert_eq!(receipt["read"], json!({"threads": 20, "comments": 3_000, "replies": replies(&all)}));
    assert_eq!(receipt["findings"], json!({"repaired": {}, "skipped": {}, "failed": {}}), "{receipt:#}");
    let job = system.api().job(&job, &admin).await;
    assert_eq!(job["progress"]["slices_total"], job["progress"]["slices_done"], "{job:#}");
    assert_eq!(system.files().await, Vec::<String>::new());
}

/// Comments of [`disqus_on`].
const DISQUS_PAGE: i64 = 3;

/// A Disqus export with three comments on one page; the second replies to the first.
fn disqus_on(url: &str) -> Vec<u8> {
    let text = |id: u32| format!("<p>From elsewhere {id}</p>");
    disqus(url, &[(1, None, 1, &text(1)), (2, Some(1), 2, &text(2)), (3, None, 3, &text(3))])
}

/// A comment of Disqus: its id, its parent, the second at which it was written, its text.
type Post<'t> = (u32, Option<u32>, u32, &'t str);

/// A Disqus export with these comments on one page.
fn disqus(url: &str, posts: &[Post<'_>]) -> Vec<u8> {
    let post = |(id, parent, second, text): &Post<'_>| {
        let parent = parent.map_or(String::new(), |parent| format!("<parent dsq:id=\"{parent}\"/>"));
        format!(
            "<post dsq:id=\"{id}\"><id/><message><![CDATA[{text}]]></message>\
             <createdAt>2020-01-02T03:04:{second:02}Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>\
             <author><email>guest{id}@mail.example</email><name>Guest {id}</name><isAnonymous>true</isAnonymous></author>\
             <thread dsq:id=\"7\"/>{parent}</post>"
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><disqus xmlns=\"http://disqus.com\" \
         xmlns:dsq=\"http://disqus.com/disqus-internals\"><category dsq:id=\"1\"><forum>elsewhere</forum><title>General</title>\
         <isDefault>true</isDefault></category><thread dsq:id=\"7\"><id>7</id><forum>elsewhere</forum>\
         <category dsq:id=\"1\"/><link>{}</link><title>A page</title><createdAt>2020-01-01T00:00:00Z</createdAt>\
         <isClosed>false</isClosed><isDeleted>false</isDeleted></thread>{}</disqus>",
        url.replace('&', "&amp;"),
        posts.iter().map(post).collect::<String>()
    )
    .into_bytes()
}

/// The events that the site applies, once there is one with this outcome: the gateway compares an
/// event with the site's copies again only after a few seconds.
async fn fetched(wordpress: &rethread_tests::WordPress, outcome: &str) -> Value {
    wait_for(&format!("something {outcome}"), || async {
        let fetched = wordpress.script("sync", &["events"]).await;
        fetched["outcomes"].get(outcome).is_some().then_some(fetched)
    })
    .await
}
