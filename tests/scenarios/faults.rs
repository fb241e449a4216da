//! Faults, one at a time. Every import here ends with the rows and the receipt of an undisturbed
//! one.

mod cancelled;
mod checked;
mod gateway;
mod links;
mod notifier;
mod queue;
mod servers;
mod status;
mod storage;
mod workers;

use std::time::Duration;

use rethread_model::Vendor;
use rethread_tests::{Blueprint, Deployment, Rethread, Rows, Servers};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::{assert_adds_up, comparable, generated};

const ACCOUNT: &str = "acme";
const COMMENTS: u64 = 24_000;
/// How long a link is cut, or a server is unavailable.
const OUTAGE: Duration = Duration::from_secs(20);

/// A file, and the result of an undisturbed import of it.
struct Undisturbed {
    file: Vec<u8>,
    receipt: Value,
    rows: Rows,
}

/// Imported once, on the embedded deployment.
async fn undisturbed() -> &'static Undisturbed {
    static UNDISTURBED: OnceCell<Undisturbed> = OnceCell::const_new();
    let import = || async {
        let rethread = Rethread::new();
        let path = rethread.data().join("export.json");
        let truth = generated(Vendor::Commento, COMMENTS, &path);
        let receipt = tokio::task::block_in_place(|| rethread.import(&path, &["--account", ACCOUNT])).json();
        assert_adds_up(&receipt);
        assert_eq!(receipt["read"], serde_json::to_value(truth.read).unwrap(), "the receipt says what the file holds");
        let rows = tokio::task::block_in_place(|| rethread_tests::rows(rethread.data()));
        Undisturbed { file: std::fs::read(&path).unwrap(), receipt: comparable(&receipt), rows }
    };
    UNDISTURBED.get_or_init(import).await
}

/// Three workers on these servers, with slices so small that one import has dozens.
fn deployment_on(servers: Servers) -> Blueprint {
    Deployment::on(servers)
        .workers(3)
        .set("RETHREAD_WORKER__SLICE_BYTES", "204800")
        .set("RETHREAD_WORKER__BATCH_COMMENTS", "100")
}

/// An import of the large file.
struct Import {
    token: String,
    job: String,
}

impl Import {
    /// Uploads the file.
    async fn begin(deployment: &Deployment) -> Self {
        Self::begin_with(deployment, "vendor=commento").await
    }

    async fn begin_with(deployment: &Deployment, query: &str) -> Self {
        let token = deployment.token(ACCOUNT);
        let job = deployment.api.begin_import(query, &token, undisturbed().await.file.clone()).await;
        Self { token, job }
    }

    /// Uploads the file and waits until a part of it has been read.
    async fn under_way(deployment: &Deployment) -> Self {
        let import = Self::begin(deployment).await;
        import.has_read(deployment, 2_400).await;
        import
    }

    async fn has_read(&self, deployment: &Deployment, comments: i64) {
        deployment.api.has_read(&self.job, &self.token, comments).await;
    }

    /// Waits for the end, and checks that the result shows no trace of the fault.
    async fn ends_as_if_nothing_had_happened(&self, deployment: &Deployment) {
        let expected = undisturbed().await;
        let receipt = deployment.api.receipt(&self.job, &self.token).await;
        assert_eq!(comparable(&receipt), expected.receipt);
        let rows = deployment.rows().await;
        assert_eq!(rows.len(), expected.rows.len(), "rows");
        assert!(rows == expected.rows, "the first row that differs: {:?}", first_difference(&rows, &expected.rows));
        assert_eq!(deployment.files().await, Vec::<String>::new(), "the upload is gone");
    }
}

fn first_difference<'a>(rows: &'a Rows, expected: &'a Rows) -> Option<(&'a String, &'a String)> {
    rows.iter().zip(expected).find(|(row, expected)| row != expected)
}
