//! What a site receives about comments that are not its own.

use reqwest::{Method, StatusCode};
use rethread_model::Timestamp;
use rethread_tests::{Api, Plugin, Side, System, http_client, site_comment, wait_for};
use serde_json::{Value, json};

use super::{DISQUS_PAGE, DONE, disqus_on, linked};

/// The events after a time, with their `data` parsed; waits until there are any.
async fn events(plugin: &Plugin, from_ms: i64) -> Vec<Value> {
    wait_for("an event", || async {
        let told = ask(plugin, from_ms).await;
        (!told.is_empty()).then_some(told)
    })
    .await
}

async fn ask(plugin: &Plugin, from_ms: i64) -> Vec<Value> {
    let (status, answer) = plugin.call(Method::GET, &format!("events?fromDateTime={from_ms}"), None).await;
    assert_eq!((status, &answer["status"]), (StatusCode::OK, &json!("success")), "{answer:#}");
    assert_eq!(answer["hasMore"], false, "{answer:#}");
    let mut events = answer["events"].as_array().unwrap().clone();
    for event in &mut events {
        event["data"] = serde_json::from_str(event["data"].as_str().unwrap()).unwrap();
    }
    events
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["data"]["type"].as_str().unwrap()).collect()
}

/// The time of the last event, in milliseconds since 1970.
fn last_ms(events: &[Value]) -> i64 {
    let at: Timestamp = events.last().unwrap()["createdAt"].as_str().unwrap().parse().unwrap();
    at.as_millisecond()
}

async fn move_page(api: &Api, admin: &str, from: &str, to: &str) {
    let wanted = json!({"from": {"url": from}, "to": {"url": to}});
    let begun = http_client().post(api.url("moves")).bearer_auth(admin).json(&wanted).send().await.unwrap();
    let job: Value = begun.json().await.unwrap();
    assert_eq!(api.receipt(job["id"].as_str().unwrap(), admin).await["state"], "succeeded");
}

pub(crate) async fn what_comes_from_elsewhere_is_told(side: Side) {
    let system = System::start(side).await;
    let (api, admin) = (system.api(), system.token("default"));
    let (plugin, job) = linked(&system, &admin, "4444444444444.00000000").await;
    let own: Vec<Value> = (1..=4).map(|id| site_comment(1, id, 0)).collect();
    plugin.deliver(0, &own).await;
    assert_eq!(api.receipt(&job, &admin).await["state"], "succeeded");
    assert_eq!(plugin.commands().await, DONE);
    assert_eq!(ask(&plugin, 0).await, Vec::<Value>::new(), "what it sent it knows");

    // First elsewhere on the site, then on its page.
    let elsewhere = disqus_on("https://other.example/page");
    assert_eq!(api.import("vendor=disqus", &admin, elsewhere).await["outcome"]["created"], DISQUS_PAGE);
    move_page(api, &admin, "https://other.example/page", "https://blog.example/post-1/").await;
    let told = events(&plugin, 0).await;
    assert_eq!(types(&told), ["new-comment"; 3], "{told:#?}");
    let comment = &told[1]["data"]["comment"];
    assert_eq!((&comment["urlId"], &comment["meta"]["wpPostId"]), (&json!("1"), &json!("1")));
    assert_eq!(comment["parentId"], told[0]["data"]["comment"]["_id"], "{comment:#}");
    assert_eq!((&comment["commenterName"], &comment["approved"]), (&json!("Guest 2"), &json!(true)));
    assert_eq!(comment["commentHTML"], "<p>From elsewhere 2</p>");
    let until = last_ms(&told);
    assert!(told.iter().map(|event| &event["createdAt"]).is_sorted_by(|one, next| one.as_str() < next.as_str()));
    assert_eq!(ask(&plugin, until).await, Vec::<Value>::new());
    assert_eq!(ask(&plugin, 0).await, told, "the same again");

    // The numbers that they got there: comments under these numbers are recognised.
    let ours = comment["_id"].clone();
    let mappings = json!({"mappings": [{"fcId": ours, "wpId": 900}, {"fcId": "nonsense", "wpId": 7}]});
    let (status, answer) = plugin.call(Method::PATCH, "comment-ids", Some(&mappings)).await;
    assert_eq!((status, answer), (StatusCode::OK, json!({"status": "success"})));
    // A comment that carries our id is recognised too, even if its number was never reported; both
    // keep their identity.
    let again = super::sync_again(api, &admin).await;
    let mut copy = site_comment(1, 902, 0);
    copy["_id"] = told[2]["data"]["comment"]["_id"].clone();
    let sent = [site_comment(1, 900, 0), site_comment(1, 901, 900), copy.clone()];
    let ids = plugin.deliver(0, &sent).await;
    assert_eq!((json!(ids["900"]), json!(ids["902"])), (ours.clone(), copy["_id"].clone()));
    let receipt = api.receipt(&again, &admin).await;
    assert_eq!((&receipt["outcome"]["created"], &receipt["outcome"]["skipped"]), (&json!(1), &json!(2)), "{receipt:#}");
    assert_eq!(receipt["findings"]["skipped"], json!({"came_from_here": 2}), "{receipt:#}");
    let left = ask(&plugin, 0).await;
    assert_eq!(types(&left), ["new-comment"], "what it has is not new to it: {left:#?}");

    its_pages_can_be_downloaded(&plugin, &ids["900"], &ids["901"]).await;

    // First another text, then another page.
    let changed =
        String::from_utf8(disqus_on("https://other.example/page")).unwrap().replace("elsewhere 3", "far away");
    assert_eq!(api.import("vendor=disqus", &admin, changed.into_bytes()).await["outcome"]["updated"], 1);
    let told = events(&plugin, until).await;
    assert_eq!(types(&told), ["updated-comment"], "{told:#?}");
    assert_eq!(told[0]["data"]["comment"]["commentHTML"], "<p>From far away</p>");
    let until = last_ms(&told);
    let gone = String::from_utf8(disqus_on("https://other.example/page")).unwrap();
    let gone = gone.replace("03:04:03Z</createdAt><isDeleted>false", "03:04:03Z</createdAt><isDeleted>true");
    assert_eq!(api.import("vendor=disqus", &admin, gone.into_bytes()).await["outcome"]["updated"], 1);
    let told = events(&plugin, until).await;
    assert_eq!(types(&told), ["deleted-comment"], "{told:#?}");
    let data = &told[0]["data"]["comment"];
    assert!(data["_id"].is_string() && data["commentHTML"].is_null(), "only which one it was: {data:#}");

    let (status, failure) = plugin.call(Method::GET, "events?fromDateTime=x", None).await;
    assert_eq!((status, &failure["code"]), (StatusCode::BAD_REQUEST, &json!("invalid-parameter")), "{failure:#}");
}

/// Four own comments, one that was sent later, and three from elsewhere, two of which are known by
/// their numbers.
async fn its_pages_can_be_downloaded(plugin: &Plugin, copy: &str, own: &str) {
    let list = async |query: &str| {
        let (status, list) = plugin.call(Method::GET, &format!("comments?{query}"), None).await;
        assert_eq!((status, &list["status"]), (StatusCode::OK, &json!("success")), "{list:#}");
        list
    };
    let all = list("includeCount=true").await;
    assert_eq!((&all["totalCount"], &all["hasMore"]), (&json!(8), &json!(false)), "{all:#}");
    let comments = all["comments"].as_array().unwrap();
    let with_number = |comment: &&Value| !comment["meta"]["wpId"].is_null();
    assert_eq!((comments.len(), comments.iter().filter(with_number).count()), (8, 7), "{all:#}");
    let of = |id: &str| comments.iter().find(|comment| comment["_id"] == id).unwrap();
    assert_eq!((&of(copy)["externalId"], &of(copy)["urlId"]), (&json!("900"), &json!("1")));
    assert_eq!((&of(own)["externalId"], &of(own)["meta"]["wpId"]), (&json!("901"), &json!("901")));
    let place = |id: &Value| comments.iter().position(|comment| comment["_id"] == *id).unwrap();
    let replies = comments.iter().filter(|comment| !comment["parentId"].is_null());
    assert!(replies.map(|reply| (place(&reply["parentId"]), place(&reply["_id"]))).all(|(above, below)| above < below));
    let rest = list("skip=6").await;
    assert_eq!((&rest["comments"], &rest["totalCount"]), (&json!(comments[6..]), &Value::Null), "{rest:#}");
    assert_eq!(list("skip=8").await["comments"], json!([]));
    let (status, failure) = plugin.call(Method::GET, "comments?skip=-1", None).await;
    assert_eq!((status, &failure["code"]), (StatusCode::BAD_REQUEST, &json!("invalid-parameter")), "{failure:#}");
}
