//! Two languages.

use serde_json::json;

use super::desk::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_chooses_the_language_and_the_admin_another() {
    let desk = Desk::in_language("fr").await;
    let browser = &desk.browser;
    browser.read("h1", "Connexion").await;
    assert_eq!(browser.run("return document.documentElement.lang").await, json!("fr"));
    desk.sign_in().await;
    let (file, _) = desk.export(2_000);
    let receipt = desk.system.api().import("", &desk.token, std::fs::read(file).unwrap()).await;
    let id = receipt["job_id"].as_str().unwrap();
    browser.open(&desk.url(&format!("#/jobs/{id}"))).await;
    browser.read(".notice-good", "L’import est terminé").await;
    // The thousands separator is a narrow space in French and a comma in English.
    browser.read(".sum tfoot", "2\u{202f}000").await;
    browser.read(".timeline", "Le fichier envoyé a été supprimé").await;

    browser.run("location.hash = '#/move'").await;
    browser.read("h1", "Déplacer des commentaires").await;
    desk.go("export").await;
    browser.read("h1", "Exporter des commentaires").await;
    browser.click("[data-test=export]").await;
    browser.read("#file-title", "Le fichier est prêt").await;
    browser.read("[data-key=losses]", "Conversations").await;
    browser.click(".account summary").await;
    browser.see("#language-menu").await.select_by_value("en").await.unwrap();
    browser.read("#file-title", "The file is ready").await;
    browser.read("[data-key=losses]", "Threads").await;

    browser.run(&format!("location.hash = '#/jobs/{id}'")).await;
    browser.read(".sum tfoot", "2,000").await;
    browser.read(".timeline", "The uploaded file was deleted").await;
    assert_eq!(browser.run("return document.documentElement.lang").await, json!("en"));
    browser.reload().await;
    browser.read(".sum tfoot", "2,000").await;
}
