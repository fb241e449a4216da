//! The status service as a standalone process.

use std::process::ExitCode;

use rethread_runtime::{Authenticator, MetricsScope, bind, run_role};

fn main() -> ExitCode {
    run_role("status-service", MetricsScope::Process, |context, config| async move {
        let auth = Authenticator::new(&context, &config.auth)?;
        // An invalid certificate is reported before the port is open.
        config.status_service.tls_files().map_or(Ok(()), |files| files.check())?;
        let listener = bind(config.grpc).await?;
        status_service::run(context, &config.status_service, auth, listener).await
    })
}
