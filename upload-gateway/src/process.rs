//! The gateway as a process of its own.

use std::process::ExitCode;

use rethread_runtime::{Authenticator, MetricsScope, RoleArguments, bind, run_role};

/// The name of the service, in logs, traces and metrics.
pub const NAME: &str = "upload-gateway";

/// Runs the HTTP API and the dashboard as this process, until a signal. For the exit codes see
/// [`run_role`].
#[must_use = "the exit code of the process"]
pub fn run_process(arguments: RoleArguments) -> ExitCode {
    run_role(NAME, arguments, MetricsScope::Process, |context, config| async move {
        let auth = Authenticator::new(&context, &config.auth)?;
        // An invalid certificate is reported before the port is open.
        config.gateway.tls_files().map_or(Ok(()), |files| files.check())?;
        let listener = bind(config.http).await?;
        crate::run(context, &config.gateway, auth, &config.status_url(), listener).await
    })
}
