//! The status service as a process of its own.

use std::process::ExitCode;

use rethread_runtime::{Authenticator, MetricsScope, bind, run_role};

fn main() -> ExitCode {
    run_role("status-service", MetricsScope::Process, |context, config| async move {
        let auth = Authenticator::new(&context, &config.auth)?;
        // A bad certificate is noticed before the port is open.
        config.status_service.tls_files().map_or(Ok(()), |files| files.check())?;
        let listener = bind(config.grpc).await?;
        status_service::run(context, &config.status_service, auth, listener).await
    })
}
