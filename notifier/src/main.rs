//! The notifier as a standalone process.

use std::process::ExitCode;

use rethread_runtime::{MetricsScope, run_role};

fn main() -> ExitCode {
    run_role("notifier", MetricsScope::Process, |context, config| async move {
        notifier::run(context, &config.notifier).await
    })
}
