//! The import-worker as a standalone process.

use std::process::ExitCode;

use rethread_runtime::RoleArguments;

fn main() -> ExitCode {
    import_worker::run_process(RoleArguments::of_process(import_worker::NAME))
}
