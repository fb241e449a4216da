//! `convert`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use rethread_model::{AccountId, ExportFilter, ExportFormat, JobState, Receipt};
use rethread_runtime::Config;
use serde::Serialize;

use super::EXIT_FAILED;
use crate::cli::ConvertArgs;
use crate::embedded;
use crate::exported::{Written, export};
use crate::local_import::{Ended, LocalImport, size_of};
use crate::progress::Progress;
use crate::summary;

/// Both sides of a conversion.
#[derive(Debug, Serialize)]
struct Converted {
    receipt: Receipt,
    /// Nothing where the file could not be read.
    export: Option<Written>,
}

/// Turns a vendor's file into a format: imports it into a store that is deleted at the end, and exports that. Nothing is
/// written unless the whole file could be read.
pub(crate) async fn run(config: Config, args: ConvertArgs) -> anyhow::Result<ExitCode> {
    let size = size_of(&args.file).await?;
    let folder = tempfile::Builder::new().prefix("rethread-convert-").tempdir();
    let folder = folder.context("cannot make a temporary folder; name one that can be written to with TMPDIR")?;
    // What is configured for imports that are to stay is not for this one.
    let data = folder.path().to_owned();
    let config = Config { data, blobs: None, jobs: None, queue: None, comments: None, ..config };
    let account: AccountId = "default".parse()?;
    let options = args.questions.options(false);
    let import = LocalImport { file: &args.file, size, account: account.clone(), options, alerts: false };
    let receipt = match import.run(&config, Progress::new(args.output.json)).await? {
        Ended::Job(receipt) => *receipt,
        Ended::Stopped(_) => bail!("stopped while {} was read; nothing was written", args.file.display()),
    };
    let export = if receipt.state == JobState::Succeeded {
        let store = embedded::open_existing_comments(&config).await?;
        Some(export(&*store, &account, &ExportFilter::default(), args.to, &args.output).await?)
    } else {
        None
    };
    print(&Converted { receipt, export }, &args)
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the answer of the command, beside the export")]
fn print(converted: &Converted, args: &ConvertArgs) -> anyhow::Result<ExitCode> {
    if args.output.json {
        println!("{}", serde_json::to_string_pretty(converted)?);
    } else {
        eprint!("{}", summary::text(&converted.receipt));
        if let Some(written) = &converted.export {
            eprint!("{}", written.text());
        }
    }
    if converted.export.is_some() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("rethread: {}", advice(args));
    Ok(ExitCode::from(EXIT_FAILED))
}

fn advice(args: &ConvertArgs) -> String {
    let (file, format): (_, ExportFormat) = (args.file.display(), args.to);
    format!(
        "{file} could not be read to its end, so nothing was written. Get the file again from where it came from; or keep \
         what is whole of it: `rethread import {file}`, then `rethread export --format {format}`"
    )
}
