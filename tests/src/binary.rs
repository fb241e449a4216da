//! The binary, run as a person runs it.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The binary with its own folder.
#[derive(Debug)]
pub struct Rethread {
    data: tempfile::TempDir,
}

/// A completed command.
#[derive(Debug)]
pub struct Finished {
    /// Exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Finished {
    /// Standard output, which must be one JSON document.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}\n{}", self.stdout, self.stderr))
    }
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Default for Rethread {
    fn default() -> Self {
        Self::new()
    }
}

impl Rethread {
    /// With an empty folder.
    #[must_use]
    pub fn new() -> Self {
        Self { data: tempfile::tempdir().expect("a temporary folder") }
    }

    /// The folder of the embedded store.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// A command of the binary on this folder. Neither the environment nor the working directory of
    /// the tests can influence it.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command("rethread");
        command.arg("--data").arg(self.data()).args(arguments).current_dir(self.data()).stdin(Stdio::null());
        command
    }

    /// Runs a command to completion.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Finished {
        self.command(arguments).output().expect("the binary runs").into()
    }

    /// Imports a file with additional arguments.
    #[must_use]
    pub fn import(&self, file: &Path, more: &[&str]) -> Finished {
        let mut arguments = vec!["import", file.to_str().expect("paths here are UTF-8"), "--json"];
        arguments.extend(more);
        self.run(&arguments)
    }

    /// Starts the import of a file, with these settings.
    #[must_use]
    pub fn begin_import(&self, file: &Path, settings: &[(&str, &str)]) -> Child {
        let file = file.to_str().expect("paths here are UTF-8");
        self.command(&["import", file, "--json"])
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs")
    }
}

/// Rate limits that no scenario reaches by accident: scenarios send more requests than people do.
pub(crate) const UNHURRIED: [(&str, &str); 3] = [
    ("RETHREAD_GATEWAY__RATE_PER_TOKEN", "1000000"),
    ("RETHREAD_GATEWAY__RATE_PER_ADDRESS", "1000000"),
    ("RETHREAD_GATEWAY__SIGN_INS_PER_ADDRESS", "1000000"),
];

/// Runs one of the binaries to completion, without a folder of its own.
#[must_use]
pub fn run_binary(binary: &str, arguments: &[&str]) -> Finished {
    command(binary).args(arguments).stdin(Stdio::null()).output().expect("the binary runs").into()
}

/// A command that runs one of the binaries, isolated from the environment of the tests.
pub(crate) fn command(binary: &str) -> Command {
    let mut command = Command::new(path(binary));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RETHREAD_")) {
        command.env_remove(name);
    }
    command
}

/// Path of a binary: beside the test binary, where `cargo build` puts it.
fn path(binary: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test binary has a path");
    let folder = test.parent().and_then(Path::parent).expect("tests run in target/<profile>/deps");
    let binary = folder.join(binary);
    assert!(binary.is_file(), "{} is not built; run the tests with tests/run", binary.display());
    binary
}

/// The bytes of a sample, decompressed if necessary.
#[must_use]
pub fn unpacked(name: &str) -> Vec<u8> {
    let bytes = std::fs::read(sample(name)).expect("the sample can be read");
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut document = Vec::new();
    flate2::read::GzDecoder::new(&*bytes).read_to_end(&mut document).expect("the sample is whole");
    document
}

/// A file of the project's samples.
#[must_use]
pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name).canonicalize().expect("the sample is there")
}
