//! Blobs as files in a directory, readable by their owner only.
//!
//! A blob is written under a temporary name, made durable, and then renamed, so a file with the
//! name of a key is always a complete blob. Paths are built from [`BlobKey`]s only: account ids
//! contain no separators, and the rest are numbers.

mod resumable;

use std::fs::File;
use std::io::{ErrorKind as IoKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use rethread_model::{AccountId, JobId};
use rethread_stores::{BlobKey, BlobPrefix, BlobStore, BlobWriter, Error, ErrorKind, Health, Result, ResumableWriter};
use tokio::task::spawn_blocking;

use self::resumable::ResumableFile;
use crate::sqlite::create_private_dir;

/// The suffix of files that are being written. No key has it.
const PARTIAL: &str = ".partial";

/// See [`rethread_stores::BlobStore`].
#[derive(Debug)]
pub(crate) struct FileBlobs {
    root: PathBuf,
}

impl FileBlobs {
    /// Blobs below `root`, which is created if it is missing.
    pub(crate) async fn open(root: PathBuf) -> Result<Self> {
        let made = root.clone();
        off_the_runtime(move || create_private_dir(&made)).await?;
        Ok(Self { root })
    }

    fn path(&self, key: &BlobKey) -> PathBuf {
        self.root.join(key.path())
    }
}

#[async_trait]
impl BlobStore for FileBlobs {
    async fn create(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>> {
        let path = self.path(key);
        off_the_runtime(move || {
            let directory = path.parent().unwrap_or(Path::new("."));
            create_private_dir(directory)?;
            let partial = partial_name(&path)?;
            let file = create_new(&partial).map_err(|error| failed("create", &partial, error))?;
            let writer = FileWriter { path, unfinished: Unfinished(Some(partial)), file: Some(file), size_bytes: 0 };
            Ok(Box::new(writer) as Box<dyn BlobWriter>)
        })
        .await
    }

    async fn resume(&self, key: &BlobKey) -> Result<Box<dyn ResumableWriter>> {
        let path = self.path(key);
        off_the_runtime(move || Ok(Box::new(ResumableFile::open(path)?) as Box<dyn ResumableWriter>)).await
    }

    async fn size(&self, key: &BlobKey) -> Result<Option<u64>> {
        let path = self.path(key);
        off_the_runtime(move || size_of(&path)).await
    }

    async fn read(&self, key: &BlobKey, range: Range<u64>) -> Result<Bytes> {
        let path = self.path(key);
        off_the_runtime(move || read_range(&path, &range).map_err(|error| failed("read", &path, error))).await
    }

    async fn delete_job(&self, area: BlobPrefix, account: &AccountId, job: JobId) -> Result<()> {
        let directory = self.root.join(area.job_prefix(account, job));
        off_the_runtime(move || match std::fs::remove_dir_all(&directory) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == IoKind::NotFound => Ok(()),
            Err(error) => Err(failed("delete", &directory, error)),
        })
        .await
    }

    async fn jobs(&self, area: BlobPrefix) -> Result<Vec<(AccountId, JobId)>> {
        let accounts = self.root.join(area.as_str());
        off_the_runtime(move || {
            let mut jobs = Vec::new();
            for account in names_in(&accounts)? {
                for job in names_in(&accounts.join(&account))? {
                    // Files with other names were not written by this store.
                    if let (Ok(account), Ok(job)) = (account.parse(), job.parse()) {
                        jobs.push((account, job));
                    }
                }
            }
            Ok(jobs)
        })
        .await
    }
}

#[async_trait]
impl Health for FileBlobs {
    async fn check(&self) -> Result<()> {
        let root = self.root.clone();
        off_the_runtime(move || {
            let probe = partial_name(&root.join("check"))?;
            let written = create_new(&probe).and_then(|mut file| file.write_all(b"check"));
            let removed = std::fs::remove_file(&probe);
            written.and(removed).map_err(|error| {
                if matches!(error.kind(), IoKind::StorageFull | IoKind::QuotaExceeded) {
                    return Error::storage_full(&root, error);
                }
                let message = format!("cannot write in {}: see that it exists, is ours and has room", root.display());
                Error::new(ErrorKind::Unavailable, message).because(error)
            })
        })
        .await
    }
}

struct FileWriter {
    path: PathBuf,
    unfinished: Unfinished,
    /// `None` while a write is in progress: if that write is cancelled, the writer cannot continue.
    file: Option<File>,
    size_bytes: u64,
}

impl FileWriter {
    fn take(&mut self) -> Result<File> {
        self.file.take().ok_or_else(|| {
            Error::new(ErrorKind::Internal, format!("an earlier write to {} was broken off", self.path.display()))
        })
    }
}

#[async_trait]
impl BlobWriter for FileWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        let mut file = self.take()?;
        let path = self.path.clone();
        let length = bytes.len() as u64;
        let file = off_the_runtime(move || {
            file.write_all(&bytes).map_err(|error| failed("write", &path, error))?;
            Ok(file)
        });
        self.file = Some(file.await?);
        self.size_bytes += length;
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<u64> {
        let file = self.take()?;
        let path = self.path.clone();
        let unfinished = std::mem::take(&mut self.unfinished);
        off_the_runtime(move || {
            if let Some(partial) = &unfinished.0 {
                make_visible(&file, partial, &path).map_err(|error| failed("finish", &path, error))?;
            }
            unfinished.done();
            Ok(())
        })
        .await?;
        Ok(self.size_bytes)
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        let unfinished = std::mem::take(&mut self.unfinished);
        off_the_runtime(move || {
            unfinished.remove();
            Ok(())
        })
        .await
    }
}

/// The file of an unfinished writer; removed on drop.
#[derive(Default)]
struct Unfinished(Option<PathBuf>);

impl Unfinished {
    fn done(mut self) {
        self.0 = None;
    }

    fn remove(mut self) {
        if let Some(partial) = self.0.take() {
            remove(&partial);
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let Some(partial) = self.0.take() else { return };
        // Deleting a file of many gigabytes takes a while.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || remove(&partial))),
            Err(_) => remove(&partial),
        }
    }
}

/// What cannot be removed here is found by [`BlobStore::jobs`] later.
fn remove(partial: &Path) {
    let _ = std::fs::remove_file(partial);
}

fn make_visible(file: &File, partial: &Path, path: &Path) -> std::io::Result<()> {
    file.sync_all()?;
    std::fs::rename(partial, path)?;
    // The rename is durable once the directory is synced.
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn partial_name(path: &Path) -> Result<PathBuf> {
    let random = getrandom::u64()
        .map_err(|error| Error::new(ErrorKind::Internal, "the system gives no randomness").because(error))?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{random:016x}{PARTIAL}"));
    Ok(name.into())
}

fn create_new(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn size_of(path: &Path) -> Result<Option<u64>> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == IoKind::NotFound => Ok(None),
        Err(error) => Err(failed("look at", path, error)),
    }
}

fn read_range(path: &Path, range: &Range<u64>) -> std::io::Result<Bytes> {
    let mut file = File::open(path)?;
    let end = range.end.min(file.metadata()?.len());
    let length = end.saturating_sub(range.start);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.seek(SeekFrom::Start(range.start))?;
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

fn names_in(directory: &Path) -> Result<Vec<String>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), IoKind::NotFound | IoKind::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(failed("list", directory, error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failed("list", directory, error))?;
        names.extend(entry.file_name().into_string());
    }
    Ok(names)
}

fn failed(doing: &str, path: &Path, error: std::io::Error) -> Error {
    let kind = match error.kind() {
        IoKind::NotFound => ErrorKind::NotFound,
        IoKind::StorageFull | IoKind::QuotaExceeded => return Error::storage_full(path, error),
        _ => ErrorKind::Unavailable,
    };
    Error::new(kind, format!("cannot {doing} {}", path.display())).because(error)
}

async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::new(ErrorKind::Internal, "a file operation ended early").because(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;

    use rethread_model::Timestamp;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn conforms() {
        let directory = tempfile::tempdir().unwrap();
        let store = FileBlobs::open(directory.path().join("blobs")).await.unwrap();
        rethread_stores_testsuite::blobs(Arc::new(store)).await;
    }

    #[tokio::test]
    async fn nobody_else_on_the_machine_can_read() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("blobs");
        let store = FileBlobs::open(root.clone()).await.unwrap();
        let key = BlobKey::Upload("a".parse().unwrap(), JobId::new(Timestamp::UNIX_EPOCH, &[1; 10]));
        let mut writer = store.create(&key).await.unwrap();
        writer.write(Bytes::from_static(b"private")).await.unwrap();
        writer.finish().await.unwrap();
        let file = root.join(key.path());
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        for directory in file.ancestors().skip(1).take_while(|path| path.starts_with(&root)) {
            assert_eq!(mode(directory), 0o700, "{}", directory.display());
        }
    }

    #[tokio::test]
    async fn a_directory_that_is_gone_fails_the_check() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("blobs");
        let store = FileBlobs::open(root.clone()).await.unwrap();
        store.check().await.unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(store.check().await.unwrap_err().kind(), ErrorKind::Unavailable);
    }
}
