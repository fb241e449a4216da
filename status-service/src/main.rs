//! The status-service as a standalone process.

use std::process::ExitCode;

use rethread_runtime::RoleArguments;

fn main() -> ExitCode {
    status_service::run_process(RoleArguments::of_process(status_service::NAME))
}
