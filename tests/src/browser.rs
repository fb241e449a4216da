//! Headless Chromium, used as people use a browser: invisible elements cannot be clicked.

mod command;

use std::process::Stdio;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

use crate::servers::debian;
use crate::{Process, free_address, wait_for};
use command::ChromeCommand;

/// One browser at a time: several of them beside the servers of other tests would only slow each
/// other down.
static TURN: Mutex<()> = Mutex::const_new(());

/// A new browser without any stored state; killed when dropped.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    _driver: Process,
    _turn: MutexGuard<'static, ()>,
}

impl Browser {
    /// Starts chromedriver and, through it, Chromium, which prefers a language such as `en`.
    pub async fn start(language: &str) -> Self {
        let turn = TURN.lock().await;
        let program = debian::program(["/usr/bin/chromedriver"], "chromium-driver");
        let chromium = debian::program(["/usr/bin/chromium"], "chromium");
        let folder = debian::folder("browser", None);
        let address = free_address();
        let driver = Process::spawn(
            debian::command(&program, None)
                .arg(format!("--port={}", address.port()))
                .env("HOME", &folder)
                .env("TMPDIR", &folder)
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        );
        let arguments = [
            "--headless=new".to_owned(),
            // Chromium's own sandbox does not work for root, and tests in containers run as root.
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-breakpad".to_owned(),
            "--no-first-run".to_owned(),
            "--window-size=1280,900".to_owned(),
            format!("--lang={language}"),
            format!("--user-data-dir={}", folder.join("profile").display()),
        ];
        let wanted = json!({
            // A page that opens a browser dialog stops the test.
            "unhandledPromptBehavior": "ignore",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {
                "binary": chromium,
                "args": arguments,
                "prefs": {"intl.accept_languages": language},
            },
        });
        let wanted = wanted.as_object().expect("an object").clone();
        let url = format!("http://{address}");
        let client = wait_for("chromium to start", || async {
            ClientBuilder::new(HttpConnector::new()).capabilities(wanted.clone()).connect(&url).await.ok()
        })
        .await;
        Self { client, _driver: driver, _turn: turn }
    }

    /// Opens an address.
    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.expect("the address opens");
    }

    /// Reloads the page.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("the page loads anew");
    }

    /// Waits until an element is visible.
    pub async fn see(&self, css: &str) -> Element {
        wait_for(&format!("{css} to be seen"), || async {
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            element.is_displayed().await.ok()?.then_some(element)
        })
        .await
    }

    /// Waits until an element can be clicked, and clicks it.
    pub async fn click(&self, css: &str) {
        wait_for(&format!("{css} to be clicked"), || async {
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            let is_ready = element.is_displayed().await.ok()? && element.is_enabled().await.ok()?;
            // An element that was just redrawn or covered can be clicked a moment later.
            if is_ready { element.click().await.ok() } else { None }
        })
        .await;
    }

    /// Writes into a field.
    pub async fn write(&self, css: &str, text: &str) {
        self.see(css).await.send_keys(text).await.expect("the field takes text");
    }

    /// Chooses a file; the input itself need not be visible.
    pub async fn choose_file(&self, css: &str, path: &std::path::Path) {
        let input = wait_for("a place for the file", || async { self.client.find(Locator::Css(css)).await.ok() }).await;
        input.send_keys(path.to_str().expect("paths here are UTF-8")).await.expect("the file is chosen");
    }

    /// Presses keys, wherever the focus is.
    pub async fn press(&self, keys: &str) {
        let active = self.client.active_element().await.expect("an element has the focus");
        active.send_keys(keys).await.expect("keys are pressed");
    }

    /// The visible text of an element; empty if there is none.
    pub async fn text(&self, css: &str) -> String {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until the text of an element contains these words.
    pub async fn read(&self, css: &str, words: &str) {
        wait_for(&format!("{css} to say {words:?}"), || async { self.text(css).await.contains(words).then_some(()) })
            .await;
    }

    /// Runs the body of a function in the page, and returns its result.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until an expression is true in the page.
    pub async fn holds(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        wait_for(expression, || async { (self.run(&script).await == json!(true)).then_some(()) }).await;
    }

    /// Limits the network to this number of bytes per second in each direction.
    pub async fn slow_down(&self, bytes_per_second: u64) {
        self.network(&json!({
            "offline": false, "latency": 0,
            "download_throughput": bytes_per_second, "upload_throughput": bytes_per_second,
        }))
        .await;
    }

    /// Disconnects the network.
    pub async fn go_offline(&self) {
        self.network(&json!({"offline": true, "latency": 0, "download_throughput": 0, "upload_throughput": 0})).await;
    }

    /// Reconnects the network, at full speed.
    pub async fn go_online(&self) {
        let command = ChromeCommand::delete("chromium/network_conditions");
        self.client.issue_cmd(command).await.expect("the network is back");
    }

    async fn network(&self, conditions: &Value) {
        let command = ChromeCommand::post("chromium/network_conditions", json!({"network_conditions": conditions}));
        self.client.issue_cmd(command).await.expect("the network changes");
    }

    /// What pages have written to the console since the last call, and what was blocked.
    pub async fn console(&self) -> Vec<String> {
        let log = self.client.issue_cmd(ChromeCommand::post("se/log", json!({"type": "browser"}))).await;
        let log = log.expect("the console can be read");
        let entries = log.as_array().expect("a list").iter();
        entries.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
