//! A data folder on a disk of 6 MiB: a separate file system in a separate mount namespace.

use std::path::Path;
use std::process::Command;

use rethread_model::Vendor;
use rethread_tests::{Finished, Rethread};

use crate::generated;

/// Imports a file into a folder on a small disk, retrying twice.
fn import_into(disk_mib: u32, rethread: &Rethread, file: &Path) -> Finished {
    let disk = rethread.data().join("disk");
    std::fs::create_dir_all(&disk).unwrap();
    let import = rethread.command(&["import", file.to_str().unwrap(), "--json", "--data", disk.to_str().unwrap()]);
    let mount = format!("mount -t tmpfs -o size={disk_mib}m none \"$1\" && shift && exec \"$@\"");
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", &mount, "sh"]).arg(&disk);
    command.arg(import.get_program()).args(import.get_args()).current_dir(rethread.data());
    for (name, value) in import.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("RETHREAD_WORKER__MAX_RETRIES", "2").env("RETHREAD_WORKER__RETRY_AFTER", "100ms");
    command.output().expect("unshare of util-linux runs").into()
}

/// The first line names the path and the remedy, whether there is no room for the upload or for its
/// rows.
#[test]
fn a_full_disk_is_told_first_and_ends_the_import() {
    let rethread = Rethread::new();
    let file = rethread.data().join("export.xml");
    generated(Vendor::Disqus, 8_000, &file);
    assert!(std::fs::metadata(&file).unwrap().len() > 4 << 20);
    for (disk_mib, blob_fits) in [(2, false), (8, true)] {
        let finished = import_into(disk_mib, &rethread, &file);
        let document = finished.json();
        let error = &document["error"];
        assert_eq!(error["code"], "storage_full", "{disk_mib} MiB: {document:#}\n{}", finished.stderr);
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("the disk is full: ") && message.contains("/disk/"), "{message}");
        assert_eq!(finished.code, Some(if document.get("job_id").is_some() { 1 } else { 69 }), "{document:#}");
        if blob_fits {
            let first = finished.stderr.lines().next().unwrap_or_default();
            assert!(first.contains("the disk is full: "), "{}", finished.stderr);
            assert!(finished.stderr.lines().count() <= 4, "{}", finished.stderr);
        }
    }
}
