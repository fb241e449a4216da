//! Sites that are not linked.

use reqwest::{Method, StatusCode};
use rethread_tests::{Api, Plugin, Side, System, http_client, site_comment};
use serde_json::{Value, json};

use super::{DOMAIN, answer, linked, site};

/// All routes except the one that asks to be linked.
const ROUTES: [(Method, &str); 4] =
    [(Method::GET, "commands"), (Method::POST, "comments"), (Method::GET, "comments"), (Method::GET, "api-secret")];

/// The protocol's error and nothing else.
async fn gets_nothing(plugin: &Plugin, status: StatusCode, code: &str) {
    for (method, route) in ROUTES {
        let body = rethread_tests::batch(0, &[site_comment(1, 1, 0)]);
        let (got, failure) = plugin.call(method, route, Some(&body)).await;
        assert_eq!((got, &failure["code"]), (status, &json!(code)), "{route}: {failure:#}");
        assert_eq!(failure["status"], "failed");
        let mut members: Vec<&String> = failure.as_object().unwrap().keys().collect();
        members.sort_unstable();
        assert_eq!(members, ["code", "reason", "status"], "no data: {failure:#}");
    }
}

pub(crate) async fn who_is_not_linked_gets_nothing(side: Side) {
    let generous = [("RETHREAD_GATEWAY__SIGN_INS_PER_ADDRESS", "1000")];
    let system = System::start_with(side, &generous).await;
    let (api, admin, other) = (system.api(), system.token("default"), system.token("other"));
    let unknown = Plugin::new(api.address(), "0000000000000.00000000", DOMAIN);
    gets_nothing(&unknown, StatusCode::UNAUTHORIZED, "token-unknown").await;
    let (status, _) = api.get(&format!("sites/asking?token={}", unknown.token), &admin).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(answer(api, &admin, &unknown, true).await.0, StatusCode::NOT_FOUND);

    let asking = Plugin::new(api.address(), "1111111111111.00000000", DOMAIN);
    asking.ask().await;
    gets_nothing(&asking, StatusCode::UNAUTHORIZED, "token-unconfirmed").await;
    let elsewhere = Plugin::new(api.address(), &asking.token, "https://evil.example");
    elsewhere.ask().await;
    let (status, problem) = answer(api, &admin, &asking, true).await;
    assert_eq!(status, StatusCode::CONFLICT, "not what the admin was shown: {problem:#}");
    gets_nothing(&asking, StatusCode::UNAUTHORIZED, "token-unconfirmed").await;

    let refused = Plugin::new(api.address(), "2222222222222.00000000", DOMAIN);
    refused.ask().await;
    let (status, answered) = answer(api, &admin, &refused, false).await;
    assert_eq!((status, answered), (StatusCode::OK, json!({"state": "refused", "site": null})));
    gets_nothing(&refused, StatusCode::FORBIDDEN, "token-refused").await;
    assert_eq!(refused.ask().await.0, StatusCode::FORBIDDEN);
    assert_eq!(answer(api, &admin, &refused, true).await.0, StatusCode::NOT_FOUND);
    assert_eq!(site(api, &admin).await, Value::Null, "who was refused is no site of the account");

    let (plugin, job) = linked(&system, &admin, "3333333333333.00000000").await;
    assert_eq!(answer(api, &other, &plugin, true).await.0, StatusCode::NOT_FOUND, "it belongs to one account");
    let id = site(api, &admin).await["id"].as_str().unwrap().to_owned();
    assert_eq!(site(api, &other).await, Value::Null);
    assert_eq!(api.post(&format!("sites/{id}/sync"), &other, Vec::new()).await.0, StatusCode::NOT_FOUND);
    let revoke = |token: &str| http_client().delete(api.url(&format!("sites/{id}"))).bearer_auth(token).send();
    assert_eq!(revoke(&other).await.unwrap().status(), StatusCode::NOT_FOUND);
    // The same site with another token: it stays one site, and the old token is dead.
    let (plugin, job) = {
        let (again, next) = linked(&system, &admin, "3333333333334.00000000").await;
        gets_nothing(&plugin, StatusCode::FORBIDDEN, "token-revoked").await;
        assert_eq!(plugin.ask().await.0, StatusCode::FORBIDDEN);
        assert_eq!(site(api, &admin).await["id"], json!(id));
        assert_eq!(api.get("sites", &admin).await.1["sites"].as_array().unwrap().len(), 1);
        assert_eq!(api.receipt(&job, &admin).await["state"], "cancelled");
        (again, next)
    };
    plugin.deliver(5, &[site_comment(1, 1, 0)]).await;
    its_account_is_all_that_a_site_reaches(api, &plugin, &other).await;
    for _ in 0..2 {
        assert_eq!(revoke(&admin).await.unwrap().status(), StatusCode::NO_CONTENT, "may be repeated");
    }
    gets_nothing(&plugin, StatusCode::FORBIDDEN, "token-revoked").await;
    assert_eq!(plugin.ask().await.0, StatusCode::FORBIDDEN);
    assert_eq!(api.receipt(&job, &admin).await["state"], "cancelled");
    assert_eq!(api.get("sites", &admin).await.1["sites"].as_array().unwrap().len(), 1);
    let seen = site(api, &admin).await;
    assert_eq!(seen["state"], "revoked", "{seen:#}");
    assert_eq!(api.post(&format!("sites/{id}/sync"), &admin, Vec::new()).await.0, StatusCode::NOT_FOUND);
}

/// A site that another account has linked, even with the same address, receives nothing of this
/// one, and writes into its own account.
async fn its_account_is_all_that_a_site_reaches(api: &Api, plugin: &Plugin, other: &str) {
    let foreign = Plugin::new(api.address(), "5555555555555.00000000", DOMAIN);
    foreign.ask().await;
    let (status, answered) = answer(api, other, &foreign, true).await;
    assert_eq!(status, StatusCode::OK, "{answered:#}");
    assert_eq!(foreign.ask().await.1["tenantId"], "other");
    let own = plugin.deliver(5, &[site_comment(1, 1, 0)]).await;
    let theirs = foreign.deliver(0, &[site_comment(1, 1, 0)]).await;
    assert_ne!(own["1"], theirs["1"], "the account is part of an id");
    let job = answered["site"]["job"].as_str().unwrap();
    assert_eq!(api.receipt(job, other).await["outcome"]["created"], 1);
    let (_, told) = foreign.call(Method::GET, "events?fromDateTime=0", None).await;
    assert_eq!(told["events"], json!([]), "{told:#}");
    let (_, listed) = foreign.call(Method::GET, "comments?includeCount=true", None).await;
    assert_eq!((&listed["totalCount"], &listed["comments"][0]["_id"]), (&json!(1), &json!(theirs["1"])), "{listed:#}");
    let mapping = json!({"mappings": [{"fcId": own["1"], "wpId": "9"}]});
    assert_eq!(foreign.call(Method::PATCH, "comment-ids", Some(&mapping)).await.0, StatusCode::OK, "passed over");
}
