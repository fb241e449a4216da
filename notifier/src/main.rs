//! The notifier as a process of its own.

use std::process::ExitCode;

use rethread_runtime::run_role;

fn main() -> ExitCode {
    run_role("notifier", |context, config| async move { notifier::run(context, &config.notifier).await })
}
