//! From the file to the comments.

use rethread_tests::{sample, wait_for};
use serde_json::{Value, json};

use super::desk::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_checked_imported_and_watched_to_its_end() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    let (file, truth) = desk.export(30_000);
    // From here on everything happens without another page load.
    browser.run("window.unchanged = true").await;
    desk.choose(&file).await;
    browser.read("[data-key=detection]", "Disqus").await;
    browser.slow_down(12_000_000).await;
    browser.click("[data-test=check]").await;
    wait_for("the upload to show its progress", || async {
        desk.bar().await.filter(|done| *done > 0.0 && *done < 1.0)
    })
    .await;
    browser.read(".upload .progress-line", "MB").await;
    browser.go_online().await;

    let id = desk.job_shown().await;
    browser.read("#check-title", "Nothing was changed yet").await;
    let total = format!("{}", truth.read.comments).replace("30000", "30,000");
    browser.read(".sum tfoot", &total).await;
    let (_, pages) = desk.system.api().get("pages", &desk.token).await;
    assert_eq!(pages["pages"], json!([]), "a check writes nothing");
    let job = desk.job(&id).await;
    assert_eq!(job["state"], "waiting");
    assert_eq!(job["checked"]["read"], serde_json::to_value(truth.read).unwrap());

    browser.click("[data-test=confirm]").await;
    browser.read("#progress-title", "Importing").await;
    // The count on the page, which is animated; the numbers below are those of the import, not of
    // the check.
    let count = "const value = (element) => Number(element?.textContent.replace(/\\D/g, '') ?? 0);
        const spans = [...document.querySelectorAll('.progress-line span')];
        const shown = value(spans.find((span) => span.textContent.includes('comments read')));
        return shown === value(document.querySelector('.sum tfoot td')) ? shown : 0;";
    let counted = |above: i64| {
        let shown = move || async move {
            let shown = browser.run(count).await.as_i64()?;
            (shown > above && shown < truth.read.comments).then_some(shown)
        };
        wait_for("the count to move", shown)
    };
    let first = counted(0).await;
    counted(first).await;
    browser.read(".notice-good", "The import is done").await;
    browser.read(".notice-good", &total).await;
    browser.read(".timeline", "The uploaded file was deleted").await;
    assert_eq!(browser.run("return window.unchanged").await, json!(true));
    assert_eq!(desk.system.files().await, Vec::<String>::new());
    assert_eq!(desk.job(&id).await["outcome"]["created"].as_i64(), Some(truth.read.comments));
    shown_numbers_add_up(&desk).await;

    browser.click(".notice-good a").await;
    browser.click(".page-list .page-title").await;
    browser.see(".comment .comment-body").await;
    assert_eq!(browser.console().await, Vec::<String>::new());
}

/// Adds up the numbers on the page, as an admin would.
async fn shown_numbers_add_up(desk: &Desk) {
    let tables = desk
        .browser
        .run(
            "const value = (cell) => Number(cell.textContent.replace(/\\D/g, ''));
             return [...document.querySelectorAll('.sum')].map((table) =>
               [[...table.querySelectorAll('tbody td')].map(value), value(table.querySelector('tfoot td'))]);",
        )
        .await;
    let tables: Vec<(Vec<i64>, i64)> = serde_json::from_value(tables).unwrap();
    assert_eq!(tables.len(), 2);
    for (parts, total) in tables {
        assert_eq!(parts.iter().sum::<i64>(), total);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_shown_filtered_and_downloaded() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    desk.choose(&sample("disqus-damaged.xml")).await;
    browser.click("[data-test=import]").await;
    let id = desk.job_shown().await;
    browser.see(".findings tbody tr").await;
    let counts = desk.job(&id).await["findings"].clone();
    let (effect, reason, count) = rarest(&counts);
    let rows = "document.querySelectorAll('.findings tbody tr').length";
    browser.holds(&format!("{rows} > {count}")).await;
    browser.see("#findings-filter").await.select_by_value(&format!("{effect}.{reason}")).await.unwrap();
    browser.holds(&format!("{rows} === {count}")).await;

    let csv =
        browser.run("return fetch(document.querySelector('a[download]').href).then((answer) => answer.text())").await;
    let csv = csv.as_str().unwrap();
    assert!(csv.starts_with("part,offset,effect,reason,sentence,source_id"), "{csv}");
    assert_eq!(csv.lines().filter(|line| line.contains(&reason)).count(), usize::try_from(count).unwrap());
}

/// A reason and its number of occurrences, smaller than the total.
fn rarest(counts: &Value) -> (String, String, i64) {
    let effects = counts.as_object().unwrap().iter();
    let all = effects.flat_map(|(effect, reasons)| {
        reasons
            .as_object()
            .unwrap()
            .iter()
            .map(move |(reason, count)| (effect.clone(), reason.clone(), count.as_i64().unwrap()))
    });
    all.min_by_key(|(_, _, count)| *count).expect("findings")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_export_fails_with_a_word_on_what_to_do() {
    let desk = Desk::signed_in().await;
    let browser = &desk.browser;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("comments.html");
    std::fs::write(&file, "<!doctype html><title>Comments</title><p>Sign in to see your comments.</p>").unwrap();
    browser.choose_file("#file", &file).await;
    browser.read("[data-key=detection]", "does not tell").await;
    browser.click("[data-test=import]").await;
    browser.read("h1 + .badge", "Failed").await;
    browser.read(".notice-bad", "as it is").await;
    browser.read(".timeline", "The uploaded file was deleted").await;
}
