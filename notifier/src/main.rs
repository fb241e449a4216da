//! The notifier as a standalone process.

use std::process::ExitCode;

use rethread_runtime::RoleArguments;

fn main() -> ExitCode {
    notifier::run_process(RoleArguments::of_process(notifier::NAME))
}
