//! All findings of a job as rows of CSV.

use bytes::Bytes;
use futures::stream::{self, Stream};
use rethread_model::{AccountId, Finding, JobId};
use rethread_stores::{FindingPage, StoredFinding};

use super::csv_cells::safe_cell;
use crate::gateway::Gateway;

/// Findings read from the store at once.
const ROWS_AT_ONCE: u32 = 1000;

const HEADER: [&str; 6] = ["part", "offset", "effect", "reason", "sentence", "source_id"];

/// The position of a CSV response between two reads of the store.
enum Reading {
    Header,
    After(Option<String>),
    Done,
}

/// The whole list, page by page. A store error aborts the response, so that the client notices that
/// it is incomplete.
pub(super) fn csv_pages(
    gateway: Gateway,
    account: AccountId,
    id: JobId,
    cursor: Option<String>,
) -> impl Stream<Item = Result<Bytes, CsvError>> {
    stream::unfold((Reading::Header, cursor), move |(reading, first_cursor)| {
        let (gateway, account) = (gateway.clone(), account.clone());
        async move {
            let after = match reading {
                Reading::Done => return None,
                Reading::Header => {
                    let next = (Reading::After(first_cursor), None);
                    return Some((rows([HEADER.map(str::to_owned)]), next));
                }
                Reading::After(cursor) => cursor,
            };
            let page = gateway.backends.comments.findings(&account, id, after.as_deref(), ROWS_AT_ONCE).await;
            Some(match page {
                Ok(page) => (rows(page.findings.iter().map(|stored| row(&stored.finding))), (after_page(&page), None)),
                Err(error) => {
                    tracing::error!(job.id = %id, error = &error as &dyn std::error::Error,
                        "findings could not be read to their end");
                    (Err(CsvError::Store), (Reading::Done, None))
                }
            })
        }
    })
}

fn after_page(page: &FindingPage) -> Reading {
    match page.findings.last() {
        Some(StoredFinding { cursor, .. }) if page.has_more => Reading::After(Some(cursor.clone())),
        _ => Reading::Done,
    }
}

fn row(finding: &Finding) -> [String; 6] {
    [
        finding.at.part.to_string(),
        finding.at.offset.to_string(),
        finding.reason.effect().as_str().to_owned(),
        finding.reason.as_str().to_owned(),
        finding.reason.sentence().to_owned(),
        safe_cell(finding.source_id.as_deref().unwrap_or_default()).into_owned(),
    ]
}

fn rows(rows: impl IntoIterator<Item = [String; 6]>) -> Result<Bytes, CsvError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row)?;
    }
    writer.into_inner().map(Bytes::from).map_err(|_| CsvError::Store)
}

/// Why a CSV response was aborted.
#[derive(Debug, thiserror::Error)]
pub(super) enum CsvError {
    #[error("the store failed")]
    Store,
    #[error("a row cannot be written")]
    Row(#[from] csv::Error),
}
