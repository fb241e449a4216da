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
use rethread_runtime::{
    COMMAND_LOG, Config, ConfigError, Overrides, RoleArguments, SERVICE_LOG, Telemetry, init_logging,
};

use crate::cli::{Action, Cli, Command, Common, ServiceRole};
use crate::failure;

/// Runs a command to its end.
pub(crate) fn run(cli: Cli) -> ExitCode {
    match cli.command {
        Command::Role(role) => run_role(role, cli.common),
        Command::Action(action) => {
            let is_json = action.is_json();
            match run_action(action, cli.common) {
                Ok(code) => code,
                Err(error) => failure::report(&error, is_json),
            }
        }
    }
}

fn run_role(role: ServiceRole, common: Common) -> ExitCode {
    let Common { data, config } = common;
    let arguments = RoleArguments { config, data };
    match role {
        ServiceRole::Gateway => upload_gateway::run_process(arguments),
        ServiceRole::Worker => import_worker::run_process(arguments),
        ServiceRole::Status => status_service::run_process(arguments),
        ServiceRole::Notifier => notifier::run_process(arguments),
    }
}

fn run_action(action: Action, common: Common) -> anyhow::Result<ExitCode> {
    let config = load(&action, common)?;
    if !matches!(action, Action::Serve(_)) {
        init_logging(config.log, COMMAND_LOG);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")?;
    let done = runtime.block_on(async {
        match action {
            Action::Serve(_) => {
                let telemetry = Telemetry::begin(&config, "rethread", SERVICE_LOG)?;
                Box::pin(serve::run(config, telemetry)).await
            }
            Action::Import(args) => {
                let dry_run = args.dry_run;
                import::run(&config, args, dry_run).await
            }
            Action::Inspect(args) => import::run(&config, args, true).await,
            Action::Export(args) => export::run(&config, &args).await,
            Action::Convert(args) => convert::run(config, args).await,
            Action::Jobs(args) => jobs::run(&config, args).await,
            Action::Token(command) => token::run(&config, command).await,
            Action::Doctor(args) => doctor::run(&config, &args).await,
        }
    });
    // Blocking threads that wait for a file or a terminal must not keep the process alive.
    runtime.shutdown_background();
    done
}

fn load(action: &Action, common: Common) -> Result<Config, ConfigError> {
    let (http, grpc) = match action {
        Action::Serve(args) => (args.http, args.grpc),
        _ => (None, None),
    };
    let config = Config::load(common.config.as_deref(), Overrides { data: common.data, http, grpc })?;
    notifier::check(&config.notifier)?;
    Ok(config)
}
