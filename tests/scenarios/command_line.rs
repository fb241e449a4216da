//! The commands' answers to failures, and their input other than files.

mod full_disk;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use rethread_tests::{Finished, Rethread, run_binary, sample};

/// With `--json`, standard output always holds one document; without it, one line says the same.
#[track_caller]
fn refuses(rethread: &Rethread, arguments: &[&str], exit: i32, code: &str, words: &str) {
    let finished = rethread.run(&[arguments, &["--json"]].concat());
    assert_eq!(finished.code, Some(exit), "{arguments:?}: {}{}", finished.stdout, finished.stderr);
    let document = finished.json();
    assert_eq!(document["error"]["code"], code, "{document}");
    let message = document["error"]["message"].as_str().unwrap();
    assert!(message.contains(words), "{message}");

    let plain = rethread.run(arguments);
    assert_eq!(plain.code, Some(exit), "{arguments:?}");
    assert_eq!(plain.stdout, "", "{arguments:?}");
    assert_eq!(plain.stderr.matches(words).count(), 1, "{arguments:?}: {}", plain.stderr);
}

#[test]
fn a_role_is_a_command_of_the_binary_and_a_binary_of_its_own() {
    let folder = Rethread::new();
    let file = folder.data().join("rethread.toml");
    fs::write(&file, "unknown_key = 1").unwrap();
    let arguments = ["--config", file.to_str().unwrap()];
    for (role, binary) in [
        ("gateway", "upload-gateway"),
        ("worker", "import-worker"),
        ("status", "status-service"),
        ("notifier", "notifier"),
    ] {
        let [own, command] =
            [run_binary(binary, &arguments), run_binary("rethread", &[&[role], &arguments[..]].concat())];
        assert_eq!((own.code, command.code), (Some(64), Some(64)), "{role}: {}{}", own.stderr, command.stderr);
        assert!(own.stderr.contains("unknown_key"), "{binary}: {}", own.stderr);
        assert_eq!(own.stderr, command.stderr, "{role}");
    }
}

#[test]
fn what_the_caller_did_wrong_is_told_in_one_document() {
    let rethread = Rethread::new();
    let folder = rethread.data().to_str().unwrap();
    let file = sample("disqus.xml.gz");
    let file = file.to_str().unwrap();
    refuses(&rethread, &["import", "missing.xml"], 2, "file_missing", "cannot open missing.xml");
    refuses(&rethread, &["inspect", folder], 2, "file_is_folder", "is a folder");
    refuses(&rethread, &["convert", "missing.xml", "--to", "csv", "--out", "x.csv"], 2, "file_missing", "cannot open");
    refuses(&rethread, &["jobs", "--data", "nowhere"], 2, "folder_missing", "there is no folder nowhere");
    refuses(&rethread, &["jobs", "01890000-0000-7000-8000-000000000000"], 2, "no_such_job", "there is no job");
    refuses(&rethread, &["export", "--format", "csv", "--out", folder], 2, "out_unusable", "is a folder");
    fs::write(rethread.data().join("plain"), "no folder").unwrap();
    refuses(&rethread, &["import", file, "--data", "plain"], 2, "folder_unusable", "plain");
    refuses(&rethread, &["import", file, "--data", "/proc/rethread"], 2, "folder_unusable", "/proc/rethread");
    refuses(&rethread, &["import", file, "--no-such-flag"], 2, "usage", "unexpected argument");
    refuses(&rethread, &["import", file, "--config", "missing.toml"], 64, "bad_configuration", "missing.toml");
    refuses(
        &rethread,
        &["import", file, "--server", "http://127.0.0.1:9", "--token", "rt_x_y"],
        69,
        "gateway_unreachable",
        "the gateway cannot be reached",
    );
}

#[test]
fn a_folder_in_use_is_told_as_such() {
    let rethread = Rethread::new();
    let lock = File::create(rethread.data().join("lock")).unwrap();
    lock.lock().unwrap();
    refuses(&rethread, &["import", sample("disqus.xml.gz").to_str().unwrap()], 2, "folder_in_use", "another rethread");
}

#[test]
fn standard_input_is_a_file_like_any() {
    let (piped, named) = (Rethread::new(), Rethread::new());
    let file = sample("disqus.xml.gz");
    let received = with_input(piped.command(&["import", "-", "--json"]), &file);
    let expected = named.import(&file, &[]);
    assert_eq!(received.code, Some(0), "{}", received.stderr);
    for field in ["vendor", "origin", "read", "outcome", "findings", "pages"] {
        assert_eq!(received.json()[field], expected.json()[field], "{field}");
    }
    let converted = with_input(piped.command(&["convert", "-", "--to", "csv"]), &file);
    let expected = named.run(&["convert", file.to_str().unwrap(), "--to", "csv"]);
    assert_eq!((converted.code, &converted.stdout), (Some(0), &expected.stdout), "{}", converted.stderr);
}

fn with_input(mut command: Command, file: &Path) -> Finished {
    command.stdin(Stdio::from(File::open(file).unwrap())).output().expect("the binary runs").into()
}

/// A failed import prints one message, not one each from the worker's log, the notifier and the
/// summary.
#[test]
fn a_failure_is_told_once() {
    let rethread = Rethread::new();
    let file = rethread.data().join("page.xml");
    fs::write(&file, "<!DOCTYPE html><html><body>Please sign in</body></html>").unwrap();
    let finished = rethread.run(&["import", file.to_str().unwrap()]);
    assert_eq!(finished.code, Some(1));
    let told = format!("{}{}", finished.stdout, finished.stderr);
    assert_eq!(told.matches("The file is an HTML page").count(), 1, "{told}");
    assert!(!finished.stderr.contains("ERROR") && !finished.stderr.contains("WARN"), "{}", finished.stderr);
}
