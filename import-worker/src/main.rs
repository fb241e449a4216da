//! The import-worker as a process of its own.

use std::process::ExitCode;

use rethread_runtime::{MetricsScope, run_role};

fn main() -> ExitCode {
    run_role("import-worker", MetricsScope::Stores, |context, config| import_worker::run(context, config.worker))
}
