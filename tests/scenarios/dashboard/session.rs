//! Signing in and out, and the account's tokens.

use reqwest::StatusCode;
use serde_json::json;

use super::desk::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_signs_in_with_a_token_and_out_again() {
    let desk = Desk::new().await;
    let browser = &desk.browser;
    browser.write("#token", "rt_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    browser.click("form button[type=submit]").await;
    browser.read("[role=alert]", "not known").await;

    browser.run("document.querySelector('#token').value = ''").await;
    desk.sign_in().await;
    browser.click(".account summary").await;
    browser.read(".account-menu", "default").await;
    browser.read(".account-name", "ann").await;
    // Scripts find nothing to steal: they cannot read the cookie.
    assert_eq!(browser.run("return document.cookie").await, json!(""));
    browser.reload().await;
    browser.see("#file + label").await;

    browser.click(".account summary").await;
    browser.click("[data-test=sign-out]").await;
    browser.read(".notice", "signed out").await;
    browser.reload().await;
    browser.see("#token").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_signs_in_once_and_leaves_no_trace_in_the_address() {
    let desk = Desk::new().await;
    let browser = &desk.browser;
    let made = desk.system.run(&["token", "link", "--account", "default", "--name", "ann"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let secret = made.stdout.split("rl_").nth(1).expect("a link").split_whitespace().next().unwrap().to_owned();
    let link = desk.url(&format!("#link=rl_{secret}"));
    // A change of the fragment alone does not load a new page.
    browser.open("about:blank").await;
    browser.open(&link).await;
    browser.see(".account summary").await;
    assert_eq!(browser.run("return location.hash").await, json!(""));

    browser.click(".account summary").await;
    browser.click("[data-test=sign-out]").await;
    browser.see("#token").await;
    browser.open("about:blank").await;
    browser.open(&link).await;
    browser.read(".notice", "used already").await;
    browser.see("#token").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_shown_once_and_revoked() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    desk.go("tokens").await;
    browser.write("#name", "nightly sync").await;
    browser.click(".token-form button[type=submit]").await;
    let made = browser.see("[data-test=token]").await.text().await.unwrap();
    let api = desk.system.api();
    assert_eq!(api.get("jobs", &made).await.0, StatusCode::OK);

    browser.reload().await;
    browser.read(".token-list", "nightly sync").await;
    assert!(!browser.text("main").await.contains(&made));
    browser.click("button[aria-label='Revoke nightly sync']").await;
    browser.click("dialog [data-test=agree]").await;
    browser.read(".token-revoked", "nightly sync").await;
    assert_eq!(api.get("jobs", &made).await.0, StatusCode::UNAUTHORIZED);
}
