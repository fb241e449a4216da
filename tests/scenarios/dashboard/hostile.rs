//! Script in all input from outside. None of it runs.

mod vectors;

use rethread_tests::Browser;
use serde_json::{Value, json};

use super::desk::Desk;
use vectors::{VECTORS, export};

/// Whether input from outside became more than text on the current page.
async fn assert_harmless(browser: &Browser, place: &str) {
    let found = browser
        .run(
            "const strange = [];
             if (window.ran !== undefined) strange.push(`ran ${window.ran}`);
             for (const element of document.querySelectorAll('body *')) {
               if (['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'IMG', 'VIDEO', 'STYLE', 'LINK', 'BASE', 'META'].includes(element.nodeName)) {
                 strange.push(element.nodeName);
               }
               for (const { name, value } of element.attributes) {
                 if (name.startsWith('on') || name === 'style' || name === 'srcdoc') strange.push(`${element.nodeName} ${name}`);
                 const isAddress = ['href', 'src', 'action', 'xlink:href'].includes(name);
                 if (isAddress && !/^(https?:|mailto:|#|\\/)/.test(value)) strange.push(`${name} ${value}`);
               }
             }
             for (const { name } of performance.getEntriesByType('resource')) {
               if (!name.startsWith(location.origin)) strange.push(`asked for ${name}`);
             }
             return strange;",
        )
        .await;
    assert_eq!(found, json!([]), "{place}");
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_vectors_are_shown_and_nothing_runs() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    let (api, token) = (desk.system.api(), &desk.token);
    let name: String = url::form_urlencoded::byte_serialize(VECTORS[1].as_bytes()).collect();
    let receipt = api.import(&format!("file_name={name}"), token, export().into_bytes()).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    assert_eq!(receipt["outcome"]["created"].as_u64(), Some(2 * VECTORS.len() as u64), "{receipt:#}");
    let (_, pages) = api.get("pages?limit=200", token).await;
    let pages = pages["pages"].as_array().unwrap();
    assert!(pages.len() > VECTORS.len(), "{pages:#?}");

    desk.go("pages").await;
    browser.holds(&format!("document.querySelectorAll('.page-line').length >= {}", pages.len().min(50))).await;
    assert_harmless(browser, "the list of pages").await;
    for page in pages {
        let id = page["id"].as_str().unwrap();
        browser.run(&format!("location.hash = '#/pages/{id}'")).await;
        let title = page["title"].as_str().filter(|title| !title.is_empty()).or(page["url_id"].as_str()).unwrap();
        browser.holds(&format!("document.querySelector('h1').textContent === {}", Value::from(title))).await;
        browser.see(".comment").await;
        assert_harmless(browser, title).await;
    }
    for (place, sign) in [
        ("#/jobs".to_owned(), ".job"),
        (format!("#/jobs/{}", receipt["job_id"].as_str().unwrap()), ".timeline"),
        (format!("#/{}", VECTORS[0]), "h1"),
    ] {
        browser.run(&format!("location.hash = {}", Value::from(place.clone()))).await;
        browser.see(sign).await;
        assert_harmless(browser, &place).await;
    }
    exported(&desk).await;
    moved(&desk, pages[0]["url_id"].as_str().unwrap()).await;
    desk.go("pages").await;
    for vector in VECTORS {
        browser
            .run(&format!(
                "const field = document.querySelector('#search'); field.value = {}; field.form.requestSubmit();",
                Value::from(*vector)
            ))
            .await;
    }
    browser.holds("document.querySelector('.empty, .page-line') !== null").await;
    assert_harmless(browser, "a search").await;
    // Nothing had to be blocked: the content security policy was never needed.
    assert_eq!(browser.console().await, Vec::<String>::new());
}

/// The options of an export that a link requests appear in the form, and to all admins on the job's
/// page.
async fn exported(desk: &Desk) {
    let browser = &desk.browser;
    let all = Value::from(VECTORS.join(" "));
    browser.run(&format!("location.hash = '#/export/' + encodeURIComponent({all})")).await;
    browser.holds("document.querySelector('#page')?.value.includes('window.ran=30')").await;
    assert_harmless(browser, "the form of an export").await;
    browser.write("#origin", VECTORS[1]).await;
    browser.click("[data-test=export]").await;
    browser.read(".chosen", "window.ran=30").await;
    browser.see("[data-test=download]").await;
    assert_harmless(browser, "the page of an export").await;
}

/// A move's target appears in the preview, and as the title of the job.
async fn moved(desk: &Desk, page: &str) {
    let browser = &desk.browser;
    browser.run(&format!("location.hash = '#/move/' + encodeURIComponent({})", Value::from(page))).await;
    browser.see("#to_kind").await.select_by_value("url_id").await.unwrap();
    browser.write("#to", VECTORS[1]).await;
    browser.click("[data-test=preview]").await;
    browser.read(".moves", "window.ran=2").await;
    assert_harmless(browser, "the preview of a move").await;
    browser.click("main [data-test=move]").await;
    browser.read("dialog", "window.ran=2").await;
    assert_harmless(browser, "the question before a move").await;
    browser.click("dialog [data-test=agree]").await;
    browser.read("h1", "window.ran=2").await;
    browser.see("[data-test=undo]").await;
    assert_harmless(browser, "the page of a move").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_conversation_can_be_read() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    let (api, token) = (desk.system.api(), &desk.token);
    let receipt = api.import("", token, vectors::ladder(1_200).into_bytes()).await;
    assert_eq!(receipt["outcome"]["created"], 1_200, "{receipt:#}");
    let (_, pages) = api.get("pages", token).await;
    let page = pages["pages"][0]["id"].as_str().unwrap();
    browser.open(&desk.url(&format!("#/pages/{page}"))).await;
    for portion in 2..=12 {
        browser.click(".more").await;
        browser.holds(&format!("document.querySelectorAll('.comment').length === {}", portion * 100)).await;
    }
    browser.holds("document.querySelector('.more') === null").await;
    browser.holds("document.documentElement.scrollWidth <= document.documentElement.clientWidth").await;
    let last = "[...document.querySelectorAll('.comment')].pop()";
    browser
        .holds(&format!("{last}.getAttribute('aria-level') === '1200' && {last}.textContent.includes('answers')"))
        .await;
}
