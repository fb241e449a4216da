//! `rethread-bench generate`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::RecipeArguments;
use crate::files;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) recipe: RecipeArguments,
    /// Compress it, as Disqus and Commento do.
    #[arg(long)]
    gzip: bool,
    /// The output file; standard output if omitted.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The file for the truth, as JSON in the shape of a receipt.
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<()> {
        let recipe = self.recipe.recipe();
        let truth = if let Some(path) = &self.out {
            files::create(&recipe, self.gzip, path).with_context(|| format!("cannot write {}", path.display()))?
        } else {
            let mut out = BufWriter::with_capacity(1 << 18, io::stdout().lock());
            let truth = files::write(&recipe, self.gzip, &mut out)?;
            out.flush()?;
            truth
        };
        let Some(path) = &self.truth else { return Ok(()) };
        let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        let mut out = BufWriter::new(file);
        serde_json::to_writer_pretty(&mut out, &truth)?;
        writeln!(out)?;
        out.flush().with_context(|| format!("cannot write {}", path.display()))
    }
}
