//! The command line.

mod export;
mod generate;
mod import;
mod sanitise;
mod share;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use rethread_model::Vendor;

use crate::recipe::{Amount, Damage, Recipe};
use crate::size::parse_bytes;

/// Generates export files with their truth, and measures Rethread with them.
#[derive(Debug, Parser)]
#[command(name = "rethread-bench", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write an export file of any size, and what it holds.
    Generate(generate::Arguments),
    /// Import a generated file with the rethread binary: time, memory, and whether the receipt is right.
    Import(import::Arguments),
    /// Fill a store and export it with the rethread binary in each format: time, memory, and whether all comments are there.
    Export(export::Arguments),
    /// Import small files beside a large one through a running service: does anybody wait?
    Share(share::Arguments),
    /// Read comments that are one piece of text, repeated: does the time grow with the text, and no faster?
    Sanitise(sanitise::Arguments),
}

/// What both commands generate.
#[derive(Debug, Args)]
struct RecipeArguments {
    /// Whose format: disqus, wordpress or commento.
    #[arg(long, value_name = "VENDOR", value_parser = generated_vendor)]
    vendor: Vendor,
    #[command(flatten)]
    amount: AmountArguments,
    /// Another seed gives another file; the same one the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What is to be wrong with about one comment in 200 each.
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    damage: Vec<Damage>,
    /// Every kind of damage that files of the vendor can have.
    #[arg(long, conflicts_with = "damage")]
    all_damage: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct AmountArguments {
    /// So many comments, exactly.
    #[arg(long, value_name = "N")]
    comments: Option<u64>,
    /// About so many bytes before compression, such as 60MB or 1GB.
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    bytes: Option<u64>,
}

fn generated_vendor(word: &str) -> Result<Vendor, String> {
    match word.parse() {
        Ok(vendor @ (Vendor::Disqus | Vendor::WordPress | Vendor::Commento)) => Ok(vendor),
        Ok(vendor) => Err(format!("there is no generator for {vendor}; use disqus, wordpress or commento")),
        Err(unknown) => Err(unknown.to_string()),
    }
}

impl RecipeArguments {
    fn recipe(&self) -> Recipe {
        let amount = match (self.amount.comments, self.amount.bytes) {
            (_, Some(bytes)) => Amount::Bytes(bytes),
            (comments, None) => Amount::Comments(comments.unwrap_or(0)),
        };
        let damage = if self.all_damage { Damage::ALL.to_vec() } else { self.damage.clone() };
        Recipe { vendor: self.vendor, amount, seed: self.seed, damage: damage.into_iter().collect() }
    }
}

/// Runs the command line of this process. Exit code 0: done, and every receipt agreed with the truth; 1: not so; 2: wrong
/// use.
#[must_use]
pub fn run() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Generate(arguments) => arguments.run().map(|()| true),
        Command::Import(arguments) => arguments.run(),
        Command::Export(arguments) => arguments.run(),
        Command::Share(arguments) => arguments.run(),
        Command::Sanitise(arguments) => arguments.run(),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(std::io::stderr(), "rethread-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn damage_is_named_by_kind() {
        let line = "rethread-bench generate --vendor disqus --comments 5 --damage orphans,bad-utf8";
        let Command::Generate(arguments) = Arguments::try_parse_from(line.split(' ')).unwrap().command else {
            panic!("not generate");
        };
        let recipe = Recipe::new(Vendor::Disqus, 5).with_damage([Damage::BadUtf8, Damage::Orphans]);
        assert_eq!(arguments.recipe.recipe(), recipe);
        assert!(
            Arguments::try_parse_from(["rethread-bench", "generate", "--vendor", "muut", "--comments", "5"]).is_err()
        );
        assert!(Arguments::try_parse_from(["rethread-bench", "generate", "--vendor", "disqus"]).is_err());
    }
}
