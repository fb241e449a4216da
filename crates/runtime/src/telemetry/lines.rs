//! Lines on standard error.

use std::fmt;
use std::io::{IsTerminal as _, stderr};

use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets, filter_fn};
use tracing_subscriber::fmt::format::{JsonFields, Writer, format};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::{Filter, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry};

use super::spans::{SPANS, current_trace_id};
use crate::LogFormat;

/// The log filter of a service, unless `RUST_LOG` is set. Log lines of libraries matter only when
/// something is wrong.
pub const SERVICE_LOG: &str = "info,hyper=warn,h2=warn,tower=warn,reqwest=warn,tonic=warn,opentelemetry=warn,\
                               opentelemetry_sdk=warn,opentelemetry-otlp=warn";

/// The log filter of a command, unless `RUST_LOG` is set. The command itself prints how its job
/// ended, so the notifier's line about that is omitted.
pub const COMMAND_LOG: &str = "warn,notifier::channel::log=off,audit=info";

/// Prefixes of our own crates' targets.
const OURS: [&str; 5] = ["rethread", "upload_gateway", "import_worker", "status_service", "notifier"];

/// An additional layer beside the one that writes lines.
pub(super) type Extra = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts logging to standard error with `filter`, unless `RUST_LOG` is set. Colours are used only
/// on a terminal, and not with `NO_COLOR`. A second call has no effect.
pub fn init_logging(format: LogFormat, filter: &str) {
    init_with(format, filter, None);
}

pub(super) fn init_with(format: LogFormat, filter: &str, extra: Option<Extra>) {
    let asked = std::env::var("RUST_LOG").ok().filter(|asked| !asked.is_empty());
    let filter = asked.and_then(|asked| asked.parse().ok()).unwrap_or_else(|| targets(filter));
    let lines = lines(format).with_filter(discreet(filter));
    if tracing_subscriber::registry().with(extra).with(lines).try_init().is_err() {
        tracing::debug!("logging had begun before");
    }
}

/// A filter such as `info,hyper=warn`. Whatever cannot be read means `info`.
fn targets(filter: &str) -> Targets {
    filter.parse().unwrap_or_else(|_| Targets::new().with_default(LevelFilter::INFO))
}

/// Applies `filter`, minus what no filter may enable.
///
/// These conditions declare that they hold at any level. Otherwise the maximum level of `filter`
/// would be unknown, and every library would format its trace events in vain: the HTML parser has
/// one per token.
fn discreet<S: Subscriber>(filter: Targets) -> impl Filter<S> {
    // Each line is readable alone, so the spans of traces are not repeated in it.
    let is_line = filter_fn(|metadata| !(metadata.is_span() && metadata.target() == SPANS));
    let at_any_level = LevelFilter::TRACE;
    let is_line = is_line.with_max_level_hint(at_any_level);
    filter.and(is_line).and(filter_fn(is_discreet).with_max_level_hint(at_any_level))
}

/// At debug levels, libraries may log the data they carry: rows, headers, addresses. No `RUST_LOG`
/// may bring that into a log; our own events may be as verbose as requested.
fn is_discreet(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || OURS.iter().any(|ours| metadata.target().starts_with(ours))
}

fn lines<S>(shape: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(stderr);
    match shape {
        LogFormat::Text => {
            let wants_colour = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            let line = format().with_target(false).with_ansi(wants_colour);
            layer.with_ansi(wants_colour).event_format(WithTraceId { line, shape }).boxed()
        }
        LogFormat::Json => {
            let line = format().json().flatten_event(true).with_current_span(false);
            layer.fmt_fields(JsonFields::new()).event_format(WithTraceId { line, shape }).boxed()
        }
    }
}

/// Adds the id of the current trace to a line, if there is one.
struct WithTraceId<F> {
    line: F,
    shape: LogFormat,
}

impl<S, N, F> FormatEvent<S, N> for WithTraceId<F>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let Some(trace_id) = current_trace_id() else {
            return self.line.format_event(context, out, event);
        };
        let mut line = String::new();
        self.line.format_event(context, Writer::new(&mut line), event)?;
        let line = line.trim_end_matches('\n');
        match (self.shape, line.strip_suffix('}')) {
            (LogFormat::Json, Some(open)) => writeln!(out, "{open},\"trace_id\":\"{trace_id}\"}}"),
            _ => writeln!(out, "{line} trace_id={trace_id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_can_be_read() {
        for filter in [SERVICE_LOG, COMMAND_LOG] {
            assert!(filter.parse::<Targets>().is_ok(), "{filter}");
        }
        assert!(!targets(COMMAND_LOG).would_enable("notifier::channel::log", &Level::ERROR));
        assert!(targets(SERVICE_LOG).would_enable("import_worker", &Level::INFO));
        assert!(!targets("a filter that nobody can read=").would_enable("import_worker", &Level::DEBUG));
    }

    #[test]
    fn what_is_finer_than_asked_for_is_known_to_be_wanted_by_nobody() {
        for (asked, finest) in
            [(SERVICE_LOG, LevelFilter::INFO), ("warn", LevelFilter::WARN), ("debug", LevelFilter::DEBUG)]
        {
            let filter = discreet::<Registry>(targets(asked));
            assert_eq!(filter.max_level_hint(), Some(finest), "{asked}");
        }
    }
}
