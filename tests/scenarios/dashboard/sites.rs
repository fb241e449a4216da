//! A WordPress site asks, is accepted or refused, and sends its comments automatically.

use std::ops::RangeInclusive;

use reqwest::Method;
use serde_json::{Value, json};

use super::desk::Desk;
use rethread_tests::http_client;

const SITE: &str = "https://blog.example";

/// The plugin in WordPress, as seen by the service.
struct Plugin<'a> {
    desk: &'a Desk,
    token: &'static str,
}

impl<'a> Plugin<'a> {
    /// Its token is what PHP's `uniqid('', true)` makes.
    const fn new(desk: &'a Desk) -> Self {
        Self { desk, token: "6650a1b2c3d4e5.12345678" }
    }

    /// Calls a route of the protocol; `more` is appended to the query.
    async fn call(&self, method: Method, route: &str, more: &str, body: Option<Value>) -> Value {
        let url = self.desk.url(&format!("integrations/v1/{route}?token={}{more}", self.token));
        let request = http_client().request(method, url);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Asks to be linked as the site with this address; returns whether it is.
    async fn asks_as(&self, domain: &str) -> Value {
        let more = format!("&integrationType=wordpress&domain={domain}");
        self.call(Method::PUT, "token", &more, None).await["isTokenValidated"].clone()
    }

    async fn asks(&self) -> Value {
        self.asks_as(SITE).await
    }

    /// Sends a batch of comments, by their ids in WordPress.
    async fn sends(&self, ids: RangeInclusive<u32>, remaining: u32) {
        let comments: Vec<Value> = ids.map(comment).collect();
        let batch = json!({"countRemaining": remaining, "comments": comments});
        let answer = self.call(Method::POST, "comments", "", Some(batch)).await;
        assert_eq!(answer["status"], "success", "{answer:#}");
    }

    /// Redirects its admin's browser here, as the button on its page does.
    async fn leads_here(&self) {
        let place = format!("auth/my-account/integrations/v1/confirm?token={}&hasAccount=true", self.token);
        self.desk.browser.open(&self.desk.url(&place)).await;
    }

    /// Is accepted by the admin, who is signed in.
    async fn is_linked(&self) {
        assert_eq!(self.asks().await, json!(false));
        self.leads_here().await;
        self.desk.browser.click("[data-test=accept]").await;
        self.desk.browser.read(".notice-good", "is linked").await;
    }
}

/// As the plugin sends it: some numbers are strings, some are numbers.
fn comment(id: u32) -> Value {
    json!({
        "tenantId": "default", "urlId": "7", "url": format!("{SITE}/?p=7"), "pageTitle": "Hello", "userId": null,
        "commenterName": "Ben", "commenterEmail": "", "comment": format!("Comment\nnumber {id}"),
        "externalId": id.to_string(), "externalParentId": null, "date": "2024-05-25 08:30:00",
        "votes": "0", "votesUp": 0, "votesDown": 0, "verified": false, "isSpam": false, "approved": true,
        "avatarSrc": null, "hasImages": false, "hasLinks": false,
    })
}

/// The account's sites, from the API.
async fn sites(desk: &Desk) -> Vec<Value> {
    let (_, sites) = desk.system.api().get("sites", &desk.token).await;
    sites["sites"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_linked_and_sends_its_comments() {
    let desk = Desk::new().await;
    let (browser, plugin) = (&desk.browser, Plugin::new(&desk));
    assert_eq!(plugin.asks().await, json!(false));
    plugin.leads_here().await;
    browser.read(".notice-info", "A WordPress site asks").await;
    browser.write("#token", &desk.token).await;
    browser.click("form button[type=submit]").await;
    browser.read("[data-test=domain]", SITE).await;
    browser.read("[data-key=question]", "default").await;
    browser.read("[data-key=question]", "cdn.fastcomments.com").await;
    assert_eq!(browser.run("return location.hash").await, json!(format!("#/link/{}", plugin.token)));
    assert_eq!(plugin.asks().await, json!(false), "to look is not to accept");
    // The refusal that led to the sign-in.
    browser.console().await;

    browser.run("window.unchanged = true").await;
    browser.click("[data-test=accept]").await;
    browser.read(".notice-good", "is linked").await;
    browser.holds("document.querySelector('#announcements').textContent.includes('is linked')").await;
    browser.holds("document.activeElement.tagName === 'H1'").await;
    assert_eq!(plugin.asks().await, json!(true));

    browser.click("[data-test=to-job]").await;
    let id = desk.job_shown().await;
    browser.read("h1", SITE).await;
    browser.read("h1 + .badge", "Waiting for the site").await;
    browser.read(".progress-line", "nothing has come yet").await;
    browser.read(".progress-line", "last heard of").await;
    browser.read("[data-key=progress] .hint", "opened in WordPress").await;
    assert_eq!(desk.bar().await, None, "nothing moves yet");
    assert_eq!(browser.run("return document.querySelectorAll('.steps li').length").await, json!(3));
    plugin.sends(1..=3, 2).await;
    browser.read(".progress-line", "2 left, as the site says").await;
    browser.read(".progress-line", "3 comments read").await;
    browser.read("h1 + .badge", "Waiting for the site").await;
    plugin.sends(4..=5, 0).await;
    browser.read(".notice-good", "5 comments came from the site").await;
    browser.read(".timeline", "The site has sent everything").await;
    browser.read(".sum tfoot", "Comments from the site").await;
    browser.holds("document.querySelector('#announcements').textContent.includes('Done')").await;
    let said = browser.text("main").await;
    assert!(!said.contains("file") && !said.contains("upload"), "there was none: {said}");
    assert_eq!(desk.job(&id).await["outcome"]["created"], 5);

    desk.go("jobs").await;
    let row = format!(".job[data-key='{id}']");
    browser.read(&row, SITE).await;
    browser.read(&row, "WordPress (plugin)").await;
    browser.read(&row, "5 created").await;
    desk.go("import").await;
    browser.click("[data-test=sites]").await;
    browser.read(".site", SITE).await;
    browser.read(".site", "linked by ann").await;
    browser.read(".site .badge-linked", "Linked").await;
    browser.read(".site-sync .badge", "Done").await;
    browser.see(".nav a[href='#/import'][aria-current=page]").await;
    browser.read("[data-test=server]", desk.url("").trim_end_matches('/')).await;

    browser.click("[data-test=sync]").await;
    browser.read(".site-sync .badge", "Waiting for the site").await;
    browser.holds("document.querySelector('[data-test=sync]').disabled").await;
    let again = sites(&desk).await[0]["job"].clone();
    assert_ne!(again, json!(id));
    // Without a reload: the list refreshes automatically.
    plugin.sends(6..=6, 0).await;
    browser.read(".site-sync .badge", "Done").await;
    browser.read(".site-sync", "1 created").await;
    browser.holds("!document.querySelector('[data-test=sync]').disabled").await;

    browser.click("[data-test=revoke]").await;
    browser.read("dialog", SITE).await;
    browser.click("dialog [data-test=agree]").await;
    browser.read(".site .badge-revoked", "Revoked").await;
    browser.holds("document.querySelector('[data-test=revoke], [data-test=sync]') === null").await;
    assert_eq!(sites(&desk).await[0]["state"], "revoked");
    let answer = plugin.call(Method::GET, "commands", "&fromDateTime=0", None).await;
    assert_eq!(answer["status"], "failed", "{answer:#}");
    assert_eq!(browser.run("return window.unchanged").await, json!(true));
    assert_eq!(browser.console().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_refused() {
    let desk = Desk::signed_in().await;
    let (browser, plugin) = (&desk.browser, Plugin::new(&desk));
    assert_eq!(plugin.asks().await, json!(false));
    plugin.leads_here().await;
    browser.read("[data-test=domain]", SITE).await;
    browser.click("[data-test=refuse]").await;
    browser.read(".notice-info", "was refused").await;
    browser.holds("document.querySelector('[data-test=to-job], [data-test=accept]') === null").await;
    assert_eq!(sites(&desk).await, Vec::<Value>::new());
    browser.reload().await;
    browser.read(".empty", "Nothing asks with this link").await;
    assert_ne!(plugin.asks().await, json!(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_asks_for_nothing_leads_to_what_can_be_done() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    browser.run("location.hash = '#/link/nobody'").await;
    browser.read(".empty", "open the plugin’s page in WordPress again").await;
    browser.click("[data-test=to-sites]").await;
    browser.read("h1", "WordPress sites").await;
    browser.read("[data-key=steps]", "fastcomments_site").await;
    browser.read("[data-key=steps]", "cdn.fastcomments.com").await;
    browser.holds("document.querySelector('.site, .loading') === null").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_accepts_another_site_than_the_one_that_shows() {
    let desk = Desk::signed_in().await;
    let (browser, plugin) = (&desk.browser, Plugin::new(&desk));
    plugin.asks().await;
    plugin.leads_here().await;
    browser.read("[data-test=domain]", SITE).await;
    plugin.asks_as("https://another.example").await;
    browser.click("[data-test=accept]").await;
    browser.read("[role=alert]", "another site by now").await;
    browser.read("[data-test=domain]", "https://another.example").await;
    assert_eq!(sites(&desk).await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_is_cancelled_and_another_one_begun() {
    let desk = Desk::signed_in().await;
    let (browser, plugin) = (&desk.browser, Plugin::new(&desk));
    plugin.is_linked().await;
    browser.click("[data-test=to-job]").await;
    let id = desk.job_shown().await;
    plugin.sends(1..=2, 7).await;
    browser.read(".progress-line", "7 left, as the site says").await;
    browser.click("[data-test=cancel]").await;
    browser.read("dialog", "nothing more is taken from the site").await;
    browser.click("dialog [data-test=agree]").await;
    browser.read("h1 + .badge", "Cancelled").await;
    browser.read("[data-key=verdict]", "a new sync completes it").await;
    assert_eq!(desk.job(&id).await["state"], "cancelled");
    browser.click("[data-test=to-sites]").await;
    browser.read(".site-sync .badge", "Cancelled").await;
    browser.click("[data-test=sync]").await;
    browser.read(".site-sync .badge", "Waiting for the site").await;

    // Revoking the site ends its sync.
    browser.click("[data-test=revoke]").await;
    browser.click("dialog [data-test=agree]").await;
    browser.read(".site .badge-revoked", "Revoked").await;
    browser.read(".site-sync .badge", "Cancelled").await;
}
