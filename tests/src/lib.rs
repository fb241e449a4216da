//! The harness of the scenarios: runs the real binaries on real servers, inspects their stores, and
//! talks to them as their users do.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails by panicking, which fails the test")]
#![allow(clippy::missing_panics_doc, reason = "a harness fails by panicking, which fails the test")]
#![allow(clippy::print_stderr, reason = "what is printed helps whoever reads why a test failed")]

mod address;
mod api;
mod background;
mod binary;
mod browser;
mod clients;
mod deployment;
mod described;
mod http;
mod otlp;
mod process;
mod process_reaper;
mod proxy;
mod role;
mod rows;
mod serve;
mod servers;
mod side;
mod site;
mod store;
mod wait;
mod wire;

pub use address::free_address;
pub use api::Api;
pub use binary::{Finished, Rethread, run_binary, sample, unpacked};
pub use browser::Browser;
pub use clients::{client_script, node_client, python_client};
pub use deployment::{Blueprint, Deployment, Links};
pub use described::{Answer, Described};
pub use http::http_client;
pub use otlp::{Collector, ReceivedSpan};
pub use process::Process;
pub use proxy::{Direction, Proxy, Traffic};
pub use role::Role;
pub use rows::{Found, Rows, Said, comment_rows, findings, row_counts, rows, said};
pub use serve::Serve;
pub use servers::{Postgres, RabbitMq, Redis, S3, S3Place, Servers, WordPress};
pub use side::{Side, System};
pub use site::{BATCH, Plugin, batch, site_comment};
pub use store::{files_under, gzip, zip_of};
pub use wait::wait_for;
pub use wire::{Wire, status_of};
