//! An admin at a browser, with a running system.

use std::path::{Path, PathBuf};

use rethread_model::Vendor;
use rethread_tests::{Browser, Side, System, wait_for};
use serde_json::Value;

use crate::{Truth, generated};

/// A system, a browser, and the admin's token.
pub(super) struct Desk {
    pub(super) system: System,
    pub(super) browser: Browser,
    pub(super) token: String,
    folder: tempfile::TempDir,
}

impl Desk {
    /// With the dashboard open, signed out.
    pub(super) async fn new() -> Self {
        Self::in_language("en").await
    }

    /// With a browser that prefers this language.
    pub(super) async fn in_language(language: &str) -> Self {
        Self::start(language, &[]).await
    }

    /// With settings, and with the admin signed in.
    pub(super) async fn with(settings: &[(&str, &str)]) -> Self {
        let desk = Self::start("en", settings).await;
        desk.sign_in().await;
        desk
    }

    async fn start(language: &str, settings: &[(&str, &str)]) -> Self {
        let system = System::start_with(Side::Embedded, settings).await;
        let token = system.token("default");
        let browser = Browser::start(language).await;
        let desk = Self { system, browser, token, folder: tempfile::tempdir().unwrap() };
        desk.browser.open(&desk.url("")).await;
        desk
    }

    /// With the admin signed in, on the import page.
    pub(super) async fn signed_in() -> Self {
        Self::with(&[]).await
    }

    /// Signs in with the token.
    pub(super) async fn sign_in(&self) {
        self.browser.write("#token", &self.token).await;
        self.browser.click("form button[type=submit]").await;
        self.browser.see("#file + label").await;
        // Clears the messages of the refusals that led here.
        self.browser.console().await;
    }

    /// An address of the dashboard; `place` begins with `#`.
    pub(super) fn url(&self, place: &str) -> String {
        format!("http://{}/{place}", self.system.api().address())
    }

    /// A folder for a test's own files.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A generated Disqus export with this number of comments.
    pub(super) fn export(&self, comments: u64) -> (PathBuf, Truth) {
        let file = self.folder.path().join(format!("export-{comments}.xml"));
        let truth = generated(Vendor::Disqus, comments, &file);
        (file, truth)
    }

    /// Imports a file without the dashboard.
    pub(super) async fn import(&self, file: &Path) {
        let receipt = self.system.api().import("", &self.token, std::fs::read(file).unwrap()).await;
        assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    }

    /// Chooses a file on the import page, and waits until it is recognised.
    pub(super) async fn choose(&self, file: &Path) {
        self.browser.choose_file("#file", file).await;
        self.browser.read("[data-key=detection]", "This is an export of").await;
    }

    /// Follows a link of the navigation.
    pub(super) async fn go(&self, page: &str) {
        self.browser.click(&format!(".nav a[href='#/{page}']")).await;
        self.browser.holds(&format!("location.hash === '#/{page}'")).await;
    }

    /// The id of the job on the current page.
    pub(super) async fn job_shown(&self) -> String {
        wait_for("the page of a job", || async {
            let hash = self.browser.run("return location.hash").await;
            Some(hash.as_str()?.strip_prefix("#/jobs/")?.to_owned())
        })
        .await
    }

    /// A job from the API.
    pub(super) async fn job(&self, id: &str) -> Value {
        self.system.api().job(id, &self.token).await
    }

    /// The progress bar's value, from 0 to 1; `None` without a bar.
    pub(super) async fn bar(&self) -> Option<f64> {
        self.browser.run("return document.querySelector('main progress')?.value ?? null").await.as_f64()
    }
}
