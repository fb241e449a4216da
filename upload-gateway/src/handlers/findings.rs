//! The findings of a job, as paginated JSON or as one CSV document.

mod csv_cells;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::{self, Stream};
use http::header;
use rethread_backends::{FindingPage, StoredFinding};
use rethread_model::{AccountId, Finding, JobId};
use rethread_runtime::AuditAction;

use crate::extract::{Admin, Id, Params, cursor};
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::views::{FindingView, FindingsView};
use csv_cells::safe_cell;

/// Findings read from the store at once for CSV.
const CSV_ROWS_AT_ONCE: u32 = 1000;

const CSV_HEADER: [&str; 6] = ["part", "offset", "effect", "reason", "sentence", "source_id"];

#[derive(Debug, Clone, Copy, utoipa::ToSchema)]
#[schema(rename_all = "lowercase")]
enum Format {
    Json,
    Csv,
}

/// The findings of a job
///
/// Records that were not imported unchanged, in file order. CSV contains the whole list.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}/findings",
    operation_id = "listFindings",
    tag = "jobs",
    params(
        ("id" = JobId, Path, description = "The job"),
        ("format" = inline(Option<Format>), Query, description = "`json` if absent"),
        ("cursor" = Option<String>, Query, description = "`next` of the list before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "At most so many; 100 if absent"),
    ),
    responses((status = 200, description = "Some findings, or with `format=csv` all", content(
        (FindingsView = "application/json"),
        (String = "text/csv"),
    ))),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    admin: Admin,
    Id(id): Id<JobId>,
    mut params: Params,
) -> Result<Response, Problem> {
    let format = params.choice("format", &[("json", Format::Json), ("csv", Format::Csv)])?.unwrap_or(Format::Json);
    let after = cursor::inner(&mut params)?;
    let limit = params.limit(100)?;
    params.finish()?;
    let job = gateway.backends.jobs.get(&admin.reach(), id).await?.ok_or_else(|| Problem::not_found("job"))?;
    // The findings of the check until the import is confirmed, then those of the import.
    let import = job.import_id();
    match format {
        Format::Json => {
            let page = gateway.backends.comments.findings(&admin.account, import, after.as_deref(), limit).await;
            Ok(Json(view(&page.map_err(cursor::list_failed)?)).into_response())
        }
        Format::Csv => {
            admin.audit(AuditAction::Download, id);
            let disposition = format!("attachment; filename=\"findings-{id}.csv\"");
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            let rows = csv_pages(gateway, admin.account, import, after);
            Ok((headers, Body::from_stream(rows)).into_response())
        }
    }
}

fn view(page: &FindingPage) -> FindingsView {
    let next = page.findings.last().filter(|_| page.has_more).map(|last| cursor::outer(&last.cursor));
    FindingsView { findings: page.findings.iter().map(|stored| FindingView::of(&stored.finding)).collect(), next }
}

/// The position of a CSV response between two reads of the store.
enum Reading {
    Header,
    After(Option<String>),
    Done,
}

/// The whole list, page by page. A store error aborts the response, so that the client notices that
/// it is incomplete.
fn csv_pages(
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
                    return Some((rows([CSV_HEADER.map(str::to_owned)]), next));
                }
                Reading::After(cursor) => cursor,
            };
            let page = gateway.backends.comments.findings(&account, id, after.as_deref(), CSV_ROWS_AT_ONCE).await;
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
enum CsvError {
    #[error("the store failed")]
    Store,
    #[error("a row cannot be written")]
    Row(#[from] csv::Error),
}
