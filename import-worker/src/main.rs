//! The import-worker as a standalone process.

use std::process::ExitCode;

use rethread_runtime::{MetricsScope, run_role};

fn main() -> ExitCode {
    run_role("import-worker", MetricsScope::Stores, |context, config| import_worker::run(context, config.worker))
}
