//! The upload-gateway as a process of its own.

use std::process::ExitCode;

use rethread_runtime::{Authenticator, MetricsScope, bind, run_role};

fn main() -> ExitCode {
    run_role("upload-gateway", MetricsScope::Process, |context, config| async move {
        let auth = Authenticator::new(&context, &config.auth)?;
        // A bad certificate is noticed before the port is open.
        config.gateway.tls_files().map_or(Ok(()), |files| files.check())?;
        let listener = bind(config.http).await?;
        upload_gateway::run(context, &config.gateway, auth, &config.status_url(), listener).await
    })
}
