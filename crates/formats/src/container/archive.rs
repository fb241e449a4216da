//! Zip files with one or more documents.

use std::io::{self, Read, SeekFrom};

use rethread_model::{JobError, Vendor};
use rethread_vendors::refusal;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::{Fault, Watched};
use crate::detect;
use crate::error::PlanError;
use crate::input::ReadSeek;

/// No export has more entries.
const MOST_ENTRIES: usize = 10_000;

/// The record at the end of a zip, including its comment, lies within this many bytes of the end.
const END_RECORD_BYTES: u64 = 22 + 65_535;

/// A zip and its relevant entries, ordered by name.
pub(crate) struct Archive<'u> {
    zip: ZipArchive<Watched<'u>>,
    entries: Vec<usize>,
}

impl<'u> Archive<'u> {
    /// Opens a zip; refuses one that holds no readable document.
    pub(super) fn open(upload: &'u mut dyn ReadSeek, named: Option<Vendor>) -> Result<Self, PlanError> {
        let has_end = has_end_record(upload)?;
        let mut zip = ZipArchive::new(Watched(upload)).map_err(|error| failure(error, has_end))?;
        if zip.len() > MOST_ENTRIES {
            return Err(PlanError::Refused(refusal("damaged", "The zip holds more files than any export does.", None)));
        }
        let mut entries: Vec<(String, usize)> = Vec::new();
        for index in 0..zip.len() {
            let entry = zip.by_index_raw(index).map_err(|error| failure(error, true))?;
            let name = entry.name().map_err(|error| failure(error, true))?.into_owned();
            if name.starts_with("xl/") || name.starts_with("word/") || name == "content.xml" {
                let what = if name.starts_with("xl/") { "a spreadsheet" } else { "an Office document" };
                return Err(PlanError::Refused(detect::not_a_zip_of_exports(what, named)));
            }
            if entry.is_dir() || is_clutter(&name) {
                continue;
            }
            if entry.encrypted() {
                let message = "The zip is protected by a password. Unpack it and upload the file that is in it.";
                return Err(PlanError::Refused(refusal("encrypted", message, None)));
            }
            if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
                return Err(PlanError::Refused(unsupported()));
            }
            entries.push((name, index));
        }
        if entries.is_empty() {
            let message = "There is no file in the zip. Export again and upload the new file.";
            return Err(PlanError::Refused(refusal("empty", message, None)));
        }
        entries.sort();
        Ok(Self { zip, entries: entries.into_iter().map(|(_, index)| index).collect() })
    }

    pub(super) fn count(&self) -> usize {
        self.entries.len()
    }

    /// The content of an entry, by its index in the order of names.
    pub(super) fn entry(&mut self, place: usize) -> Result<impl Read + '_, PlanError> {
        let index = self.entries[place];
        let entry = self.zip.by_index(index).map_err(|error| failure(error, true))?;
        let size = entry.size();
        Ok(Checked { entry, size, read: 0 })
    }
}

/// An entry whose length is checked as well as its checksum. The central directory states the
/// length, so any difference means that the archive was altered.
struct Checked<R> {
    entry: R,
    size: u64,
    read: u64,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let altered =
            || io::Error::new(io::ErrorKind::InvalidData, "a file of the zip is not as its list of files says");
        let length = match self.entry.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(altered()),
            read => read?,
        };
        self.read += length as u64;
        let is_wrong = self.read > self.size || length == 0 && !buffer.is_empty() && self.read < self.size;
        if is_wrong { Err(altered()) } else { Ok(length) }
    }
}

/// Whether the zip has its end record; without it, the zip was cut off.
fn has_end_record(upload: &mut dyn ReadSeek) -> io::Result<bool> {
    let size = upload.seek(SeekFrom::End(0))?;
    upload.seek(SeekFrom::Start(size.saturating_sub(END_RECORD_BYTES)))?;
    let mut end = Vec::new();
    Read::take(&mut *upload, END_RECORD_BYTES).read_to_end(&mut end)?;
    upload.seek(SeekFrom::Start(0))?;
    Ok(memchr::memmem::rfind(&end, b"PK\x05\x06").is_some())
}

/// Whether the entry is clutter that operating systems add.
fn is_clutter(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.starts_with("__MACOSX/") || file.is_empty() || file.starts_with('.') || file.eq_ignore_ascii_case("thumbs.db")
}

fn failure(error: ZipError, has_end: bool) -> PlanError {
    match error {
        ZipError::Io(error) => match Fault::behind(error) {
            Ok(Fault::Upload(error)) => PlanError::Io(error),
            Ok(Fault::Bomb) => PlanError::Refused(super::refusals::bomb()),
            Err(_) => PlanError::Refused(unreadable(has_end)),
        },
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            PlanError::Refused(unsupported())
        }
        _ => PlanError::Refused(unreadable(has_end)),
    }
}

fn unsupported() -> JobError {
    let message = "The zip is packed in a way that is not read here. Unpack it and upload the file that is in it.";
    refusal("unsupported_zip", message, None)
}

/// The refusal of a zip whose central directory cannot be read.
fn unreadable(has_end: bool) -> JobError {
    if has_end {
        let message = "The zip is damaged, so that the list of its files cannot be read. Nothing was imported. Download the \
                       export again and upload it as it comes.";
        return refusal("damaged_archive", message, None);
    }
    let message = "The zip was cut off, so that the list of its files is missing. Download the export again and upload it \
                   as it comes.";
    refusal("truncated", message, None)
}
