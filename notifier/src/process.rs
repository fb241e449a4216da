//! The notifier as a process of its own.

use std::process::ExitCode;

use rethread_runtime::{MetricsScope, RoleArguments, run_role};

/// The name of the service, in logs, traces and metrics.
pub const NAME: &str = "notifier";

/// Runs the notifier as this process, until a signal. For the exit codes see [`run_role`].
#[must_use = "the exit code of the process"]
pub fn run_process(arguments: RoleArguments) -> ExitCode {
    run_role(NAME, arguments, MetricsScope::Process, |context, config| async move {
        crate::run(context, &config.notifier).await
    })
}
