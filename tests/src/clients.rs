//! Third-party programs that the scenarios run against the gateway, as `tests/run --install` puts
//! them beside the binaries.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A program of the packages in `tests/clients/requirements.txt`, such as `schemathesis`, or their
/// `python`.
#[must_use]
pub fn python_client(program: &str) -> Command {
    Command::new(installed(&format!("python/bin/{program}")))
}

/// A script of `tests/clients` with the packages in `tests/clients/package.json`.
#[must_use]
pub fn node_client(script: &str) -> Command {
    let packages = installed("node/node_modules");
    let mut command = Command::new("node");
    // Modules are searched from the script's folder upwards, so the script runs beside its
    // packages.
    let beside = packages.with_file_name(script);
    std::fs::copy(client_script(script), &beside).expect("the script can be copied");
    command.arg(beside);
    command
}

/// Path of a script in `tests/clients`.
#[must_use]
pub fn client_script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name)
}

fn installed(path: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test binary has a path");
    let target = test.ancestors().nth(3).expect("tests run in target/<profile>/deps");
    let path = target.join("clients").join(path);
    assert!(path.exists(), "{} is missing; tests/run --install makes it", path.display());
    path
}
