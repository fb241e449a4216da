//! `rethread-bench import`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;

use super::RecipeArguments;
use crate::measure::{Importer, Usage};
use crate::truth::Truth;
use crate::{baseline, files, table};

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(super) struct Arguments {
    #[command(flatten)]
    recipe: RecipeArguments,
    /// The rethread binary to measure; use a release build for meaningful numbers.
    #[arg(long, value_name = "PATH")]
    rethread: PathBuf,
    /// Import the file compressed.
    #[arg(long)]
    gzip: bool,
    /// The number of runs, each into an empty store.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// After each import, also measure importing the same file again into the same store.
    #[arg(long)]
    again: bool,
    /// In the end, also measure writing the same rows into the same schema without an
    /// importer.
    #[arg(long)]
    baseline: bool,
    /// The folder for the file and the stores during the run; the system's temporary folder if
    /// omitted.
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
    /// Print one JSON document instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Default)]
struct Measured {
    first: Vec<Usage>,
    again: Vec<Usage>,
    baseline: Vec<Duration>,
    differences: Vec<String>,
}

impl Arguments {
    /// Returns whether every receipt matched the truth.
    pub(super) fn run(&self) -> Result<bool> {
        let folder = match &self.work {
            Some(path) => tempfile::tempdir_in(path),
            None => tempfile::tempdir(),
        };
        let folder = folder.context("cannot make a temporary folder")?;
        let recipe = self.recipe.recipe();
        let file = folder.path().join("export");
        let truth = files::create(&recipe, self.gzip, &file)
            .with_context(|| format!("cannot write the export to {}", file.display()))?;
        let importer = Importer { rethread: self.rethread.clone(), file, vendor: recipe.vendor };
        let mut measured = Measured::default();
        for number in 1..=self.runs {
            self.measure(number, &importer, &truth, folder.path(), &mut measured)?;
        }
        self.print(&truth, &measured)?;
        Ok(measured.differences.is_empty())
    }

    fn measure(
        &self,
        number: u32,
        importer: &Importer,
        truth: &Truth,
        folder: &Path,
        measured: &mut Measured,
    ) -> Result<()> {
        let data = folder.join(format!("store-{number}"));
        let (usage, receipt) = importer.run(&data)?;
        measured.first.push(usage);
        measured.note(number, "first import", truth.differences(&receipt));
        if self.again {
            let (usage, receipt) = importer.run(&data)?;
            measured.again.push(usage);
            measured.note(number, "second import", truth.on_repetition().differences(&receipt));
        }
        if self.baseline && number == self.runs {
            self.rewrite(&data, measured)?;
        }
        fs::remove_dir_all(&data).with_context(|| format!("cannot delete {}", data.display()))
    }

    /// Measures the baseline on the store of the last run: this process has the rows in memory then,
    /// and the kernel counts them into the peak of every process that it starts.
    fn rewrite(&self, data: &Path, measured: &mut Measured) -> Result<()> {
        let rewritten = data.with_extension("rewritten.db");
        for _ in 0..self.runs {
            measured.baseline.push(baseline::rewrite(&data.join("comments.db"), &rewritten)?);
            fs::remove_file(&rewritten).with_context(|| format!("cannot delete {}", rewritten.display()))?;
        }
        Ok(())
    }

    fn print(&self, truth: &Truth, measured: &Measured) -> Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            let document = json!({
                "truth": truth, "runs": measured.first, "again": measured.again, "baseline": measured.baseline,
                "differences": measured.differences,
            });
            serde_json::to_writer_pretty(&mut out, &document)?;
            writeln!(out)?;
            return Ok(());
        }
        writeln!(out, "{}", table::render(truth, &measured.first))?;
        if self.again {
            writeln!(out, "the same file again:\n{}", table::render(truth, &measured.again))?;
        }
        if self.baseline {
            writeln!(out, "{}", table::against_baseline(&measured.first, &measured.baseline))?;
        }
        if measured.differences.is_empty() {
            writeln!(out, "every receipt agrees with what was generated")?;
        }
        for difference in &measured.differences {
            writeln!(out, "{difference}")?;
        }
        Ok(())
    }
}

impl Measured {
    fn note(&mut self, run: u32, which: &str, differences: Vec<String>) {
        self.differences.extend(differences.into_iter().map(|line| format!("run {run}, {which}: {line}")));
    }
}
