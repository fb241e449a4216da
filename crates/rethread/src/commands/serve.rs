//! `serve`: all roles in this process.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use rethread_model::{AccountId, Role};
use rethread_runtime::{
    AuditAction, Authenticator, Config, ConfigError, Context, MetricsScope, Telemetry, WorkerConfig, audit_local, bind,
    raise_descriptor_limit, run_until_signal, serve_admin,
};
use rethread_stores::{ErrorKind, NewToken, TokenKind, create_token};

use crate::embedded;
use crate::sign_in_link::sign_in_link;

/// The pause between two checks for free disk space.
const PAUSE_WITHOUT_ROOM: Duration = Duration::from_mins(1);

/// Runs the gateway, the workers, the status service and the notifier until a signal arrives.
pub(crate) async fn run(config: Config, telemetry: Telemetry) -> anyhow::Result<ExitCode> {
    let _lock = embedded::lock(&config.data)?;
    let mut context = embedded::open(&config).await?;
    context.backends = telemetry.trace(context.backends, &config.urls());
    let auth = Authenticator::new(&context, &config.auth)?;
    raise_descriptor_limit();
    let tls = config.gateway.tls_files();
    if let Some(files) = &tls {
        files.check()?;
    }
    if let Some(files) = config.status_service.tls_files() {
        files.check()?;
        if config.status.is_none() {
            return Err(ConfigError::Value {
                key: "status".to_owned(),
                problem: "is needed where the status service speaks TLS: https://NAME:PORT, with a name that its \
                          certificate is for"
                    .to_owned(),
            }
            .into());
        }
    }
    let http = bind(config.http).await?;
    let grpc = bind(config.grpc).await?;
    let admin = match config.admin {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let (http_address, grpc_address) = (http.local_addr()?, grpc.local_addr()?);
    greet(&context, &config, http_address, grpc_address).await?;

    if let Some(admin) = admin {
        tokio::spawn(serve_admin(admin, context.clone(), MetricsScope::Stores));
    }
    // Only the configuration knows the name in the certificate.
    let status_url = match (config.status_service.tls_files(), &config.status) {
        (Some(_), Some(url)) => url.clone(),
        _ => format!("http://{grpc_address}"),
    };
    let (lifecycle, grace) = (context.lifecycle.clone(), config.stop_grace);
    let roles = async {
        tokio::try_join!(
            upload_gateway::run(context.clone(), &config.gateway, auth.clone(), &status_url, http),
            status_service::run(context.clone(), &config.status_service, auth, grpc),
            work(&context, &config.worker),
            notifier::run(context.clone(), &config.notifier),
        )
    };
    let work = run_until_signal(&lifecycle, grace, roles);
    let done = Box::pin(telemetry.beside(&context, MetricsScope::Stores, work)).await;
    telemetry.flush(&lifecycle);
    done?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the workers. While the disk is too full for them to continue, the rest of the service keeps
/// answering, and the workers are restarted at intervals.
async fn work(context: &Context, config: &WorkerConfig) -> anyhow::Result<()> {
    loop {
        let Err(error) = import_worker::run(context.clone(), config.clone()).await else { return Ok(()) };
        let of_store = error.downcast_ref::<rethread_stores::Error>();
        if of_store.is_none_or(|error| error.kind() != ErrorKind::StorageFull) {
            return Err(error);
        }
        tracing::error!("the workers pause: {error}");
        context.lifecycle.pause(PAUSE_WITHOUT_ROOM).await;
        if context.lifecycle.soft().is_cancelled() {
            return Ok(());
        }
    }
}

/// Prints the addresses of the services and a sign-in link; on the very first start, also how to
/// get started with the API.
#[expect(clippy::print_stdout, reason = "the answer of the command; tokens must not go to the log")]
async fn greet(context: &Context, config: &Config, http: SocketAddr, grpc: SocketAddr) -> anyhow::Result<()> {
    let scheme = if config.gateway.tls_files().is_some() { "https" } else { "http" };
    println!("HTTP API on {scheme}://{http}/api/v1, gRPC on {grpc}");
    let account: AccountId = "default".parse()?;
    let link = sign_in_link(context, account.clone(), "admin", Role::Admin, &config.dashboard_url(http)).await?;
    println!("\nDashboard, signed in by this link (once, within 15 minutes):\n\n  {link}\n");
    let accounts = &*context.backends.accounts;
    let has_token = accounts.tokens(&account).await?.iter().any(|token| token.kind == TokenKind::Token);
    if !has_token {
        let new = NewToken { account, name: "first admin".to_owned(), role: Role::Admin, expires_at: None };
        let (token, text) = create_token(accounts, &*context.clock, new).await?;
        audit_local(AuditAction::TokenCreated, &token.id);
        println!("A token for the account \"default\", shown this once:\n\n  {}\n", text.expose());
        println!("Import a file with it:\n");
        println!("  rethread import FILE --server {scheme}://{http} --token {}\n", text.expose());
    }
    Ok(())
}
