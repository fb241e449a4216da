//! Comments follow their pages to another address, and back.

use rethread_tests::sample;
use serde_json::{Value, json};

use super::desk::Desk;

const SITE: &str = "larchwood-trails.example";

/// Keys of the account's pages.
async fn keys(desk: &Desk) -> Vec<String> {
    let (_, pages) = desk.system.api().get("pages?limit=200", &desk.token).await;
    let pages = pages["pages"].as_array().unwrap().iter();
    pages.map(|page| page["url_id"].as_str().unwrap().to_owned()).collect()
}

/// Confirms the dialog, and returns the id of the job that this started.
async fn agree(desk: &Desk, before: &str) -> String {
    desk.browser.click("dialog [data-test=agree]").await;
    desk.browser.holds(&format!("location.hash.startsWith('#/jobs/') && location.hash !== '#/jobs/{before}'")).await;
    desk.job_shown().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_moves_and_comes_back() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    desk.import(&sample("disqus.xml.gz")).await;
    let before = keys(&desk).await;
    browser.run("window.unchanged = true").await;
    desk.go("pages").await;
    browser.click("[data-test=move]").await;
    browser.write("#from", SITE).await;
    browser.write("#to", "trails.example").await;
    browser.click("[data-test=preview]").await;
    browser.read("[data-key=seen]", "26 comments of 4 pages").await;
    let rows = "return [...document.querySelectorAll('.moves tbody tr')].map((row) => row.cells[1].textContent.trim())";
    let there: Vec<String> = before.iter().map(|key| key.replace(SITE, "trails.example")).collect();
    assert_eq!(browser.run(rows).await, json!(there));
    browser.holds("document.querySelector('#announcements').textContent.includes('26 comments')").await;
    assert_eq!(keys(&desk).await, before, "a preview moves nothing");

    browser.click("[data-test=move]").await;
    browser.read("dialog", "can be moved back").await;
    let moved = agree(&desk, "").await;
    browser.read("h1", "trails.example").await;
    browser.read(".notice-good", "26 comments were moved").await;
    browser.read("[data-key=moved]", "26").await;
    browser.read(".timeline", "5 threads moved").await;
    let of_imports = "return document.querySelectorAll('.steps, .findings, [data-key=receipt], a[download]').length";
    assert_eq!(browser.run(of_imports).await, json!(0));
    assert_eq!(keys(&desk).await, there);
    desk.go("pages").await;
    browser.read(".page-list", &there[0]).await;
    assert!(!browser.text(".page-list").await.contains(SITE));

    desk.go("jobs").await;
    let row = format!(".job[data-key='{moved}']");
    browser.read(&row, "26 comments moved").await;
    browser.click(&format!("{row} a")).await;
    browser.click("[data-test=undo]").await;
    let undone = agree(&desk, &moved).await;
    assert_eq!(desk.job(&undone).await["move"]["options"], json!({"undo": moved}));
    browser.read("h1", "Undo a move").await;
    browser.read(".notice-good", "26 comments were moved").await;
    browser.see(&format!(".chosen a[href='#/jobs/{moved}']")).await;
    browser.see("[data-test=undo]").await;
    assert_eq!(keys(&desk).await, before);
    desk.go("pages").await;
    browser.read(".page-list", &before[0]).await;
    assert_eq!(browser.run("return window.unchanged").await, json!(true));
    assert_eq!(browser.console().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_joins_another_and_what_cannot_be_moved_is_said() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    desk.import(&sample("disqus.xml.gz")).await;
    let (_, pages) = desk.system.api().get("pages", &desk.token).await;
    let [from, to] = [0, 1].map(|number| pages["pages"][number]["url_id"].as_str().unwrap());
    browser.run(&format!("location.hash = '#/pages/' + {}", pages["pages"][0]["id"])).await;
    browser.click(".page-tools [data-test=move]").await;
    browser.holds(&format!("document.querySelector('#from')?.value === {}", Value::from(from))).await;
    browser.see("#to_kind").await.select_by_value("url_id").await.unwrap();
    browser.write("#to", to).await;
    browser.click("[data-test=preview]").await;
    browser.read(".moves .badge", "joins a page").await;
    // The preview always shows what would be done: another target has another preview.
    browser.write("#to", "/another").await;
    browser.holds("document.querySelector('[data-key=seen]') === null").await;
    browser.click("[data-test=preview]").await;
    browser.see("[data-key=seen]").await;
    browser.holds("document.querySelector('.moves .badge') === null").await;

    browser.click("label[for=kind-domain]").await;
    browser.click("[data-test=preview]").await;
    browser.see("form [role=alert]").await;
    browser.run("for (const field of document.querySelectorAll('#from, #to')) field.value = ''").await;
    browser.write("#from", "nowhere.example").await;
    browser.write("#to", "trails.example").await;
    browser.holds("document.querySelector('form [role=alert]') === null").await;
    browser.click("[data-test=preview]").await;
    browser.read(".empty", "Nothing is there").await;
    browser.holds("document.querySelector('main [data-test=move]') === null").await;
}
