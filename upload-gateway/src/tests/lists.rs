use reqwest::StatusCode;
use rethread_model::Reason;
use serde_json::{Value, json};

use super::harness::{Api, problem};
use super::imported::{finding, import};

/// Follows `next` to the end and returns every entry.
async fn all(api: &Api, path: &str, token: &str, name: &str) -> Vec<Value> {
    let mut entries = Vec::new();
    let mut cursor = String::new();
    loop {
        let list = api.json(&format!("{path}limit=1{cursor}"), token).await;
        let found = list[name].as_array().unwrap();
        assert!(found.len() <= 1, "{list}");
        entries.extend(found.iter().cloned());
        match list["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return entries,
        }
    }
}

#[tokio::test]
async fn findings_come_in_pages_and_as_safe_csv() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let job = api.job().await;
    let found = [
        finding(10, Reason::PaddedValue, "=HYPERLINK(\"http://evil.example\")"),
        finding(20, Reason::Pingback, "a:b,c"),
        finding(30, Reason::RecordTooLarge, "5000000001"),
    ];
    import(&api, &job, &found).await;
    let path = format!("/api/v1/jobs/{}/findings", job.id);

    let listed = all(&api, &format!("{path}?"), &admin, "findings").await;
    assert_eq!(
        listed[1],
        json!({"part": 0, "offset": 20, "effect": "skipped", "reason": "pingback",
               "sentence": Reason::Pingback.sentence(), "source_id": "a:b,c"})
    );
    assert_eq!(listed.iter().map(|one| one["offset"].as_u64().unwrap()).collect::<Vec<_>>(), [10, 20, 30]);

    let csv = api.get(&format!("{path}?format=csv"), &admin).await;
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    let disposition = format!("attachment; filename=\"findings-{}.csv\"", job.id);
    assert_eq!(csv.headers()["content-disposition"], disposition);
    let text = csv.text().await.unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert_eq!(lines[0], "part,offset,effect,reason,sentence,source_id");
    assert!(lines[1].ends_with(r#","'=HYPERLINK(""http://evil.example"")""#), "{}", lines[1]);
    assert!(lines[2].ends_with(r#","a:b,c""#), "{}", lines[2]);

    for cursor in ["???", "bm9uc2Vuc2U"] {
        let refused = api.get(&format!("{path}?cursor={cursor}"), &admin).await;
        assert_eq!(problem(refused, StatusCode::BAD_REQUEST, "invalid-parameter").await["parameter"], "cursor");
    }
}

#[tokio::test]
async fn a_long_csv_comes_whole() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let job = api.job().await;
    let found: Vec<_> = (0..2500).map(|number| finding(number, Reason::PaddedValue, "x")).collect();
    import(&api, &job, &found).await;
    let csv = api.get(&format!("/api/v1/jobs/{}/findings?format=csv", job.id), &admin).await.text().await.unwrap();
    let offsets: Vec<u64> = csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse().unwrap()).collect();
    assert_eq!(offsets, (0..2500).collect::<Vec<_>>());
}

#[tokio::test]
async fn pages_and_their_comments_are_shown() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let job = api.job().await;
    let id = import(&api, &job, &[]).await;

    let pages = all(&api, "/api/v1/pages?", &admin, "pages").await;
    let page = json!({"id": id, "url_id": "blog.example/hello, world?p=1", "url": "https://blog.example/hello",
                      "urls": ["https://blog.example/hello"], "url_count": 1, "title": "Hello", "comments": 3, "reactions": {"love": 2}});
    assert_eq!(pages, std::slice::from_ref(&page));
    assert_eq!(api.json("/api/v1/pages?search=nothing", &admin).await, json!({"pages": [], "next": null}));

    assert_eq!(api.json(&format!("/api/v1/pages/{id}"), &admin).await, page);
    let unknown = api.get("/api/v1/pages/00000000-0000-8000-8000-000000000000", &admin).await;
    problem(unknown, StatusCode::NOT_FOUND, "not-found").await;

    let path = format!("/api/v1/pages/{id}/comments");
    let comments = all(&api, &format!("{path}?"), &admin, "comments").await;
    assert_eq!(comments.len(), 3);
    assert_eq!(
        comments[0]["author"],
        json!({"name": "Ann", "email": "ann@example.com", "link": null, "avatar": "https://cdn.example/ann.png"})
    );
    assert_eq!(comments[0]["created_at"], "2020-01-02T03:00:01Z");
    assert_eq!(comments[0]["source"], json!({"vendor": "disqus", "origin": "forum", "id": "1"}));
    assert_eq!((&comments[0]["text"], &comments[0]["score"]), (&json!("text 1"), &json!(7)));
    assert_eq!((&comments[1]["status"], &comments[1]["parent"]), (&json!("pending"), &comments[0]["id"]));
    assert_eq!((&comments[2]["status"], &comments[2]["author"]), (&json!("deleted"), &Value::Null));
    let text = api.get(&path, &admin).await.text().await.unwrap();
    assert!(!text.contains("192.0.2.1"), "{text}");
    let whole: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&whole["page"], &whole["next"]), (&page, &Value::Null));
}
