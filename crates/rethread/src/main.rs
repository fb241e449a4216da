//! Moves comments between commenting systems.

mod cli;
mod commands;
mod embedded;
mod expiry;
mod export_file;
mod exported;
mod failure;
mod follow;
mod input;
mod local_import;
mod progress;
mod remote;
mod sign_in_link;
mod summary;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::Cli::try_parse() {
        Ok(cli) => commands::run(cli),
        Err(error) => cli::refuse(&error),
    }
}
