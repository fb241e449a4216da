//! The command `rethread-bench`.

use std::process::ExitCode;

fn main() -> ExitCode {
    rethread_bench::run()
}
