//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use rethread_backends::TokenId;
use rethread_model::{AccountId, ImportOptions, JobId, MappingRule, PageKey, Role, Scheme, Vendor};

use crate::expiry::Expiry;

/// Moves comments between commenting systems.
#[derive(Debug, Parser)]
#[command(name = "rethread", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// Folder of the embedded store [default: ./rethread-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Configuration file [default: ./rethread.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE", env = "RETHREAD_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything in this process: the HTTP API, the workers, the status service and the notifier
    Serve(ServeArgs),
    /// Import an export file of another commenting system
    Import(ImportArgs),
    /// Tell what an import would do, without writing a comment
    Inspect(ImportArgs),
    /// List jobs, or show one
    Jobs(JobsArgs),
    /// Make, list and revoke tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Check the stores and say what is wrong and what to do
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
    /// The export file, as the vendor gave it (compressed or not)
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) questions: Questions,
    /// The account that the comments belong to
    #[arg(long, default_value = "default")]
    pub(crate) account: AccountId,
    /// Only tell what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print the receipt as one JSON document and nothing else
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) server: Server,
}

/// A running gateway to work with instead of the embedded store.
#[derive(Debug, Clone, Args)]
pub(crate) struct Server {
    /// Address of a running gateway, with its scheme and port
    #[arg(long, value_name = "URL", requires = "token", env = "RETHREAD_SERVER")]
    pub(crate) server: Option<url::Url>,
    /// Token for the gateway
    #[arg(long, value_name = "TOKEN", env = "RETHREAD_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
}

/// What the vendor's file does not say, and what to leave out.
#[derive(Debug, Clone, Args)]
pub(crate) struct Questions {
    /// Refuse the file unless it is of this vendor [default: go by the content]
    #[arg(long, value_parser = vendor_or_auto, value_name = "VENDOR", default_value = "auto")]
    pub(crate) vendor: VendorChoice,
    /// What pages are known by: their address, or the vendor's own identifier (Disqus, WordPress, Commento) or item
    /// (Just-Comments)
    #[arg(long, value_enum, default_value_t = PageKeyWord::Url)]
    pub(crate) page_key: PageKeyWord,
    /// Scheme of page addresses (Commento, whose files hold none)
    #[arg(long, value_enum, default_value_t = SchemeWord::Https)]
    pub(crate) scheme: SchemeWord,
    /// Address of the site with its scheme (Muut, whose files hold none)
    #[arg(long, value_name = "URL", value_parser = site_url)]
    pub(crate) site_url: Option<String>,
    /// Table of rules that replace the beginning of page addresses: CSV with the header from,to
    #[arg(long, value_name = "RULES.csv", value_parser = mapping)]
    pub(crate) map: Option<Mapping>,
    /// Time zone of times that have none, such as Europe/Paris [default: UTC, noted in the findings]
    #[arg(long, value_name = "ZONE", value_parser = time_zone)]
    pub(crate) time_zone: Option<String>,
    /// Import these as well
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) include: Vec<Include>,
    /// Leave these out
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) exclude: Vec<Exclude>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageKeyWord {
    Url,
    Identifier,
    Item,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemeWord {
    Http,
    Https,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Include {
    /// Pingbacks and trackbacks
    Pingbacks,
    /// Commenters' IP addresses
    IpAddresses,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Exclude {
    /// Comments that the vendor marks as spam
    Spam,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VendorChoice(Option<Vendor>);

/// The rules of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mapping(Vec<MappingRule>);

/// Read with the arguments, so that a faulty table stops the command before it does anything.
fn mapping(path: &str) -> Result<Mapping, String> {
    let table = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    MappingRule::parse_table(&table).map(Mapping).map_err(|invalid| invalid.to_string())
}

fn site_url(text: &str) -> Result<String, &'static str> {
    ImportOptions::parse_site_url(text)
}

fn vendor_or_auto(word: &str) -> Result<VendorChoice, rethread_model::UnknownVendor> {
    if word == "auto" { Ok(VendorChoice(None)) } else { word.parse().map(|vendor| VendorChoice(Some(vendor))) }
}

fn time_zone(name: &str) -> Result<String, String> {
    match jiff::tz::TimeZone::get(name) {
        Ok(_) => Ok(name.to_owned()),
        Err(_) => Err("this is no time zone of the IANA database; use a name such as Europe/Paris".to_owned()),
    }
}

impl ImportArgs {
    /// The options of the import.
    pub(crate) fn options(&self, dry_run: bool) -> ImportOptions {
        let questions = &self.questions;
        ImportOptions {
            vendor: questions.vendor.0,
            dry_run,
            check: false,
            page_key: match questions.page_key {
                PageKeyWord::Url => PageKey::Url,
                PageKeyWord::Identifier => PageKey::Identifier,
                PageKeyWord::Item => PageKey::Item,
            },
            scheme: match questions.scheme {
                SchemeWord::Http => Scheme::Http,
                SchemeWord::Https => Scheme::Https,
            },
            time_zone: questions.time_zone.clone(),
            site_url: questions.site_url.clone(),
            mapping: questions.map.clone().unwrap_or_default().0,
            include_pingbacks: questions.include.contains(&Include::Pingbacks),
            include_ip_addresses: questions.include.contains(&Include::IpAddresses),
            exclude_spam: questions.exclude.contains(&Exclude::Spam),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct JobsArgs {
    /// Show only this job
    pub(crate) id: Option<JobId>,
    /// Only this account's jobs
    #[arg(long)]
    pub(crate) account: Option<AccountId>,
    /// Go on until the job ends (needs its id)
    #[arg(long, requires = "id")]
    pub(crate) watch: bool,
    /// Print one JSON document and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it; it cannot be shown again
    Create {
        /// The account that it belongs to
        #[arg(long)]
        account: AccountId,
        /// A name for people; shown as who started a job
        #[arg(long)]
        name: String,
        /// admin (one account), operator (all accounts' job states) or service (gRPC)
        #[arg(long, default_value = "admin")]
        role: Role,
        /// When it stops being valid: after a time (90d, 1y, 12h), on a day (2030-01-31) or at an instant
        /// (2030-01-31T12:00:00Z) [default: never]
        #[arg(long, value_name = "WHEN")]
        expires: Option<Expiry>,
    },
    /// Make a link that signs a browser in, once and within 15 minutes, and print it
    Link {
        /// The account that its holder is to work for
        #[arg(long)]
        account: AccountId,
        /// A name for people; shown as who started a job
        #[arg(long)]
        name: String,
        /// admin (one account) or operator (all accounts' job states)
        #[arg(long, default_value = "admin", value_parser = role_with_dashboard)]
        role: Role,
    },
    /// List an account's tokens (never their secrets)
    List {
        /// The account
        #[arg(long, default_value = "default")]
        account: AccountId,
        /// Also the sessions of browsers, and links that open one
        #[arg(long)]
        sessions: bool,
        /// Print one JSON document and nothing else
        #[arg(long)]
        json: bool,
    },
    /// Make a token and its sessions useless at once
    Revoke {
        /// Its id: the part between the underscores
        id: TokenId,
        /// Refuse unless it belongs to this account
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
    /// Mend what can be mended from here, such as the lifecycle rules of a bucket
    #[arg(long)]
    pub(crate) apply: bool,
    /// Print one JSON document and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}
