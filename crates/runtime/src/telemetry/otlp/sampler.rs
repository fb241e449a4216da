//! Decides which traces are kept.

use opentelemetry::trace::{Link, SpanKind, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

/// A span follows its parent, local or remote. A trace that starts here because of another one (a
/// slice, because of its upload) follows that one. Of all others, the fraction `ratio` is kept.
pub(super) fn of(ratio: f64) -> Sampler {
    Sampler::ParentBased(Box::new(WithCause(Sampler::TraceIdRatioBased(ratio))))
}

#[derive(Debug, Clone)]
struct WithCause(Sampler);

impl ShouldSample for WithCause {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        if links.is_empty() {
            return self.0.should_sample(parent, trace, name, kind, attributes, links);
        }
        let is_kept = links.iter().any(|link| link.span_context.is_sampled());
        let decision = if is_kept { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop };
        SamplingResult { decision, attributes: Vec::new(), trace_state: TraceState::NONE }
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags};

    use super::*;

    fn decision(ratio: f64, cause: Option<TraceFlags>) -> SamplingDecision {
        let trace = TraceId::from(7);
        let links: Vec<Link> = cause
            .map(|flags| SpanContext::new(trace, SpanId::from(7), flags, true, TraceState::NONE))
            .map(|cause| Link::new(cause, Vec::new(), 0))
            .into_iter()
            .collect();
        of(ratio).should_sample(None, trace, "slice", &SpanKind::Consumer, &[], &links).decision
    }

    #[test]
    fn a_slice_is_kept_when_its_upload_is() {
        assert_eq!(decision(0.0, Some(TraceFlags::SAMPLED)), SamplingDecision::RecordAndSample);
        assert_eq!(decision(1.0, Some(TraceFlags::NOT_SAMPLED)), SamplingDecision::Drop);
        assert_eq!(decision(1.0, None), SamplingDecision::RecordAndSample);
        assert_eq!(decision(0.0, None), SamplingDecision::Drop);
    }
}
