//! A file that several writers write one after the other.
//!
//! The bytes so far are in a file whose name no key has. All of them count, with one exception:
//! during an all-or-nothing write, a marker file next to it holds the number of bytes that count.
//! If the writer dies and leaves the marker behind, the next writer obeys it.

use std::fs::File;
use std::io::{ErrorKind as IoKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use rethread_stores::{Error, ErrorKind, Result, ResumableWriter};

use super::{create_new, failed, make_visible, off_the_runtime, size_of};
use crate::sqlite::create_private_dir;

/// The suffix of the unfinished file.
const UNFINISHED: &str = ".resumable";
/// The suffix of the marker.
const MARK: &str = ".resumable-mark";

/// See [`ResumableWriter`].
pub(super) struct ResumableFile {
    names: Names,
    stands: Stands,
    offset: u64,
}

#[derive(Clone)]
struct Names {
    blob: PathBuf,
    unfinished: PathBuf,
    mark: PathBuf,
}

enum Stands {
    /// The blob is complete.
    Whole,
    /// This writer has not written anything.
    Untouched,
    /// Ready for appending.
    Open(File),
    /// A write failed or was cancelled.
    Broken,
}

impl ResumableFile {
    /// Finds out how far the blob is; changes nothing.
    pub(super) fn open(blob: PathBuf) -> Result<Self> {
        let names = Names { unfinished: beside(&blob, UNFINISHED), mark: beside(&blob, MARK), blob };
        if let Some(size) = size_of(&names.blob)? {
            return Ok(Self { names, stands: Stands::Whole, offset: size });
        }
        let offset = match size_of(&names.unfinished)? {
            Some(size) => names.marked()?.map_or(size, |marked| marked.min(size)),
            None => 0,
        };
        Ok(Self { names, stands: Stands::Untouched, offset })
    }

    /// The file, ready for writing at the offset. Removed from the state until it is put back.
    fn take(&mut self) -> Result<impl FnOnce() -> Result<File> + Send + use<>> {
        let stands = match std::mem::replace(&mut self.stands, Stands::Broken) {
            Stands::Whole => {
                self.stands = Stands::Whole;
                return Err(Error::new(ErrorKind::Internal, format!("{} is whole already", self.names.blob.display())));
            }
            Stands::Broken => {
                let message = format!("an earlier write to {} was broken off", self.names.blob.display());
                return Err(Error::new(ErrorKind::Internal, message));
            }
            stands => stands,
        };
        let (names, offset) = (self.names.clone(), self.offset);
        Ok(move || match stands {
            Stands::Open(file) => Ok(file),
            _ => names.open(offset),
        })
    }
}

impl Names {
    /// The number of bytes that count, if there is a marker. An unreadable marker was never
    /// completed, so nothing was written after it.
    fn marked(&self) -> Result<Option<u64>> {
        match std::fs::read_to_string(&self.mark) {
            Ok(text) => Ok(text.parse().ok()),
            Err(error) if error.kind() == IoKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &self.mark, error)),
        }
    }

    fn open(&self, offset: u64) -> Result<File> {
        let at = |error| failed("open", &self.unfinished, error);
        let mut file = match File::options().write(true).open(&self.unfinished) {
            Err(error) if error.kind() == IoKind::NotFound => {
                create_private_dir(self.directory())?;
                create_new(&self.unfinished).map_err(at)?
            }
            opened => opened.map_err(at)?,
        };
        // The file is longer only if there is a marker, which is no longer needed.
        file.set_len(offset).map_err(at)?;
        self.unmark()?;
        file.seek(SeekFrom::Start(offset)).map_err(at)?;
        Ok(file)
    }

    fn set_mark(&self, offset: u64) -> Result<()> {
        let marked = create_new(&self.mark).and_then(|mut mark| {
            mark.write_all(offset.to_string().as_bytes())?;
            mark.sync_all()
        });
        marked.map_err(|error| failed("write", &self.mark, error))
    }

    fn unmark(&self) -> Result<()> {
        match std::fs::remove_file(&self.mark) {
            Err(error) if error.kind() != IoKind::NotFound => Err(failed("remove", &self.mark, error)),
            _ => Ok(()),
        }
    }

    fn directory(&self) -> &Path {
        self.blob.parent().unwrap_or(Path::new("."))
    }
}

#[async_trait]
impl ResumableWriter for ResumableFile {
    fn offset(&self) -> u64 {
        self.offset
    }

    async fn all_or_nothing(&mut self) -> Result<()> {
        let (open, names, offset) = (self.take()?, self.names.clone(), self.offset);
        let opened = off_the_runtime(move || {
            let file = open()?;
            names.set_mark(offset)?;
            Ok(file)
        });
        self.stands = Stands::Open(opened.await?);
        Ok(())
    }

    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        let (open, path) = (self.take()?, self.names.unfinished.clone());
        let length = bytes.len() as u64;
        let written = off_the_runtime(move || {
            let mut file = open()?;
            file.write_all(&bytes).map_err(|error| failed("write", &path, error))?;
            Ok(file)
        });
        self.stands = Stands::Open(written.await?);
        self.offset += length;
        Ok(())
    }

    async fn suspend(mut self: Box<Self>) -> Result<u64> {
        if let Stands::Whole | Stands::Untouched = self.stands {
            return Ok(self.offset);
        }
        let (open, names) = (self.take()?, self.names.clone());
        off_the_runtime(move || {
            open()?.sync_all().map_err(|error| failed("write", &names.unfinished, error))?;
            names.unmark()
        })
        .await?;
        Ok(self.offset)
    }

    async fn finish(mut self: Box<Self>) -> Result<u64> {
        if let Stands::Whole = self.stands {
            return Ok(self.offset);
        }
        let (open, names) = (self.take()?, self.names.clone());
        off_the_runtime(move || {
            let file = open()?;
            file.sync_all().map_err(|error| failed("write", &names.unfinished, error))?;
            names.unmark()?;
            make_visible(&file, &names.unfinished, &names.blob).map_err(|error| failed("finish", &names.blob, error))
        })
        .await?;
        Ok(self.offset)
    }
}

fn beside(blob: &Path, ending: &str) -> PathBuf {
    let mut name = blob.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
