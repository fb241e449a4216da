//! `rethread-bench share`: do small imports wait for a large one?

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rethread_model::{Receipt, Vendor};

use crate::recipe::Recipe;
use crate::{files, table};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The rethread binary that uploads and follows the jobs.
    #[arg(long, value_name = "PATH")]
    rethread: PathBuf,
    /// The running service.
    #[arg(long, value_name = "URL")]
    server: String,
    /// A token of the account that imports the large file.
    #[arg(long, value_name = "TOKEN")]
    token: String,
    /// A token of the account that imports the small ones.
    #[arg(long, value_name = "TOKEN")]
    other_token: String,
    /// Comments in the large file.
    #[arg(long, default_value_t = 2_000_000)]
    large: u64,
    /// Comments in each small file.
    #[arg(long, default_value_t = 100)]
    small: u64,
    /// Number of small imports before the large one, and their maximum number beside it, one after
    /// the other.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
}

impl Arguments {
    /// Returns whether every receipt matched the truth.
    pub(super) fn run(&self) -> Result<bool> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let alone = self.small_imports(folder.path(), 1_000, &mut || Ok(true))?;

        let file = folder.path().join("large");
        let truth = files::create(&Recipe::new(Vendor::Disqus, self.large), false, &file)?;
        let receipt_path = folder.path().join("large.json");
        let started = Instant::now();
        let mut large = self.begin(&file, &self.token, &receipt_path)?;
        let beside = self.small_imports(folder.path(), 2_000, &mut || Ok(large.try_wait()?.is_none()))?;
        let status = large.wait()?;
        let large_took = started.elapsed();

        let differences = truth.differences(&receipt(&receipt_path)?);
        let mut out = io::stdout().lock();
        writeln!(out, "{:<36}{:>8}{:>10}{:>10}{:>10}", "", "imports", "min s", "median s", "max s")?;
        writeln!(out, "{}", table::spread(&format!("{} comments, nothing else running", self.small), &alone))?;
        writeln!(out, "{}", table::spread(&format!("{} comments, beside the large one", self.small), &beside))?;
        writeln!(out, "{}", table::spread(&format!("{} comments, the large one", self.large), &[large_took]))?;
        for difference in &differences {
            writeln!(out, "the large import: {difference}")?;
        }
        Ok(status.success() && differences.is_empty())
    }

    /// Imports small files one after the other while `go_on` returns `true`, and returns their
    /// times. An import that ended after `go_on` changed does not count.
    fn small_imports(
        &self,
        folder: &Path,
        first_seed: u64,
        go_on: &mut dyn FnMut() -> Result<bool>,
    ) -> Result<Vec<Duration>> {
        let mut took = Vec::new();
        for number in 0..u64::from(self.runs) {
            let file = folder.join(format!("small-{first_seed}-{number}"));
            let recipe = Recipe::new(Vendor::Commento, self.small).with_seed(first_seed + number);
            let truth = files::create(&recipe, false, &file)?;
            let receipt_path = file.with_extension("json");
            let started = Instant::now();
            let status = self.begin(&file, &self.other_token, &receipt_path)?.wait()?;
            let elapsed = started.elapsed();
            let read = receipt(&receipt_path)?.read;
            if !status.success() || read != truth.read {
                bail!("a small import read {read:?} instead of {:?} ({status})", truth.read);
            }
            if !go_on()? {
                break;
            }
            took.push(elapsed);
        }
        Ok(took)
    }

    fn begin(&self, file: &Path, token: &str, receipt: &Path) -> Result<Child> {
        Command::new(&self.rethread)
            .arg("import")
            .arg(file)
            .args(["--server", &self.server, "--token", token, "--json"])
            .stdin(Stdio::null())
            .stdout(File::create(receipt)?)
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("cannot start {}", self.rethread.display()))
    }
}

fn receipt(path: &Path) -> Result<Receipt> {
    let printed = std::fs::read(path)?;
    serde_json::from_slice(&printed).context("rethread printed no receipt; its error stands above")
}
