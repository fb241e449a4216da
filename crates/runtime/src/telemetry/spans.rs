//! Helpers for creating spans. These are plain `tracing` spans with the target [`SPANS`]. The
//! functions do nothing where no traces are sent, so callers need no checks.
//!
//! Attributes hold ids and words, never personal data.

use rethread_model::TraceParent;
use tracing::Span;

/// The target of all exported spans, and of nothing else.
pub const SPANS: &str = "rethread::spans";

/// The current span, for a header or a message; `None` where no traces are sent.
#[must_use]
pub fn trace_parent() -> Option<TraceParent> {
    #[cfg(feature = "otlp")]
    {
        super::otlp::current_parent()
    }
    #[cfg(not(feature = "otlp"))]
    {
        None
    }
}

/// Makes `span`, which must not have been entered yet, a child of a span of another process.
pub fn belongs_to(span: &Span, parent: Option<&TraceParent>) {
    #[cfg(feature = "otlp")]
    super::otlp::set_parent(span, parent);
    #[cfg(not(feature = "otlp"))]
    let _ = (span, parent);
}

/// Links `span` to the span of another trace that caused it.
pub fn links_to(span: &Span, cause: Option<&TraceParent>) {
    #[cfg(feature = "otlp")]
    super::otlp::add_link(span, cause);
    #[cfg(not(feature = "otlp"))]
    let _ = (span, cause);
}

/// The id of the current trace, as it appears in log lines.
pub(super) fn current_trace_id() -> Option<String> {
    #[cfg(feature = "otlp")]
    {
        super::otlp::current_trace_id()
    }
    #[cfg(not(feature = "otlp"))]
    {
        None
    }
}
