//! The upload-gateway as a standalone process.

use std::process::ExitCode;

use rethread_runtime::RoleArguments;

fn main() -> ExitCode {
    upload_gateway::run_process(RoleArguments::of_process(upload_gateway::NAME))
}
