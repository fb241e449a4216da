//! `rethread-bench export`.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use rethread_model::{AccountId, ExportFormat, ExportTally, Vendor};

use crate::measure::{Usage, measured};
use crate::recipe::Recipe;
use crate::{files, table};

/// The variable through which the measured processes find the comments.
const STORE: &str = "RETHREAD_COMMENTS";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The rethread binary to measure; use a release build for meaningful numbers.
    #[arg(long, value_name = "PATH")]
    rethread: PathBuf,
    /// The number of comments in the store: generated as a Disqus file, and imported.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    comments: u64,
    /// A database of a `PostgreSQL` server to fill; an embedded store in the work folder if
    /// omitted.
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Export the existing comments of the account in that database, and import nothing.
    #[arg(long, requires = "store", conflicts_with = "comments")]
    filled: bool,
    /// The account.
    #[arg(long, default_value = "bench")]
    account: AccountId,
    /// Which formats; all if omitted.
    #[arg(long, value_name = "FORMATS", value_delimiter = ',')]
    format: Vec<ExportFormat>,
    /// The number of runs for each.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// The folder for the store and the exports during the run; the system's temporary folder if
    /// omitted.
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
}

impl Arguments {
    /// Returns whether every export had all the comments.
    pub(super) fn run(&self) -> Result<bool> {
        let folder = match &self.work {
            Some(path) => tempfile::tempdir_in(path),
            None => tempfile::tempdir(),
        };
        let folder = folder.context("cannot make a temporary folder")?;
        let expected = if self.filled { None } else { Some(self.fill(folder.path())?) };
        let formats = if self.format.is_empty() { &ExportFormat::ALL[..] } else { &self.format };
        let mut out = io::stdout().lock();
        writeln!(out, "{}", table::export_head())?;
        let mut is_whole = true;
        let mut comments = 0;
        for format in formats {
            let (usages, tally, bytes) = self.export(*format, folder.path())?;
            comments = tally.comments;
            is_whole &= expected.is_none_or(|expected| expected == comments);
            writeln!(out, "{}", table::export_row(format.as_str(), comments, bytes, &usages))?;
        }
        if let Some(url) = &self.store {
            let (usages, bytes) = self.copy(url, folder.path())?;
            writeln!(out, "{}", table::export_row("COPY TO", comments, bytes, &usages))?;
        }
        if !is_whole {
            writeln!(out, "the store was filled with {} comments", expected.unwrap_or(0))?;
        }
        Ok(is_whole)
    }

    /// Imports as many comments, and returns the resulting number.
    fn fill(&self, folder: &Path) -> Result<u64> {
        let file = folder.join("import");
        let recipe = Recipe::new(Vendor::Disqus, self.comments);
        let truth = files::create(&recipe, false, &file).context("cannot write the file to import")?;
        let mut command = self.command(folder, ["import".as_ref(), file.as_os_str(), "--json".as_ref()]);
        command.stdout(Stdio::null()).stderr(Stdio::inherit());
        let (_, status) = measured(&mut command)?;
        if !status.success() {
            bail!("the store could not be filled ({status})");
        }
        std::fs::remove_file(&file)?;
        Ok(truth.outcome.created.unsigned_abs())
    }

    fn export(&self, format: ExportFormat, folder: &Path) -> Result<(Vec<Usage>, ExportTally, u64)> {
        let (file, said) = (folder.join("export"), folder.join("said"));
        let mut usages = Vec::new();
        for _ in 0..self.runs {
            let arguments = ["export", "--json", "--format", format.as_str()].map(OsStr::new);
            let mut command = self.command(folder, arguments);
            command.arg("--out").arg(&file).stdout(File::create(&said)?).stderr(Stdio::inherit());
            let (usage, status) = measured(&mut command)?;
            if !status.success() {
                bail!("the export as {format} failed ({status})");
            }
            usages.push(usage);
        }
        let tally = serde_json::from_slice(&std::fs::read(&said)?).context("rethread did not say what it wrote")?;
        let bytes = std::fs::metadata(&file)?.len();
        std::fs::remove_file(&file)?;
        Ok((usages, tally, bytes))
    }

    /// The same rows as the server itself exports them, for comparison.
    fn copy(&self, url: &str, folder: &Path) -> Result<(Vec<Usage>, u64)> {
        let rows = format!(
            "COPY (SELECT * FROM rethread.comments WHERE origin_no IN (SELECT no FROM rethread.origins WHERE account = '{}')) \
             TO STDOUT",
            self.account
        );
        let file = folder.join("rows");
        let mut usages = Vec::new();
        for _ in 0..self.runs {
            let mut command = Command::new("psql");
            command.args([url, "--no-psqlrc", "--quiet", "--command", &rows]).stdout(File::create(&file)?);
            let (usage, status) = measured(&mut command)?;
            if !status.success() {
                bail!("psql could not copy the comments ({status})");
            }
            usages.push(usage);
        }
        Ok((usages, std::fs::metadata(&file)?.len()))
    }

    fn command<'a>(&self, folder: &Path, arguments: impl IntoIterator<Item = &'a OsStr>) -> Command {
        let mut command = Command::new(&self.rethread);
        command.args(arguments).args(["--account", self.account.as_str(), "--data"]).arg(folder.join("store"));
        if let Some(url) = &self.store {
            command.env(STORE, url);
        }
        command
    }
}
