//! `import` and `inspect`.

use std::process::ExitCode;

use rethread_model::JobState;
use rethread_runtime::Config;

use crate::cli::ImportArgs;
use crate::failure::{EXIT_FAILED, Failure};
use crate::input::Input;
use crate::local_import::{Ended, LocalImport};
use crate::progress::Progress;
use crate::remote::Remote;
use crate::summary;

/// Imports a file, locally or on a running gateway, and prints the receipt.
pub(crate) async fn run(config: &Config, args: ImportArgs, dry_run: bool) -> anyhow::Result<ExitCode> {
    let file = Input::named(&args.file);
    let size = file.size().await?;
    let progress = Progress::new(args.json);
    let options = args.questions.options(dry_run);
    let receipt = if let (Some(server), Some(token)) = (&args.server.server, &args.server.token) {
        Remote::new(server, token.clone())?.import(&file, &options, progress).await?
    } else {
        let import = LocalImport { file: &file, size, account: args.account, options, alerts: true };
        match import.run(config, progress).await? {
            Ended::Job(receipt) => *receipt,
            Ended::Stopped(id) => {
                let message =
                    format!("stopped in the middle of job {id}; run the same command again to go on where it stopped");
                return Err(Failure::interrupted(message).into());
            }
        }
    };
    summary::print(&receipt, args.json)?;
    Ok(if receipt.state == JobState::Succeeded { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}
