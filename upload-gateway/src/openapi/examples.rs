//! One example of each schema, for people. A test validates each against its schema.

use rethread_model::JobKind;
use serde_json::{Value, json};

/// Names of schemas with an example of each.
pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("Job", job()),
        ("Jobs", json!({"jobs": [job()], "next": null})),
        ("Receipt", receipt()),
        ("Finding", finding()),
        ("Findings", json!({"findings": [finding()], "next": null})),
        ("Page", page()),
        ("Pages", json!({"pages": [page()], "next": "YmxvZy5leGFtcGxlL2hlbGxv"})),
        ("Token", token()),
        ("Tokens", json!({"tokens": [token()]})),
        ("NewToken", new_token()),
        ("Session", session()),
        ("OpenSession", json!({"token": "rt_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})),
        ("WantedToken", json!({"name": "ben", "expires_at": "2030-01-02T03:04:05Z"})),
        (
            "Vendors",
            json!({"vendors": [{
                "vendor": "muut", "name": "Muut", "products": ["Muut"],
                "evidence": "channels of threads with seed and replies",
                "first_questions": ["site_url"], "more_questions": ["page_key:identifier"],
            }]}),
        ),
        ("Detection", detection()),
        ("Comment", comment()),
        ("Comments", json!({"page": page(), "comments": [comment()], "next": null})),
        (
            "ExportOptions",
            json!({"format": "csv", "gzip": true, "filter": {"vendor": "disqus", "status": ["approved"]}}),
        ),
        ("WantedMove", json!({"from": {"domain": "old.example"}, "to": {"domain": "new.example"}})),
        (
            "MovePreview",
            json!({"tally": {"threads": 2, "pages": 2, "comments": 9, "merged": 1, "kept": 0},
                               "pages": [{"from": "old.example/a", "to": "new.example/a", "comments": 4, "merged": true},
                                         {"from": "old.example/b", "to": "new.example/b", "comments": 5, "merged": false}]}),
        ),
        ("Problem", problem()),
    ]
    .into_iter()
    .chain(sites())
    .collect()
}

/// The schemas of linked sites and of the responses to them.
fn sites() -> Vec<(&'static str, Value)> {
    let site = json!({
        "id": "01936b2e-5c40-7d3a-9f21-6b0e8a4c1d57", "domain": "https://blog.example", "origin": "blog.example",
        "state": "linked", "linked_by": "me", "linked_at": "2026-01-02T03:05:00Z", "revoked_at": null, "heard_at": null,
        "job": "01936b2e-5c40-7d3a-9f21-6b0e8a4c1d58",
    });
    let comment = "1f0eef07-65ba-82ba-a657-0d7a34f7c61a";
    let event = json!({
        "_id": format!("{comment}-1767323045000"), "createdAt": "2026-01-02T03:04:05.000Z",
        "data": format!("{{\"type\": \"deleted-comment\", \"comment\": {{\"_id\": \"{comment}\", \"urlId\": \"7\"}}}}"),
    });
    vec![
        ("Sites", json!({"sites": [site]})),
        (
            "AskingSite",
            json!({"domain": "https://blog.example", "asked_at": "2026-01-02T03:04:05Z",
                   "expires_at": "2026-01-02T04:04:05Z", "without_sync": false, "is_linked": false}),
        ),
        ("WantedSite", json!({"token": "65f0c1d2a3b4c5.12345678", "domain": "https://blog.example", "accept": true})),
        ("AnsweredSite", json!({"state": "linked", "site": site})),
        ("SiteToken", json!({"status": "success", "isTokenValidated": true, "tenantId": "default"})),
        ("SiteCommands", json!({"status": "success", "commands": [{"command": "SendComments"}]})),
        ("SiteComments", json!({"status": "success", "commentIds": {"12": comment}})),
        ("SiteCommentIds", json!({"mappings": [{"fcId": comment, "wpId": "12"}]})),
        ("SiteDone", json!({"status": "success"})),
        (
            "SiteCommentList",
            json!({"status": "success", "comments": [site_comment(comment)], "hasMore": false, "totalCount": 1}),
        ),
        ("SiteEvents", json!({"status": "success", "events": [event], "hasMore": false})),
        (
            "SiteFailure",
            json!({"status": "failed", "reason": "an admin has ended the link of this site", "code": "token-revoked"}),
        ),
    ]
}

/// An import: what other kinds have is null.
fn job() -> Value {
    let mut job = json!({
        "id": "01936b2e-5c40-7d3a-9f21-6b0e8a4c1d57", "account": "default", "kind": "import", "state": "running",
        "phase": "importing", "revision": 17, "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:04:07.25Z", "ended_at": null, "started_by": "me", "file_name": "export.xml.gz",
        "vendor": "disqus", "origin": "forum",
        "origins": [{"origin": "forum", "comments": 2519}], "site_needed": false, "earlier_pages": null, "dry_run": false, "check": false, "checked": null, "stalled": false,
        "queue_place": null, "cancel_requested": false,
        "progress": {"bytes_stored": 1_048_576, "bytes_total": 8_388_608, "bytes_read": 4_194_304, "slices_total": 1,
                     "slices_done": 0},
        "read": {"threads": 10, "comments": 200, "replies": 80},
        "status": {"approved": 190, "pending": 5, "spam": 5, "deleted": 0},
        "outcome": {"created": 200, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 0},
        "findings": {"repaired": {"padded_value": 2}, "skipped": {}, "failed": {}},
        "error": null,
        "timeline": [{"at": "2026-01-02T03:04:05Z", "event": "created", "text": "started by me"}],
        "sync": null,
    });
    for kind in JobKind::ALL.into_iter().filter(|kind| *kind != JobKind::Import) {
        job[kind.as_str()] = Value::Null;
    }
    job
}

fn receipt() -> Value {
    json!({
        "job_id": "01936b2e-5c40-7d3a-9f21-6b0e8a4c1d57", "kind": "import", "state": "succeeded", "dry_run": false,
        "error": null, "vendor": "disqus", "origin": "forum", "origins": [{"origin": "forum", "comments": 2519}],
        "bytes": {"stored": 1_048_576, "read": 8_388_608},
        "read": {"threads": 10, "comments": 400, "replies": 160},
        "status": {"approved": 390, "pending": 5, "spam": 5, "deleted": 0},
        "outcome": {"created": 400, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 0},
        "findings": {"repaired": {"padded_value": 2}, "skipped": {}, "failed": {}},
        "orphans": 0, "removed": 0, "pages": 10, "merged_pages": 1,
        "merged": [{"url_id": "blog.example/hello",
                    "urls": ["http://blog.example/hello/", "https://www.blog.example/hello?utm_source=x"]}],
        "first_comment_at": "2009-01-02T03:04:05Z", "last_comment_at": "2025-01-02T03:04:05Z", "duration_ms": 850,
    })
}

fn finding() -> Value {
    json!({"part": 0, "offset": 4711, "effect": "repaired", "reason": "padded_value",
           "sentence": "A value stands between white space, which was removed.", "source_id": "5000000001"})
}

fn page() -> Value {
    json!({"id": "5f0c8a52-9d1e-8b7a-a2c4-3e6f1d0b9a87", "url_id": "blog.example/hello",
           "url": "https://blog.example/hello", "urls": ["http://blog.example/hello/", "https://blog.example/hello"],
           "url_count": 2, "title": "Hello", "comments": 12, "reactions": {"love": 3, "superb": 1}})
}

fn site_comment(id: &str) -> Value {
    json!({
        "_id": id, "urlId": "7", "url": null, "parentId": null, "date": "2026-01-02T03:04:05Z", "commenterName": "Ann",
        "commenterEmail": "ann@example.com", "commentHTML": "<p>Hi</p>", "votes": 3, "approved": true, "isSpam": false,
        "externalId": "12", "meta": {"wpPostId": "7", "wpUserId": null, "wpId": "12"},
    })
}

fn comment() -> Value {
    json!({
        "id": "1f0eef07-65ba-82ba-a657-0d7a34f7c61a", "thread": "77aa1c3e-0b5d-8f42-9e6a-2d4c8b1f7e90", "parent": null,
        "source": {"vendor": "disqus", "origin": "forum", "id": "5000000001"},
        "author": {"name": "Ann", "email": "ann@example.com", "link": "https://ann.example/", "avatar": null},
        "created_at": "2020-01-02T03:04:05Z", "status": "approved", "text": "<p>Hi", "text_kind": "html",
        "html": "<p>Hi</p>", "truncated": false, "whole": null, "score": 3,
    })
}

fn token() -> Value {
    json!({"id": "0123456789abcdef", "name": "ben", "role": "admin", "created_at": "2026-01-02T03:04:05Z",
           "expires_at": "2030-01-02T03:04:05Z", "revoked_at": null, "last_used_at": "2026-01-03T08:09:10Z"})
}

fn new_token() -> Value {
    json!({"id": "0123456789abcdef", "name": "ben", "role": "admin", "created_at": "2026-01-02T03:04:05Z",
           "expires_at": null, "revoked_at": null, "last_used_at": null,
           "token": "rt_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
}

fn session() -> Value {
    json!({"account": "default", "name": "me", "role": "admin", "expires_at": "2026-01-02T15:04:05Z",
           "csrf": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
}

fn detection() -> Value {
    json!({"vendor": "disqus", "evidence": "root element disqus",
           "sentence": "The file looks like an export of Disqus."})
}

fn problem() -> Value {
    json!({"type": "urn:rethread:problem:invalid-parameter", "title": "Bad Request", "status": 400,
           "detail": "\"myspace\" is not a vendor; use one of auto, disqus, …", "parameter": "vendor",
           "request_id": "0f3c2a1b-7d6e-4f5a-8b9c-0d1e2f3a4b5c"})
}
