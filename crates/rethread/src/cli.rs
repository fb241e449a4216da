//! The command line.

mod export;
mod questions;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use rethread_model::{AccountId, JobId, Role};
use rethread_stores::TokenId;

pub(crate) use export::{ConvertArgs, ExportArgs, Output};
pub(crate) use questions::Questions;

use crate::expiry::Expiry;
use crate::failure::{EXIT_USAGE, document};

/// Moves comments between commenting systems.
#[derive(Debug, Parser)]
#[command(name = "rethread", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// Folder of the embedded store [default: ./rethread-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Configuration file [default: ./rethread.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE", env = "RETHREAD_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

impl Action {
    /// Whether standard output must be a single JSON document.
    pub(crate) const fn is_json(&self) -> bool {
        match self {
            Action::Import(args) | Action::Inspect(args) => args.json,
            Action::Export(args) => args.output.json,
            Action::Convert(args) => args.output.json,
            Action::Jobs(args) => args.json,
            Action::Token(TokenCommand::List { json, .. }) => *json,
            Action::Doctor(args) => args.json,
            Action::Serve(_) | Action::Token(_) => false,
        }
    }
}

/// Reports an invalid command line, or prints the requested help.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) fn refuse(error: &clap::Error) -> ExitCode {
    let is_answer = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if is_answer || !std::env::args_os().any(|argument| argument == "--json") {
        error.exit();
    }
    let message = error.render().to_string();
    println!("{:#}", document("usage", message.trim_start_matches("error: ").trim_end()));
    ExitCode::from(EXIT_USAGE)
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "a process has one")]
pub(crate) enum Command {
    #[command(flatten)]
    Action(Action),
    #[command(flatten)]
    Role(ServiceRole),
}

/// One role of a distributed deployment, as this process.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ServiceRole {
    /// Run one role of a distributed deployment: the HTTP API and the dashboard
    Gateway,
    /// Run one role of a distributed deployment: the workers
    Worker,
    /// Run one role of a distributed deployment: the gRPC status service
    Status,
    /// Run one role of a distributed deployment: the notifier
    Notifier,
}

/// Everything else.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Run everything in one process: the HTTP API, the workers, the status service, the notifier
    Serve(ServeArgs),
    /// Import an export file of another commenting system
    Import(ImportArgs),
    /// Show what an import would do, without writing a comment
    Inspect(ImportArgs),
    /// Write an account's comments in a format that other systems can read
    Export(ExportArgs),
    /// Convert an export file of another commenting system into another format
    Convert(ConvertArgs),
    /// List jobs, or show one
    Jobs(JobsArgs),
    /// Create, list and revoke tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Check the stores, and report what is wrong and how to fix it
    Doctor(DoctorArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address of the HTTP API [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) http: Option<std::net::SocketAddr>,
    /// Address of the gRPC status service [default: 127.0.0.1:50051]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) grpc: Option<std::net::SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The export file, as downloaded from the vendor (compressed or not); - reads standard input
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) questions: Questions,
    /// Account that owns the comments
    #[arg(long, default_value = "default")]
    pub(crate) account: AccountId,
    /// Only show what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print the receipt as a single JSON document
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) server: Server,
}

/// A running gateway, used instead of the embedded store.
#[derive(Debug, Clone, Args)]
pub(crate) struct Server {
    /// URL of a running gateway, with its scheme and port
    #[arg(long, value_name = "URL", requires = "token", env = "RETHREAD_SERVER")]
    pub(crate) server: Option<url::Url>,
    /// Token for the gateway
    #[arg(long, value_name = "TOKEN", env = "RETHREAD_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct JobsArgs {
    /// Show only this job
    pub(crate) id: Option<JobId>,
    /// Show only this account's jobs
    #[arg(long)]
    pub(crate) account: Option<AccountId>,
    /// Wait until the job ends (needs its id)
    #[arg(long, requires = "id")]
    pub(crate) watch: bool,
    /// Print a single JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Create a token and print it; it cannot be shown again
    Create {
        /// Account that the token belongs to
        #[arg(long)]
        account: AccountId,
        /// Display name; shown as the person who started a job
        #[arg(long)]
        name: String,
        /// admin (one account), operator (all accounts' job states) or service (gRPC)
        #[arg(long, default_value = "admin")]
        role: Role,
        /// When the token expires: after a duration (90d, 1y, 12h), on a day (2030-01-31) or at an
        /// instant (2030-01-31T12:00:00Z) [default: never]
        #[arg(long, value_name = "WHEN")]
        expires: Option<Expiry>,
    },
    /// Create a link that signs a browser in, once and within 15 minutes, and print it
    Link {
        /// Account that the link signs in to
        #[arg(long)]
        account: AccountId,
        /// Display name; shown as the person who started a job
        #[arg(long)]
        name: String,
        /// admin (one account) or operator (all accounts' job states)
        #[arg(long, default_value = "admin", value_parser = role_with_dashboard)]
        role: Role,
    },
    /// List an account's tokens (never their secrets)
    List {
        /// Account whose tokens are listed
        #[arg(long, default_value = "default")]
        account: AccountId,
        /// Include browser sessions and sign-in links
        #[arg(long)]
        sessions: bool,
        /// Print a single JSON document
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token and its sessions immediately
    Revoke {
        /// Id of the token: the part between the underscores
        id: TokenId,
        /// Refuse unless the token belongs to this account
        #[arg(long)]
        account: Option<AccountId>,
    },
}

fn role_with_dashboard(word: &str) -> Result<Role, String> {
    match word.parse()? {
        Role::Service => Err("a service has no use for the dashboard; use admin or operator".to_owned()),
        role => Ok(role),
    }
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Fix what can be fixed from here, such as the lifecycle rules of a bucket
    #[arg(long)]
    pub(crate) apply: bool,
    /// Count the stored comments and compare them with the receipts of all ended imports, or of
    /// one job
    #[arg(long, value_name = "JOB", num_args = 0..=1, conflicts_with = "apply")]
    #[expect(clippy::option_option, reason = "not given, given without a job, given with one")]
    pub(crate) verify: Option<Option<JobId>>,
    /// With --verify, check only this account
    #[arg(long, requires = "verify")]
    pub(crate) account: Option<AccountId>,
    /// Print a single JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
