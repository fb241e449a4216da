//! Moves comments between commenting systems.

mod cli;
mod commands;
mod embedded;
mod follow;
mod progress;
mod remote;
mod summary;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    commands::run(cli::Cli::parse())
}
