//! The findings of a job, as paginated JSON or as one CSV document.

mod csv_cells;
mod csv_rows;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use rethread_model::JobId;
use rethread_runtime::AuditAction;
use rethread_stores::FindingPage;

use crate::extract::{Admin, Id, Params, cursor};
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::views::{FindingView, FindingsView};
use csv_rows::csv_pages;

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
