//! The summary of an export, for people and programs.

use std::fmt::Write as _;
use std::path::PathBuf;

use import_worker::write_export;
use indicatif::HumanBytes;
use rethread_model::{AccountId, Clock as _, ExportFilter, ExportFormat, ExportTally, SystemClock};
use rethread_stores::ExportSource;
use serde::Serialize;

use crate::cli::Output;
use crate::export_file::ExportFile;
use crate::failure::Failure;
use crate::summary;

/// What an export wrote.
#[derive(Debug, Serialize)]
pub(crate) struct Written {
    format: ExportFormat,
    file: Option<PathBuf>,
    bytes: u64,
    #[serde(flatten)]
    tally: ExportTally,
}

/// Exports an account's comments. If the process is stopped meanwhile, nothing is left behind.
pub(crate) async fn export(
    store: &dyn ExportSource,
    account: &AccountId,
    filter: &ExportFilter,
    format: ExportFormat,
    output: &Output,
) -> anyhow::Result<Written> {
    // Create the file first, so that an unwritable path is reported before anything is read.
    let mut file = ExportFile::begin(output)?;
    let exporting = async {
        let snapshot = store.export(account, filter).await?;
        let tally = write_export(snapshot, format, SystemClock.now(), &mut file).await?;
        Ok::<_, anyhow::Error>(tally)
    };
    let tally = tokio::select! {
        tally = exporting => tally?,
        _ = tokio::signal::ctrl_c() => {
            let message = match &output.out {
                Some(path) => format!("stopped; {} was not written", path.display()),
                None => "stopped; what was written is not whole".to_owned(),
            };
            return Err(Failure::interrupted(message).into());
        }
    };
    let bytes = file.finish().await?;
    Ok(Written { format, file: output.out.clone(), bytes, tally })
}

impl Written {
    /// The summary, with a sentence for everything that the format cannot represent.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_text(&mut out);
        out
    }

    fn write_text(&self, out: &mut String) -> std::fmt::Result {
        let to = self.file.as_ref().map_or_else(|| "standard output".to_owned(), |path| path.display().to_string());
        writeln!(out, "Exported to {to} as {}, {}\n", self.format, HumanBytes(self.bytes))?;
        summary::write_lines(out, &self.tally.lines())
    }
}
