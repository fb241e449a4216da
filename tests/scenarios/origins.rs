//! Several sites in one file, and files that do not name their site.

use reqwest::StatusCode;
use rethread_tests::{Api, Side, System, on_both_sides, wait_for};
use serde_json::{Value, json};

on_both_sides!(sites_in_one_file_stay_apart, a_check_asks_for_the_site_that_a_file_does_not_name);

/// A comment of Commento: number, domain, number of its parent.
type Said<'a> = (u32, &'a str, Option<u32>);

/// All comments are on the path `/a/` of their domain, by one commenter.
fn commento(comments: &[Said<'_>]) -> Vec<u8> {
    let comment = |(id, domain, parent): &Said<'_>| {
        json!({
            "commentHex": format!("{id:064x}"), "domain": domain, "url": "/a/", "commenterHex": "c1",
            "markdown": format!("said on {domain}"), "state": "approved", "creationDate": "2020-01-02T00:00:00Z",
            "parentHex": parent.map_or_else(|| "root".to_owned(), |id| format!("{id:064x}")),
        })
    };
    let comments: Vec<Value> = comments.iter().map(comment).collect();
    let commenters = json!([{"commenterHex": "c1", "email": "ann@mail.example", "name": "Ann"}]);
    json!({"version": 1, "comments": comments, "commenters": commenters}).to_string().into_bytes()
}

const OF_B: [Said<'static>; 3] = [(1, "b.example", None), (2, "b.example", Some(1)), (3, "b.example", Some(9))];

async fn names_on(api: &Api, token: &str) -> Vec<(String, u64, Vec<Value>)> {
    let (_, pages) = api.get("pages", token).await;
    let mut all = Vec::new();
    for page in pages["pages"].as_array().unwrap() {
        let id = page["id"].as_str().unwrap();
        let (_, listed) = api.get(&format!("pages/{id}/comments"), token).await;
        let comments = listed["comments"].as_array().unwrap();
        let names = comments.iter().map(|comment| comment["author"]["name"].clone()).collect();
        all.push((page["url_id"].as_str().unwrap().to_owned(), page["comments"].as_u64().unwrap(), names));
    }
    all
}

/// Their comments have the same ids and alternate; one replies to a comment that only the other
/// site has.
async fn sites_in_one_file_stay_apart(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("sites"));
    let both = [(1, "a.example", None), OF_B[0], (2, "a.example", Some(1)), OF_B[1], (9, "a.example", None), OF_B[2]];
    let both: Vec<Said<'_>> = both.into_iter().chain([(4, "b.example", None)]).collect();
    let receipt = api.import("", &token, commento(&both)).await;
    assert_eq!((&receipt["state"], &receipt["outcome"]["created"]), (&json!("succeeded"), &json!(7)), "{receipt:#}");
    assert_eq!(receipt["origin"], "b.example");
    let origins = json!([{"origin": "b.example", "comments": 4}, {"origin": "a.example", "comments": 3}]);
    assert_eq!(receipt["origins"], origins);
    assert_eq!(
        (&receipt["orphans"], &receipt["pages"], &receipt["read"]["threads"]),
        (&json!(1), &json!(2), &json!(2))
    );
    let ann = |count: usize| vec![json!("Ann"); count];
    let expected = [("a.example/a".to_owned(), 3, ann(3)), ("b.example/a".to_owned(), 4, ann(4))];
    assert_eq!(names_on(api, &token).await, expected);

    let alone = api.import("", &token, commento(&OF_B)).await;
    assert_eq!((&alone["outcome"]["unchanged"], &alone["removed"]), (&json!(3), &json!(1)), "{alone:#}");
    assert_eq!(alone["origins"], json!([{"origin": "b.example", "comments": 3}]));
}

async fn a_check_asks_for_the_site_that_a_file_does_not_name(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("nameless"));
    let file = json!([{
        "commentId": "1", "itemId": "post-17", "message": "Hello", "createdAt": "2020-01-01T00:00:00Z", "username": "Ann",
    }]);
    let file = file.to_string().into_bytes();
    let failed = api.import("vendor=justcomments", &token, file.clone()).await;
    assert_eq!((&failed["state"], &failed["error"]["code"]), (&json!("failed"), &json!("site_needed")), "{failed:#}");

    let job = api.begin_import("check=true", &token, file).await;
    let waiting = wait_for("the file to be checked", || async {
        let shown = api.job(&job, &token).await;
        (shown["state"] == "waiting").then_some(shown)
    })
    .await;
    assert_eq!((&waiting["site_needed"], &waiting["checked"]["read"]["comments"]), (&json!(true), &json!(1)));
    let (refused, problem) = api.post(&format!("jobs/{job}/confirm"), &token, Vec::new()).await;
    assert_eq!((refused, &problem["parameter"]), (StatusCode::BAD_REQUEST, &json!("site_url")));
    let confirm = format!("jobs/{job}/confirm?site_url=https://blog.example");
    assert_eq!(api.post(&confirm, &token, Vec::new()).await.0, StatusCode::ACCEPTED);
    let receipt = wait_for("the import to end", || async {
        let shown = api.receipt(&job, &token).await;
        (shown["state"] == "succeeded").then_some(shown)
    })
    .await;
    assert_eq!((&receipt["origin"], &receipt["outcome"]["created"]), (&json!("blog.example"), &json!(1)));
    let expected = [("blog.example#post-17".to_owned(), 1, vec![json!("Ann")])];
    assert_eq!(names_on(api, &token).await, expected);
}
