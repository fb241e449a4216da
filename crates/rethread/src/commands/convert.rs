//! `convert`.

use std::process::ExitCode;

use rethread_model::{AccountId, ExportFilter, ExportFormat, JobState, Receipt};
use rethread_runtime::Config;
use serde::Serialize;

use crate::cli::ConvertArgs;
use crate::embedded;
use crate::exported::{Written, export};
use crate::failure::{EXIT_FAILED, Failure};
use crate::input::Input;
use crate::local_import::{Ended, LocalImport};
use crate::progress::Progress;
use crate::summary;

/// The import and the export of a conversion.
#[derive(Debug, Serialize)]
struct Converted {
    receipt: Receipt,
    /// `None` when the file could not be read.
    export: Option<Written>,
}

/// Converts a vendor's file into a format: imports it into a temporary store, and exports that.
/// Nothing is written unless the whole file could be read.
pub(crate) async fn run(config: Config, args: ConvertArgs) -> anyhow::Result<ExitCode> {
    let file = Input::named(&args.file);
    let size = file.size().await?;
    let folder = tempfile::Builder::new().prefix("rethread-convert-").tempdir();
    let folder = folder.map_err(|error| {
        let message = "cannot make a temporary folder; name one that can be written to with TMPDIR";
        Failure::path("folder_unusable", message, error)
    })?;
    // Ignore the stores configured for permanent imports.
    let data = folder.path().to_owned();
    let config = Config { data, blobs: None, jobs: None, queue: None, comments: None, ..config };
    let account: AccountId = "default".parse()?;
    let options = args.questions.options(false);
    let import = LocalImport { file: &file, size, account: account.clone(), options, alerts: false };
    let receipt = match import.run(&config, Progress::new(args.output.json)).await? {
        Ended::Job(receipt) => *receipt,
        Ended::Stopped(_) => {
            let message = format!("stopped while {file} was read; nothing was written");
            return Err(Failure::interrupted(message).into());
        }
    };
    let export = if receipt.state == JobState::Succeeded {
        let store = embedded::open_existing_comments(&config).await?;
        Some(export(&*store, &account, &ExportFilter::default(), args.to, &args.output).await?)
    } else {
        None
    };
    print(&Converted { receipt, export }, &file, &args)
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the answer of the command, beside the export")]
fn print(converted: &Converted, file: &Input, args: &ConvertArgs) -> anyhow::Result<ExitCode> {
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
    eprintln!("rethread: {}", advice(file, args.to));
    Ok(ExitCode::from(EXIT_FAILED))
}

fn advice(file: &Input, format: ExportFormat) -> String {
    format!(
        "{file} could not be read to its end, so nothing was written. Get the file again from where it came from; or keep \
         what is whole of it: `rethread import FILE`, then `rethread export --format {format}`"
    )
}
