//! The `main` of every service: reads the configuration, opens the stores, runs the role until
//! a signal.

use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use crate::open_backends;
use clap::{CommandFactory as _, FromArgMatches as _};
use rethread_model::SystemClock;
use rethread_stores::ErrorKind;

use crate::{
    Config, ConfigError, Context, Lifecycle, MetricsScope, Overrides, SERVICE_LOG, Telemetry, bind,
    raise_descriptor_limit, run_until_signal, serve_admin,
};

/// What a role takes from its command line.
#[derive(Debug, Clone, Default, clap::Parser)]
#[command(version)]
pub struct RoleArguments {
    /// Configuration file [default: rethread.toml in the working directory, if it exists]
    #[arg(long, value_name = "FILE", env = "RETHREAD_CONFIG")]
    pub config: Option<PathBuf>,
    /// Directory of the embedded stores
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

impl RoleArguments {
    /// Those of this process, whose only role is `name`. Ends the process with exit code 2 for
    /// wrong flags, and after `--help`.
    #[must_use]
    pub fn of_process(name: &'static str) -> Self {
        let matches = Self::command().name(name).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// Runs one role as this process. Serves the private port, if configured, with the metrics in
/// `shows`, and ends when the role does. Exit codes: 0 after an orderly stop, 1 after an error,
/// [`ConfigError::EXIT_CODE`] for an invalid configuration, which is reported before any port is
/// bound.
pub fn run_role<R, F>(name: &'static str, arguments: RoleArguments, shows: MetricsScope, role: R) -> ExitCode
where
    R: FnOnce(Context, Config) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    let overrides = Overrides { data: arguments.data, ..Overrides::default() };
    let config = match Config::load(arguments.config.as_deref(), overrides) {
        Ok(config) => config,
        Err(error) => return bad_configuration(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cannot_start(&error),
    };
    let telemetry = {
        let _entered = runtime.enter();
        match Telemetry::begin(&config, name, SERVICE_LOG) {
            Ok(telemetry) => telemetry,
            Err(error) => return bad_configuration(&error),
        }
    };
    let done = runtime.block_on(run(name, shows, config, telemetry, role));
    // Threads that still read a file must not keep a stopped process alive.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => match error.downcast_ref::<ConfigError>() {
            Some(error) => bad_configuration(error),
            None if is_configuration(&error) => {
                tracing::error!("{error:#}");
                ExitCode::from(ConfigError::EXIT_CODE)
            }
            None => {
                tracing::error!("{error:#}");
                ExitCode::FAILURE
            }
        },
    }
}

async fn run<R, F>(
    name: &'static str,
    shows: MetricsScope,
    config: Config,
    telemetry: Telemetry,
    role: R,
) -> anyhow::Result<()>
where
    R: FnOnce(Context, Config) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    raise_descriptor_limit();
    let clock = Arc::new(SystemClock);
    let urls = config.urls();
    let backends = telemetry.trace(open_backends(&urls, clock.clone()).await?, &urls);
    let lifecycle = Lifecycle::new();
    let context = Context::new(backends, clock, lifecycle.clone());
    if let Some(address) = config.admin {
        let listener = bind(address).await?;
        tracing::info!(%address, "private port is open");
        tokio::spawn(serve_admin(listener, context.clone(), shows));
    }
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "{name} starts");
    let grace = config.stop_grace;
    let work = run_until_signal(&lifecycle, grace, role(context.clone(), config));
    let done = telemetry.beside(&context, shows, work).await;
    telemetry.flush(&lifecycle);
    done?;
    tracing::info!("{name} has stopped");
    Ok(())
}

fn is_configuration(error: &anyhow::Error) -> bool {
    error.downcast_ref::<rethread_stores::Error>().is_some_and(|error| error.kind() == ErrorKind::Configuration)
}

#[expect(clippy::print_stderr, reason = "logging has not begun")]
fn cannot_start(error: &std::io::Error) -> ExitCode {
    eprintln!("error: cannot start threads: {error}");
    ExitCode::FAILURE
}

#[expect(clippy::print_stderr, reason = "logging has not begun, because the configuration says how")]
fn bad_configuration(error: &ConfigError) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(ConfigError::EXIT_CODE)
}
