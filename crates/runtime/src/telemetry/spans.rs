//! Spans, for those who make them. They are plain `tracing` spans with the target [`SPANS`]; these functions do nothing
//! where no traces are sent, so that callers need not know.
//!
//! Attributes hold ids and words, never personal data.

use rethread_model::TraceParent;
use tracing::Span;

/// The target of all spans that are sent, and of nothing else.
pub const SPANS: &str = "rethread::spans";

/// The span that is being worked in, for a header or a message; `None` where no traces are sent.
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

/// Makes `span`, which was not entered yet, a child of a span of another process.
pub fn belongs_to(span: &Span, parent: Option<&TraceParent>) {
    #[cfg(feature = "otlp")]
    super::otlp::set_parent(span, parent);
    #[cfg(not(feature = "otlp"))]
    let _ = (span, parent);
}

/// Links `span` to one of another trace that it has its cause in.
pub fn links_to(span: &Span, cause: Option<&TraceParent>) {
    #[cfg(feature = "otlp")]
    super::otlp::add_link(span, cause);
    #[cfg(not(feature = "otlp"))]
    let _ = (span, cause);
}

/// The trace that is being worked in, as log lines name it.
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
