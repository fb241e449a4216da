//! The upload-gateway as a standalone process.

use std::process::ExitCode;

use rethread_runtime::{Authenticator, MetricsScope, bind, run_role};

fn main() -> ExitCode {
    run_role("upload-gateway", MetricsScope::Process, |context, config| async move {
        let auth = Authenticator::new(&context, &config.auth)?;
        // An invalid certificate is reported before the port is open.
        config.gateway.tls_files().map_or(Ok(()), |files| files.check())?;
        let listener = bind(config.http).await?;
        upload_gateway::run(context, &config.gateway, auth, &config.status_url(), listener).await
    })
}
