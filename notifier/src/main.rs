//! The notifier as a process of its own.

use std::process::ExitCode;

use rethread_runtime::{Shows, run_role};

fn main() -> ExitCode {
    run_role(
        "notifier",
        Shows::Process,
        |context, config| async move { notifier::run(context, &config.notifier).await },
    )
}
