//! Without a mouse.

use fantoccini::key::Key;
use rethread_tests::Browser;
use serde_json::json;

use super::desk::Desk;

/// Presses Tab until an element has the focus, which must be visible.
async fn tab_to(browser: &Browser, css: &str) {
    let is_there = format!("return document.activeElement.matches(\"{css}\")");
    let mut passed = Vec::new();
    for _ in 0..60 {
        if browser.run(&is_there).await == json!(true) {
            let outline = "return [document.activeElement, document.activeElement.nextElementSibling].some((element) =>
                element && getComputedStyle(element).outlineStyle !== 'none')";
            assert_eq!(browser.run(outline).await, json!(true), "nothing shows that {css} has the focus");
            return;
        }
        passed.push(browser.run("return document.activeElement.outerHTML.slice(0, 80)").await);
        browser.press(&Key::Tab.to_string()).await;
    }
    panic!("Tab does not lead to {css}, only to {passed:#?}");
}

async fn enter(browser: &Browser) {
    browser.press(&Key::Enter.to_string()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_done_by_keyboard() {
    let desk = Desk::new().await;
    let browser = &desk.browser;
    browser.see("#token").await;
    tab_to(browser, "#token").await;
    browser.press(&desk.token).await;
    enter(browser).await;
    browser.see("#file + label").await;
    // After a change of pages the focus is at the top of the page.
    browser.holds("document.activeElement.tagName === 'H1'").await;

    tab_to(browser, "#file").await;
    let (file, _) = desk.export(3_000);
    browser.press(file.to_str().unwrap()).await;
    browser.read("[data-key=detection]", "Disqus").await;
    tab_to(browser, "[data-key=more-questions] summary").await;
    enter(browser).await;
    tab_to(browser, "#exclude_spam").await;
    browser.press(" ").await;
    tab_to(browser, "[data-test=check]").await;
    enter(browser).await;
    let id = desk.job_shown().await;
    browser.see("[data-test=confirm]").await;
    tab_to(browser, "[data-test=confirm]").await;
    enter(browser).await;
    browser.read(".notice-good", "The import is done").await;
    assert!(desk.job(&id).await["findings"]["skipped"]["spam_excluded"].as_i64() > Some(0));

    browser.run("document.querySelector('h1').focus()").await;
    tab_to(browser, ".notice-good a").await;
    enter(browser).await;
    browser.see(".page-list").await;
    tab_to(browser, "#search").await;
    browser.press("no such page anywhere").await;
    browser.read(".empty", "Nothing found").await;

    desk.go("export").await;
    browser.holds("document.activeElement.tagName === 'H1'").await;
    tab_to(browser, "#format-csv").await;
    browser.press(&Key::Down.to_string()).await;
    tab_to(browser, "[data-key=only] summary").await;
    enter(browser).await;
    tab_to(browser, "#status-approved").await;
    browser.press(" ").await;
    tab_to(browser, "[data-test=export]").await;
    enter(browser).await;
    let id = desk.job_shown().await;
    browser.see("[data-test=download]").await;
    tab_to(browser, "[data-test=download]").await;
    let options = &desk.job(&id).await["export"]["options"];
    assert_eq!((&options["format"], &options["filter"]["status"]), (&json!("jsonl"), &json!(["approved"])));

    desk.go("pages").await;
    browser.see("[data-test=move]").await;
    tab_to(browser, "[data-test=move]").await;
    enter(browser).await;
    browser.see("#from").await;
    let (_, pages) = desk.system.api().get("pages", &desk.token).await;
    tab_to(browser, "#kind-domain").await;
    browser.press(&format!("{}{}", Key::Down, Key::Down)).await;
    tab_to(browser, "#from").await;
    browser.press(pages["pages"][0]["url_id"].as_str().unwrap()).await;
    tab_to(browser, "#to").await;
    browser.press("https://www.example.org/elsewhere").await;
    enter(browser).await;
    browser.see("[data-key=seen]").await;
    tab_to(browser, "[data-test=move]").await;
    enter(browser).await;
    tab_to(browser, "dialog [data-test=agree]").await;
    enter(browser).await;
    browser.see("[data-test=undo]").await;
    tab_to(browser, "[data-test=undo]").await;

    // The dialog traps the focus, and returns it.
    desk.go("tokens").await;
    browser.see(".token-list").await;
    tab_to(browser, ".token-list button").await;
    enter(browser).await;
    browser.see("dialog[open]").await;
    for _ in 0..4 {
        browser.press(&Key::Tab.to_string()).await;
        let inside =
            "return document.activeElement === document.body || document.activeElement.closest('dialog') !== null";
        assert_eq!(browser.run(inside).await, json!(true));
    }
    browser.press(&Key::Escape.to_string()).await;
    browser.holds("document.querySelector('dialog') === null").await;
    browser.holds("document.activeElement.matches('.token-list button')").await;
}
