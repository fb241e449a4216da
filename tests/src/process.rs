//! Processes that the harness starts.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::{process_reaper, wait_for};

/// A process in its own group. It is killed together with its descendants when dropped, or when the
/// test process ends.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a command.
    #[must_use]
    pub fn spawn(command: &mut Command) -> Self {
        let child = command.process_group(0).spawn();
        let child = child.unwrap_or_else(|error| panic!("{} does not run: {error}", command.get_program().display()));
        process_reaper::began(child.id());
        Self { child }
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its peak resident memory, by proc(5).
    #[must_use]
    pub fn peak_resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel tells the peak");
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number of KiB");
        kibibytes << 10
    }

    /// The number of its open files and connections.
    #[must_use]
    pub fn open_descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.id())).map_or(0, Iterator::count)
    }

    /// Its exit status, if it has ended.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the process can be asked")
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        let id = self.id();
        let child = std::cell::RefCell::new(&mut self.child);
        wait_for(&format!("process {id} to end"), || async {
            child.borrow_mut().try_wait().expect("the process can be asked")
        })
        .await
    }

    /// Sends SIGTERM, SIGINT, SIGSTOP, …, by the name without `SIG`, to this process alone.
    pub fn signal(&self, name: &str) {
        signal(name, &[self.id()]);
    }

    /// Kills it and its descendants (SIGKILL); returns when they are gone.
    pub fn kill(&mut self) {
        if self.has_ended().is_none() {
            let mut family = descendants(self.id());
            family.push(self.id());
            signal("KILL", &family);
            self.child.wait().expect("the process ends");
            // The descendants are reaped by their new parent; until then they may hold ports and
            // folders.
            while family.iter().any(|id| is_alive(*id)) {
                std::thread::yield_now();
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        process_reaper::ended(self.id());
    }
}

fn signal(name: &str, ids: &[u32]) {
    let ids = ids.iter().map(u32::to_string);
    // A process that has just ended cannot be signalled, which is fine.
    let _ = Command::new("sh")
        .args(["-c", &format!("kill -{name} \"$@\""), "sh"])
        .args(ids)
        .stderr(Stdio::null())
        .status()
        .expect("a shell runs");
}

/// State and parent of a process, by proc(5).
fn stat(id: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name is in parentheses and may contain any character.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// A process whose first thread has ended counts as a zombie although its other threads still run
/// and keep its files open.
fn is_alive(id: u32) -> bool {
    let threads = || std::fs::read_dir(format!("/proc/{id}/task")).map_or(0, Iterator::count);
    stat(id).is_some_and(|(state, _)| state != 'Z' || threads() > 1)
}

fn descendants(of: u32) -> Vec<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").expect("proc is mounted").flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some((_, parent)) = stat(id) {
            children.entry(parent).or_default().push(id);
        }
    }
    let mut found = Vec::new();
    let mut parents = vec![of];
    while let Some(parent) = parents.pop() {
        let of_parent = children.remove(&parent).unwrap_or_default();
        parents.extend(&of_parent);
        found.extend(of_parent);
    }
    found
}
