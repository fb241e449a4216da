//! The export file that a command reads: a named file or standard input.

use std::fmt;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use sha2::{Digest, Sha256};
use tokio::io::AsyncRead;
use tokio::task::spawn_blocking;

use crate::failure::Failure;

/// Bytes read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// The source of an export file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// A file.
    File(PathBuf),
    /// `-`: the output of another program.
    Stdin,
}

impl Input {
    /// The input that a command-line argument names.
    pub(crate) fn named(path: &Path) -> Self {
        if path == Path::new("-") { Self::Stdin } else { Self::File(path.to_owned()) }
    }

    /// The size in bytes, if it is known in advance. Fails when the file does not exist, before
    /// anything else starts.
    pub(crate) async fn size(&self) -> Result<Option<u64>, Failure> {
        let Self::File(path) = self else { return Ok(None) };
        let found = tokio::fs::metadata(path).await.map_err(|error| cannot_open(path, error))?;
        if found.is_dir() {
            let message = format!("{} is a folder; name the export file in it", path.display());
            return Err(Failure::usage("file_is_folder", message));
        }
        // Pipes and devices have no size.
        Ok(found.is_file().then_some(found.len()))
    }

    /// Opens the input at its start.
    pub(crate) async fn open(&self) -> Result<Pin<Box<dyn AsyncRead + Send>>, Failure> {
        match self {
            Self::File(path) => {
                let file = tokio::fs::File::open(path).await.map_err(|error| cannot_open(path, error))?;
                Ok(Box::pin(file))
            }
            Self::Stdin => {
                let stdin = io::stdin().as_fd().try_clone_to_owned();
                let stdin =
                    stdin.map_err(|error| Failure::path("file_unreadable", "cannot read standard input", error))?;
                Ok(Box::pin(tokio::fs::File::from_std(stdin.into())))
            }
        }
    }

    /// The file name recorded in the job.
    pub(crate) fn file_name(&self) -> Option<String> {
        match self {
            Self::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
            Self::Stdin => None,
        }
    }

    /// The hash of a file's content; `None` for input that can be read only once.
    pub(crate) async fn sha256(&self) -> anyhow::Result<Option<String>> {
        let Self::File(path) = self else { return Ok(None) };
        if self.size().await?.is_none() {
            return Ok(None);
        }
        let path = path.clone();
        Ok(Some(spawn_blocking(move || sha256_of(&path)).await??))
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

fn cannot_open(path: &Path, error: io::Error) -> Failure {
    let code = if error.kind() == io::ErrorKind::NotFound { "file_missing" } else { "file_unreadable" };
    Failure::path(code, format!("cannot open {}", path.display()), error)
}

fn sha256_of(path: &Path) -> io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(base16ct::lower::encode_string(&hash.finalize())),
            count => hash.update(&buffer[..count]),
        }
    }
}
