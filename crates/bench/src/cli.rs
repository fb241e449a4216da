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
    /// Write an export file of any size, and its truth.
    Generate(generate::Arguments),
    /// Import a generated file with the rethread binary: time, memory, and whether the receipt is
    /// correct.
    Import(import::Arguments),
    /// Fill a store and export it with the rethread binary in each format: time, memory, and
    /// whether all comments are there.
    Export(export::Arguments),
    /// Import small files beside a large one through a running service: do they have to wait?
    Share(share::Arguments),
    /// Sanitise comments that repeat one piece of text: does the time grow no faster than the text?
    Sanitise(sanitise::Arguments),
}

/// The options of both generating commands.
#[derive(Debug, Args)]
struct RecipeArguments {
    /// The vendor of the format: disqus, wordpress or commento.
    #[arg(long, value_name = "VENDOR", value_parser = generated_vendor)]
    vendor: Vendor,
    #[command(flatten)]
    amount: AmountArguments,
    /// The seed: another one gives another file, the same one the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The kinds of damage, each in about one comment in 200.
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    damage: Vec<Damage>,
    /// Every kind of damage that files of the vendor can have.
    #[arg(long, conflicts_with = "damage")]
    all_damage: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct AmountArguments {
    /// The exact number of comments.
    #[arg(long, value_name = "N")]
    comments: Option<u64>,
    /// The approximate size before compression, such as 60MB or 1GB.
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

/// Runs the command line of this process. Exit code 0: success, and every receipt matched the
/// truth; 1: failure; 2: wrong usage.
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
            // If standard error is closed, the error cannot be reported.
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
