//! Logging, to standard error.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::EnvFilter;

use crate::LogFormat;

/// What a service logs unless `RUST_LOG` says otherwise. The libraries' own lines matter only when something is wrong.
pub const SERVICE_LOG: &str = "info,hyper=warn,h2=warn,tower=warn,reqwest=warn";

/// What a command logs unless `RUST_LOG` says otherwise: it speaks for itself.
pub const COMMAND_LOG: &str = "warn";

/// Begins to log to standard error what `filter` lets through, unless `RUST_LOG` says otherwise. Colours only on a terminal that did not ask for none
/// (`NO_COLOR`). A second call changes nothing.
pub fn init_logging(format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(filter));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    let begun = match format {
        LogFormat::Text => {
            let wants_colour = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            lines.with_ansi(wants_colour).with_target(false).try_init()
        }
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).try_init(),
    };
    if begun.is_err() {
        tracing::debug!("logging had begun before");
    }
}
