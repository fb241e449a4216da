//! The commands and their exit codes.

mod convert;
mod doctor;
mod export;
mod import;
mod jobs;
mod serve;
mod token;

use std::process::ExitCode;

use anyhow::Context as _;
use rethread_runtime::{COMMAND_LOG, Config, ConfigError, Overrides, SERVICE_LOG, Telemetry, init_logging};

use crate::cli::{Cli, Command, Common};
use crate::failure;

/// Runs a command to its end.
pub(crate) fn run(cli: Cli) -> ExitCode {
    let is_json = cli.is_json();
    match try_run(cli) {
        Ok(code) => code,
        Err(error) => failure::report(&error, is_json),
    }
}

fn try_run(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = load(&cli)?;
    if !matches!(cli.command, Command::Serve(_)) {
        init_logging(config.log, COMMAND_LOG);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")?;
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(_) => {
                let telemetry = Telemetry::begin(&config, "rethread", SERVICE_LOG)?;
                Box::pin(serve::run(config, telemetry)).await
            }
            Command::Import(args) => {
                let dry_run = args.dry_run;
                import::run(&config, args, dry_run).await
            }
            Command::Inspect(args) => import::run(&config, args, true).await,
            Command::Export(args) => export::run(&config, &args).await,
            Command::Convert(args) => convert::run(config, args).await,
            Command::Jobs(args) => jobs::run(&config, args).await,
            Command::Token(command) => token::run(&config, command).await,
            Command::Doctor(args) => doctor::run(&config, &args).await,
        }
    });
    // Blocking threads that wait for a file or a terminal must not keep the process alive.
    runtime.shutdown_background();
    done
}

fn load(cli: &Cli) -> Result<Config, ConfigError> {
    let Common { data, config } = cli.common.clone();
    let (http, grpc) = match &cli.command {
        Command::Serve(args) => (args.http, args.grpc),
        _ => (None, None),
    };
    let config = Config::load(config.as_deref(), Overrides { data, http, grpc })?;
    notifier::check(&config.notifier)?;
    Ok(config)
}
