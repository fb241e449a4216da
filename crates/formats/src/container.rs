//! What an upload is packed in.

mod archive;
mod gzip;
mod meter;

use std::io::{self, Read, SeekFrom};

use rethread_model::{JobError, SliceSource, Vendor};

use crate::format::refusal;
use crate::people::{self, People};
use crate::plan::{Limits, PlanError, ReadSeek};

pub(crate) use archive::Archive;
pub(crate) use meter::{Fault, Meter, Watched};

/// How an upload is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zip,
}

impl Packing {
    /// Where slices of such an upload are found.
    pub(crate) const fn slice_source(self) -> SliceSource {
        match self {
            Self::Plain => SliceSource::Upload,
            Self::Gzip | Self::Zip => SliceSource::Own,
        }
    }
}

/// Tells the packing by the first bytes, and goes back to the start.
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

/// The documents of an upload, one after the other.
pub(crate) enum Documents<'u> {
    /// The upload itself, or what is in its gzip.
    One { upload: &'u mut dyn ReadSeek, packing: Packing, meter: Meter, is_taken: bool },
    /// The entries of a zip.
    Zip { archive: Archive<'u>, meter: Meter, next: usize },
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
        let meter = Meter::new(size_bytes, limits);
        Ok(match packing {
            Packing::Plain | Packing::Gzip => Self::One { upload, packing, meter, is_taken: false },
            Packing::Zip => Self::Zip { archive: Archive::open(upload, named)?, meter, next: 0 },
        })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::One { .. } => 1,
            Self::Zip { archive, .. } => archive.count(),
        }
    }

    /// The lists of users that stand beside the export in a zip. They count as read, like everything that is unpacked.
    pub(crate) fn people(&mut self) -> Result<People, PlanError> {
        let mut people = People::default();
        let Self::Zip { archive, meter, .. } = self else { return Ok(people) };
        let mut left = people::MOST_BYTES;
        for place in 0..archive.count() {
            let mut entry = meter.over(archive.entry(place)?);
            let mut table = Vec::new();
            // What is damaged is no list, or is one as far as it is whole; if it is the export, planning tells.
            tolerate(Read::take(&mut entry, people::PREFIX_BYTES).read_to_end(&mut table))?;
            if !People::is_list(&table) {
                continue;
            }
            tolerate(Read::take(&mut entry, left).read_to_end(&mut table))?;
            left = left.checked_sub(table.len() as u64).ok_or_else(|| PlanError::Refused(people::too_large()))?;
            people.add(&table);
        }
        Ok(people)
    }

    /// The next document.
    pub(crate) fn next(&mut self) -> Result<Option<Box<dyn Read + '_>>, PlanError> {
        match self {
            Self::One { is_taken: true, .. } => Ok(None),
            Self::One { upload, packing, meter, is_taken } => {
                *is_taken = true;
                let upload = Watched(&mut **upload);
                Ok(Some(match packing {
                    Packing::Gzip => Box::new(meter.over(gzip::Members::new(upload))),
                    _ => Box::new(upload),
                }))
            }
            Self::Zip { archive, meter, next } => {
                let index = *next;
                *next += 1;
                if index >= archive.count() {
                    return Ok(None);
                }
                Ok(Some(Box::new(meter.over(archive.entry(index)?))))
            }
        }
    }
}

/// What is in a beginning of a gzip, as far as it can be unpacked; at most so many bytes.
pub(crate) fn gzip_beginning(beginning: &[u8], most: usize) -> Vec<u8> {
    let mut unpacked = Vec::new();
    // What breaks off is kept.
    let _ = gzip::Members::new(beginning).take(most as u64).read_to_end(&mut unpacked);
    unpacked
}

/// What `wanted` makes of the first file in a beginning of a zip that it makes something of. It is shown at most so many
/// bytes of each.
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

/// Passes over damage in the packing; trouble with the upload is an error.
fn tolerate(read: io::Result<usize>) -> Result<(), PlanError> {
    match read {
        Ok(_) => Ok(()),
        Err(error) => PlanError::behind(error).map_or_else(|_| Ok(()), Err),
    }
}

/// The refusal of an upload that unpacks to far more than an export would.
pub(crate) fn bomb() -> JobError {
    let message = "The file unpacks to far more than any export would, so it was not read. If it is a real export, unpack \
                   it and upload the unpacked file, or ask the operators to raise the limit.";
    refusal("bomb", message, None)
}
