//! Unpacks uploads.

mod archive;
mod encoding;
mod gzip;
mod meter;
mod refusals;

use std::io::{self, Read, SeekFrom};

use encoding_rs::Encoding;
use rethread_model::{SliceSource, Vendor};

use self::encoding::Evidence;
use crate::error::PlanError;
use crate::input::{Limits, ReadSeek};
use crate::people::{self, People};

pub(crate) use archive::Archive;
pub(crate) use encoding::{Transcoded, beginning};
pub(crate) use meter::{Fault, Meter, Watched};
pub(crate) use refusals::damaged_archive;

/// How an upload is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zip,
}

impl Packing {
    /// Where the slices of such an upload are stored.
    pub(crate) const fn slice_source(self) -> SliceSource {
        match self {
            Self::Plain => SliceSource::Upload,
            Self::Gzip | Self::Zip => SliceSource::Own,
        }
    }
}

/// Detects the packing from the first bytes, then rewinds.
pub(crate) fn sniff(upload: &mut dyn ReadSeek) -> io::Result<Packing> {
    let mut magic = Vec::with_capacity(4);
    upload.seek(SeekFrom::Start(0))?;
    Read::take(&mut *upload, 4).read_to_end(&mut magic)?;
    upload.seek(SeekFrom::Start(0))?;
    Ok(match magic.as_slice() {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        b"PK\x03\x04" | b"PK\x05\x06" | b"PK\x07\x08" => Packing::Zip,
        _ => Packing::Plain,
    })
}

/// The encoding is detected from this many bytes at a document's start.
const ENCODING_BYTES: u64 = 64 * 1024;

/// The documents of an upload.
pub(crate) struct Documents<'u> {
    source: Source<'u>,
    meter: Meter,
}

enum Source<'u> {
    /// The upload itself, or the content of its gzip.
    One { upload: &'u mut dyn ReadSeek, packing: Packing },
    /// The entries of a zip.
    Zip(Archive<'u>),
}

/// The lists of users of an upload.
pub(crate) struct FoundPeople {
    pub people: People,
    /// Whether a list does not match its checksum.
    pub is_altered: bool,
}

impl<'u> Documents<'u> {
    /// Opens an upload.
    pub(crate) fn open(
        upload: &'u mut dyn ReadSeek,
        packing: Packing,
        size_bytes: u64,
        named: Option<Vendor>,
        limits: &Limits,
    ) -> Result<Self, PlanError> {
        let source = match packing {
            Packing::Plain | Packing::Gzip => Source::One { upload, packing },
            Packing::Zip => Source::Zip(Archive::open(upload, named)?),
        };
        Ok(Self { source, meter: Meter::new(size_bytes, limits) })
    }

    /// The number of documents.
    pub(crate) fn count(&self) -> usize {
        match &self.source {
            Source::One { .. } => 1,
            Source::Zip(archive) => archive.count(),
        }
    }

    /// The user lists that stand beside the export in a zip. They count towards the unpacked bytes.
    pub(crate) fn people(&mut self) -> Result<FoundPeople, PlanError> {
        let mut found = FoundPeople { people: People::default(), is_altered: false };
        let Source::Zip(archive) = &mut self.source else { return Ok(found) };
        let mut left = people::MOST_BYTES;
        for place in 0..archive.count() {
            let mut entry = self.meter.over(archive.entry(place)?);
            let mut table = Vec::new();
            let is_beginning_whole = tolerate(Read::take(&mut entry, people::PREFIX_BYTES).read_to_end(&mut table))?;
            // A damaged file is either no list or a partly readable one. If it is the export,
            // planning reports the damage.
            if !People::is_list(&table) {
                continue;
            }
            let is_rest_whole = tolerate(Read::take(&mut entry, left).read_to_end(&mut table))?;
            found.is_altered |= !(is_beginning_whole && is_rest_whole);
            left = left.checked_sub(table.len() as u64).ok_or_else(|| PlanError::Refused(people::too_large()))?;
            found.people.add(&table);
        }
        Ok(found)
    }

    /// The encoding of a document (by its index, from 0); `None` for UTF-8. If its declaration
    /// names another encoding, the whole document is read, because valid UTF-8 is UTF-8 whatever is
    /// declared.
    pub(crate) fn encoding(&mut self, place: usize) -> Result<Option<&'static Encoding>, PlanError> {
        let unpacked = self.meter.unpacked();
        let mut beginning = Vec::new();
        tolerate(self.raw(place)?.take(ENCODING_BYTES).read_to_end(&mut beginning))?;
        let encoding = match encoding::evidence(&beginning) {
            Evidence::Sure(encoding) => Some(encoding),
            Evidence::Utf32 => return Err(PlanError::Refused(refusals::utf32())),
            Evidence::Nothing => None,
            Evidence::Declared(encoding) => {
                // The second read must not count twice.
                self.meter.go_back(unpacked);
                let is_utf8 = match encoding::is_utf8(&mut *self.raw(place)?, encoding) {
                    Ok(is_utf8) => is_utf8,
                    // Damage does not matter here: the readable part decides.
                    Err(error) => match PlanError::behind(error) {
                        Ok(error) => return Err(error),
                        Err(_) => true,
                    },
                };
                (!is_utf8).then_some(encoding)
            }
        };
        self.meter.go_back(unpacked);
        Ok(encoding)
    }

    /// A document, by its index, as UTF-8 text.
    pub(crate) fn document(
        &mut self,
        place: usize,
        encoding: Option<&'static Encoding>,
    ) -> Result<Transcoded<Box<dyn Read + '_>>, PlanError> {
        Ok(Transcoded::new(self.raw(place)?, encoding))
    }

    /// The raw bytes of a document, from its start.
    fn raw(&mut self, place: usize) -> Result<Box<dyn Read + '_>, PlanError> {
        let Self { source, meter } = self;
        Ok(match source {
            Source::One { upload, packing } => {
                upload.seek(SeekFrom::Start(0))?;
                let upload = Watched(&mut **upload);
                match packing {
                    Packing::Gzip => Box::new(meter.over(gzip::Members::new(upload))),
                    Packing::Plain | Packing::Zip => Box::new(upload),
                }
            }
            Source::Zip(archive) => Box::new(meter.over(archive.entry(place)?)),
        })
    }
}

/// The content of a truncated gzip, as far as it can be unpacked, at most `most` bytes.
pub(crate) fn gzip_beginning(beginning: &[u8], most: usize) -> Vec<u8> {
    let mut unpacked = Vec::new();
    // What was unpacked before an error is kept.
    let _ = gzip::Members::new(beginning).take(most as u64).read_to_end(&mut unpacked);
    unpacked
}

/// The first result of `wanted` for a file in a truncated zip. It sees at most `most` bytes of each
/// file.
pub(crate) fn zip_beginnings<T>(mut beginning: &[u8], most: usize, wanted: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    while let Ok(Some(entry)) = zip::read::read_zipfile_from_stream(&mut beginning) {
        let mut unpacked = Vec::new();
        let _ = entry.take(most as u64).read_to_end(&mut unpacked);
        if let Some(found) = wanted(&unpacked) {
            return Some(found);
        }
    }
    None
}

/// Ignores damage in the packing, but returns I/O errors of the upload. `true` if there was no
/// damage apart from a missing end.
fn tolerate(read: io::Result<usize>) -> Result<bool, PlanError> {
    match read {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(true),
        Err(error) => PlanError::behind(error).map_or_else(|_| Ok(false), Err),
    }
}
