//! `doctor`.

use std::error::Error as _;
use std::process::ExitCode;

use rethread_runtime::Config;
use serde_json::json;

use super::EXIT_FAILED;
use crate::cli::DoctorArgs;
use crate::embedded;

/// Checks the four backends and says what is wrong and what to do.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn run(config: &Config, args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let urls = config.urls();
    let backends = embedded::open(config).await?.backends;
    let checks = [
        ("blobs", &urls.blobs, backends.blobs.check().await),
        ("jobs", &urls.jobs, backends.jobs.check().await),
        ("queue", &urls.queue, backends.queue.check().await),
        ("comments", &urls.comments, backends.comments.check().await),
    ];
    let is_well = checks.iter().all(|(_, _, checked)| checked.is_ok());
    if args.json {
        let report: Vec<_> = checks
            .iter()
            .map(|(seam, url, checked)| {
                let error = checked.as_ref().err().map(ToString::to_string);
                json!({"seam": seam, "url": redacted(url), "ok": error.is_none(), "error": error})
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&json!({"ok": is_well, "checks": report}))?);
    } else {
        for (seam, url, checked) in &checks {
            match checked {
                Ok(()) => println!("ok     {seam:<9} {}", redacted(url)),
                Err(error) => {
                    println!("wrong  {seam:<9} {}\n       {error}", redacted(url));
                    if let Some(cause) = error.source() {
                        println!("       because: {cause}");
                    }
                }
            }
        }
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}

/// A URL without its password.
fn redacted(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            let _ = parsed.set_password(Some("***"));
            parsed.to_string()
        }
        _ => url.to_owned(),
    }
}
