//! The commands, and what they exit with.

mod convert;
mod doctor;
mod export;
mod import;
mod jobs;
mod serve;
mod token;

use std::process::ExitCode;

use rethread_backends::ErrorKind;
use rethread_runtime::{COMMAND_LOG, Config, ConfigError, Overrides, SERVICE_LOG, Telemetry, init_logging};

use crate::cli::{Cli, Command, Common};

/// The job failed, or the command could not do what it was asked to.
const EXIT_FAILED: u8 = 1;

/// Runs a command to its end.
#[expect(clippy::print_stderr, reason = "the last word to the person at the terminal")]
pub(crate) fn run(cli: Cli) -> ExitCode {
    let config = match load(&cli) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("rethread: {error}");
            return ExitCode::from(ConfigError::EXIT_CODE);
        }
    };
    if !matches!(cli.command, Command::Serve(_)) {
        init_logging(config.log, COMMAND_LOG);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("rethread: cannot start: {error}");
            return ExitCode::from(EXIT_FAILED);
        }
    };
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
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rethread: {error:#}");
            ExitCode::from(if is_configuration(&error) { ConfigError::EXIT_CODE } else { EXIT_FAILED })
        }
    }
}

/// A store that does not exist or is not compiled in is named by the configuration.
fn is_configuration(error: &anyhow::Error) -> bool {
    if error.is::<ConfigError>() {
        return true;
    }
    let of_store = error.downcast_ref::<rethread_backends::Error>();
    of_store.is_some_and(|error| error.kind() == ErrorKind::Configuration)
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
