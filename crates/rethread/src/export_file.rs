//! The destination of an export.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use import_worker::{ExportSink, Pack};
use rethread_model::ExportTally;
use tempfile::{NamedTempFile, TempPath};
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;

use crate::cli::Output;
use crate::failure::Failure;

/// Standard output, or a file that gets its name once it is complete.
pub(crate) struct ExportFile {
    out: Out,
    pack: Pack,
    bytes: u64,
}

enum Out {
    File {
        file: tokio::fs::File,
        /// The temporary path; deleted unless the export completes.
        part: TempPath,
        /// The final path.
        path: PathBuf,
    },
    Stdout,
}

impl ExportFile {
    /// Creates a temporary file in the folder of the final one, readable only by its owner, as the
    /// store is.
    pub(crate) fn begin(output: &Output) -> anyhow::Result<Self> {
        let out = match &output.out {
            Some(path) => {
                let (file, part) = part_of(path)?.into_parts();
                Out::File { file: tokio::fs::File::from_std(file), part, path: path.clone() }
            }
            None => Out::Stdout,
        };
        Ok(Self { out, pack: Pack::new(output.gzip), bytes: 0 })
    }

    /// Renames the file, replacing any previous one, and returns its size in bytes.
    pub(crate) async fn finish(mut self) -> anyhow::Result<u64> {
        let rest = std::mem::replace(&mut self.pack, Pack::new(false)).finish()?;
        self.put(&rest).await?;
        if let Out::File { mut file, part, path } = self.out {
            // Sync first: after a power failure there is a complete file or none.
            file.flush().await.with_context(|| cannot_write(&path))?;
            file.sync_all().await.with_context(|| cannot_write(&path))?;
            part.persist(&path).with_context(|| cannot_write(&path))?;
        }
        Ok(self.bytes)
    }

    async fn put(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        match &mut self.out {
            Out::File { file, path, .. } => file.write_all(bytes).await.with_context(|| cannot_write(path))?,
            Out::Stdout => {
                let bytes = bytes.to_vec();
                // A reader of standard output may be arbitrarily slow.
                let written = spawn_blocking(move || {
                    let mut out = std::io::stdout().lock();
                    out.write_all(&bytes).and_then(|()| out.flush())
                });
                written.await?.context("cannot write to standard output")?;
            }
        }
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

impl ExportSink for ExportFile {
    async fn write(&mut self, bytes: &[u8], _: &ExportTally) -> anyhow::Result<()> {
        let packed = self.pack.pack(bytes)?;
        self.put(&packed).await
    }
}

fn part_of(path: &Path) -> Result<NamedTempFile, Failure> {
    let unusable = |message: String| Failure::usage("out_unusable", message);
    if path.is_dir() {
        return Err(unusable(format!("{} is a folder; name the file to write in it", path.display())));
    }
    let name = path.file_name().ok_or_else(|| unusable(format!("{} names no file", path.display())))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut prefix = name.to_owned();
    prefix.push(".");
    let part = tempfile::Builder::new().prefix(&prefix).suffix(".part").tempfile_in(folder);
    part.map_err(|error| {
        Failure::path("out_unusable", format!("cannot write into the folder {}", folder.display()), error)
    })
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}
