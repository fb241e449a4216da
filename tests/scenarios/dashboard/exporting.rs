//! From the comments to a file.

use rethread_tests::{sample, wait_for};
use serde_json::{Value, json};

use super::desk::Desk;

/// Enough comments that an export takes several times as long as viewing and cancelling it.
const MANY: u64 = 50_000;

/// Presses *Export*, and returns the job's id.
async fn begin(desk: &Desk) -> String {
    desk.browser.click("[data-test=export]").await;
    desk.job_shown().await
}

/// The file as the browser downloads it by the visible link, and its file name.
async fn downloaded(desk: &Desk) -> (String, String) {
    desk.browser.see("[data-test=download][download]").await;
    let script = "return fetch(document.querySelector('[data-test=download]').href).then(async (answer) =>
        [answer.headers.get('content-disposition'), await answer.text()])";
    let [name, text]: [String; 2] = serde_json::from_value(desk.browser.run(script).await).unwrap();
    (name, text)
}

/// What the command line exports now, without the byte order mark, which browsers remove.
fn exported(desk: &Desk, arguments: &[&str]) -> String {
    let finished = desk.system.run(&[&["export", "--format"], arguments].concat());
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    finished.stdout.trim_start_matches('\u{feff}').to_owned()
}

/// The number of comment lines in a JSON Lines export.
fn comments(export: &str) -> usize {
    let lines = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["type"] == "comment").count()
}

/// Fills in a field as if it were typed; the typed form of a date depends on the language.
async fn fill(desk: &Desk, css: &str, text: &str) {
    desk.browser.see(css).await;
    let (css, text) = (Value::from(css), Value::from(text));
    let script = format!(
        "const field = document.querySelector({css});
         field.value = {text};
         field.dispatchEvent(new Event('input', {{ bubbles: true }}));"
    );
    desk.browser.run(&script).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_comments_are_exported_and_downloaded() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    desk.import(&sample("disqus.xml.gz")).await;
    browser.run("window.unchanged = true").await;
    desk.go("export").await;
    let id = begin(&desk).await;
    browser.read("#file-title", "The file is ready").await;
    browser.read("[data-key=file]", "26 comments are in it").await;
    browser.read("[data-key=file]", "Kept until").await;
    browser.read(".timeline", "File written").await;
    let (name, file) = downloaded(&desk).await;
    assert!(name.starts_with("attachment; filename=\"comments-default-") && name.ends_with(".csv\""), "{name}");
    assert_eq!(file, exported(&desk, &["csv"]));

    let job = desk.job(&id).await;
    let written = &job["export"]["written"];
    browser.click("[data-key=file] summary").await;
    browser.read("[data-key=file] pre", written["file"]["sha256"].as_str().unwrap()).await;
    browser.read("[data-key=contents]", "26").await;
    let losses = written["tally"]["losses"].as_object().unwrap();
    assert!(!losses.is_empty(), "{job:#}");
    for (loss, count) in losses {
        browser.read(&format!("[data-key=losses] tr[data-key={loss}] td"), &count.to_string()).await;
    }
    let shown = "return document.querySelectorAll('[data-key=losses] tr').length";
    assert_eq!(browser.run(shown).await, json!(losses.len()));
    let of_imports =
        "return document.querySelectorAll('.steps, .findings, [data-key=receipt], [data-test=cancel]').length";
    assert_eq!(browser.run(of_imports).await, json!(0));

    desk.go("jobs").await;
    let row = format!(".job[data-key='{id}']");
    browser.read(&row, "Export as CSV").await;
    browser.read(&row, "26 comments in the file").await;
    browser.see(&format!("{row} a[download]")).await;
    browser.see("#kind").await.select_by_value("import").await.unwrap();
    browser.holds("document.querySelector('.job a[download]') === null").await;
    browser.see("#kind").await.select_by_value("export").await.unwrap();
    browser.see(&format!("{row} a[download]")).await;
    browser.holds("document.querySelectorAll('.job').length === 1").await;
    assert_eq!(browser.run("return window.unchanged").await, json!(true));
    assert_eq!(browser.console().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_some_comments_are_exported() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    desk.import(&sample("disqus.xml.gz")).await;
    let (_, pages) = desk.system.api().get("pages", &desk.token).await;
    let (page, key) = (&pages["pages"][0]["id"], pages["pages"][0]["url_id"].as_str().unwrap());
    browser.run(&format!("location.hash = '#/pages/' + {page}")).await;
    browser.click(".page-tools a").await;
    browser.holds(&format!("document.querySelector('#page')?.value === {}", Value::from(key))).await;
    browser.click("label[for=format-jsonl]").await;
    browser.click("label[for=status-approved]").await;
    begin(&desk).await;
    let (_, file) = downloaded(&desk).await;
    let expected = comments(&exported(&desk, &["jsonl", "--page", key, "--status", "approved"]));
    assert!((1..26).contains(&expected));
    assert_eq!(comments(&file), expected);
    browser.read(".chosen", key).await;
    browser.read(".chosen", "Approved").await;
    browser.read("[data-key=losses]", "Nothing").await;

    desk.go("export").await;
    browser.click("[data-key=only] summary").await;
    browser.click("label[for=format-jsonl]").await;
    fill(&desk, "#from", "2020-01-01").await;
    fill(&desk, "#until", "2019-12-31").await;
    browser.click("[data-test=export]").await;
    browser.read("[role=alert]", "before the first").await;
    fill(&desk, "#from", "2019-01-01").await;
    begin(&desk).await;
    let (_, file) = downloaded(&desk).await;
    let expected = comments(&exported(&desk, &["jsonl", "--from", "2019-01-01", "--until", "2020-01-01"]));
    assert!((1..26).contains(&expected));
    assert_eq!(comments(&file), expected);
    browser.read(".chosen", "Jan 1, 2019").await;
    browser.read(".chosen", "Dec 31, 2019").await;

    desk.go("export").await;
    browser.click("[data-key=only] summary").await;
    browser.see("#vendor").await.select_by_value("wordpress").await.unwrap();
    begin(&desk).await;
    browser.read("[data-key=file] .notice-warning", "No comment fits").await;
    assert_eq!(browser.console().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_expires_before_the_admins_eyes_and_is_made_again() {
    let desk =
        Desk::with(&[("RETHREAD_WORKER__EXPORT_EXPIRES_AFTER", "5s"), ("RETHREAD_WORKER__JANITOR_INTERVAL", "500ms")])
            .await;
    let browser = &desk.browser;
    desk.import(&sample("disqus.xml.gz")).await;
    desk.go("export").await;
    browser.click("label[for=format-disqus]").await;
    browser.click("label[for=gzip]").await;
    let id = begin(&desk).await;
    browser.read("[data-key=verdict]", "The file has expired").await;
    browser.holds("document.querySelector('[data-test=download]') === null").await;
    let file = format!("return fetch('/api/v1/jobs/{id}/file').then((answer) => answer.status)");
    assert_eq!(browser.run(&file).await, json!(410));
    wait_for("the file to be deleted", || async {
        let job = desk.job(&id).await;
        (!job["export"]["written"]["file"]["deleted_at"].is_null()).then_some(())
    })
    .await;
    wait_for("nothing to be stored", || async { desk.system.files().await.is_empty().then_some(()) }).await;
    browser.reload().await;
    browser.read(".timeline", "The file was deleted").await;
    desk.go("jobs").await;
    browser.read(&format!(".job[data-key='{id}']"), "The file has expired").await;

    browser.click(&format!(".job[data-key='{id}'] a")).await;
    browser.click("[data-test=again]").await;
    browser.holds(&format!("location.hash.startsWith('#/jobs/') && location.hash !== '#/jobs/{id}'")).await;
    let again = desk.job_shown().await;
    assert_eq!(desk.job(&again).await["export"]["options"], desk.job(&id).await["export"]["options"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_shows_how_far_it_is_and_is_cancelled() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    desk.import(&desk.export(MANY).0).await;
    desk.go("export").await;
    browser.click("label[for=format-wordpress]").await;
    browser.click("label[for=gzip]").await;
    let id = begin(&desk).await;
    browser.read("#progress-title", "Exporting").await;
    // The total is unknown: the bar is indeterminate, the counts grow.
    browser.see(".progress progress:not([value])").await;
    let count = "const spans = [...document.querySelectorAll('.progress-line span')];
        const shown = spans.find((span) => span.textContent.includes('comments written'));
        return Number(shown?.textContent.replace(/\\D/g, '') ?? 0);";
    let counted = |above: i64| {
        let shown = move || async move { browser.run(count).await.as_i64().filter(|shown| *shown > above) };
        wait_for("the count to move", shown)
    };
    counted(0).await;
    browser.click("[data-test=cancel]").await;
    browser.read("dialog", "there will be no file").await;
    browser.click("dialog [data-test=agree]").await;
    browser.read("h1 + .badge", "Cancelled").await;
    browser.read("[data-key=verdict]", "This export was cancelled").await;
    browser.read(".timeline", "there is no file").await;
    browser.holds("document.querySelector('#announcements').textContent.includes('Cancelled')").await;
    assert_eq!(desk.job(&id).await["state"], "cancelled");
    let file = format!("return fetch('/api/v1/jobs/{id}/file').then((answer) => answer.status)");
    assert_eq!(browser.run(&file).await, json!(404));
    wait_for("nothing to be left of the file", || async { desk.system.files().await.is_empty().then_some(()) }).await;
}
