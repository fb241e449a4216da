//! The spans in which tasks run.

use rethread_model::{Task, TaskKind};
use rethread_runtime::{SPANS, belongs_to, links_to};
use tracing::Span;

/// Planning, exporting, moving and finishing belong to the trace of the request that created the
/// job. A slice gets a short trace of its own, linked to the upload's: a large file has hundreds of
/// slices, and a single trace of them all would be unusable.
pub(crate) fn span_of(task: &Task) -> Span {
    let Task { account, job, kind, trace } = task;
    let span = match kind {
        TaskKind::Plan => {
            tracing::info_span!(target: SPANS, "plan", otel.kind = "consumer", %account, %job)
        }
        TaskKind::Slice { number } => {
            tracing::info_span!(target: SPANS, parent: None, "slice", otel.kind = "consumer", %account, %job,
                slice = number.0)
        }
        TaskKind::Export => {
            tracing::info_span!(target: SPANS, "export", otel.kind = "consumer", %account, %job)
        }
        TaskKind::Move => {
            tracing::info_span!(target: SPANS, "move", otel.kind = "consumer", %account, %job)
        }
        TaskKind::Finish => {
            tracing::info_span!(target: SPANS, "finish", otel.kind = "consumer", %account, %job)
        }
    };
    match kind {
        TaskKind::Slice { .. } => links_to(&span, trace.as_ref()),
        TaskKind::Plan | TaskKind::Export | TaskKind::Move | TaskKind::Finish => belongs_to(&span, trace.as_ref()),
    }
    span
}
