//! Servers from Debian's packages: located, given a folder, and run as their own user if the tests
//! run as root.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use crate::process_reaper;

static IS_ROOT: LazyLock<bool> = LazyLock::new(|| {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    id.stdout.trim_ascii() == b"0"
});

/// The first of these paths that exists. If none does, the run fails: a missing server is never
/// skipped.
pub(crate) fn program<'a>(paths: impl IntoIterator<Item = &'a str>, package: &str) -> PathBuf {
    let mut tried = Vec::new();
    for path in paths.into_iter().map(PathBuf::from) {
        if path.is_file() {
            return path;
        }
        tried.push(path.display().to_string());
    }
    panic!(
        "{} is not there: install the Debian package {package} (apt-get install {package}), or run tests/run, which does",
        tried.join(" or ")
    );
}

/// A command that runs as `user` if the tests run as root, otherwise as the current user. Its
/// environment contains nothing that could change the configuration of a server.
pub(crate) fn command(program: &Path, user: Option<&str>) -> Command {
    let mut command = match user {
        Some(user) if *IS_ROOT => {
            let mut command = Command::new("setpriv");
            command.args([&format!("--reuid={user}"), &format!("--regid={user}"), "--init-groups", "--"]).arg(program);
            command
        }
        _ => Command::new(program),
    };
    command
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LANG", "C.UTF-8");
    command.stdin(Stdio::null());
    command
}

/// Runs a command that prepares a server, and waits for its end.
pub(super) async fn run(mut command: Command) {
    let name = command.get_program().display().to_string();
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("the command is awaited");
    let output = output.expect("the command runs");
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} failed: {printed}{said}");
}

/// A new folder that belongs to the user that [`command`] runs as; removed when the test process
/// ends.
pub(crate) fn folder(name: &str, user: Option<&str>) -> PathBuf {
    let made = tempfile::Builder::new().prefix(&format!("rethread-{name}-")).tempdir().expect("a temporary folder");
    let folder = made.keep();
    process_reaper::made(&folder);
    if let Some(user) = user.filter(|_| *IS_ROOT) {
        give(&folder, user);
    }
    folder
}

/// Gives a folder and its contents to a user, if the tests run as root.
pub(super) fn give(folder: &Path, user: &str) {
    if *IS_ROOT {
        let given = Command::new("chown").args(["-R", &format!("{user}:")]).arg(folder).status().expect("chown runs");
        assert!(given.success(), "{} cannot be given to {user}", folder.display());
    }
}

/// A file to which a server writes its log.
pub(super) fn log_file(folder: &Path) -> (Stdio, Stdio) {
    let file = || std::fs::File::options().create(true).append(true).open(folder.join("log")).expect("a log file");
    (file().into(), file().into())
}

/// The last lines of a server's log.
pub(super) fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}
