//! Cleans up after a test process, however it ended.
//!
//! Shared servers live in statics, which are never dropped, and a test process may be killed. A
//! shell beside it therefore receives the id of every process group and the path of every folder.
//! When its standard input ends, because the test process did, it kills the groups and removes the
//! folders.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

const SCRIPT: &str = r#"
groups=
while read -r order what; do
  case $order in
    began) groups="$groups $what" ;;
    ended) left=; for group in $groups; do [ "$group" = "$what" ] || left="$left $group"; done; groups=$left ;;
    made) set -- "$@" "$what" ;;
  esac
done
for group in $groups; do kill -KILL "-$group"; done
# What is killed may still be writing for a moment.
for attempt in 1 2 3 4 5; do rm -rf -- "$@" && break; sleep 1; done
"#;

#[expect(clippy::zombie_processes, reason = "it outlives this process, which it is there to clean up after")]
static ORDERS: LazyLock<Mutex<ChildStdin>> = LazyLock::new(|| {
    // A separate group: an interrupt of the tests from the terminal must not interrupt this.
    let mut shell = Command::new("sh")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("a shell runs");
    Mutex::new(shell.stdin.take().expect("its input is piped"))
});

fn order(order: &str, what: &str) {
    let mut orders = ORDERS.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(orders, "{order} {what}").expect("the shell listens");
}

/// A process group was started.
pub(crate) fn began(group: u32) {
    order("began", &group.to_string());
}

/// A process group has ended, and its id may be reused soon.
pub(crate) fn ended(group: u32) {
    order("ended", &group.to_string());
}

/// A folder was created, to be removed at the end.
pub(crate) fn made(folder: &Path) {
    order("made", &folder.display().to_string());
}
