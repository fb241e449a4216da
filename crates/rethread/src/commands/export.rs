//! `export`.

use std::process::ExitCode;

use rethread_runtime::Config;

use crate::cli::ExportArgs;
use crate::embedded;
use crate::exported::export;

/// Writes an account's comments to a file or to standard output. Another process may use the
/// store meanwhile.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the answer of the command, beside the export")]
pub(crate) async fn run(config: &Config, args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let store = embedded::open_existing_comments(config).await?;
    let written = export(&*store, &args.account, &args.filter(), args.format, &args.output).await?;
    if args.output.json {
        println!("{}", serde_json::to_string_pretty(&written)?);
    } else {
        eprint!("{}", written.text());
    }
    Ok(ExitCode::SUCCESS)
}
