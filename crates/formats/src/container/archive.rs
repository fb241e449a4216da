//! zip with one or more documents.

use std::io::Read;

use rethread_model::{JobError, Vendor};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Fault, Watched};
use crate::detect;
use crate::format::refusal;
use crate::plan::{PlanError, ReadSeek};

/// More entries than any export has.
const MOST_ENTRIES: usize = 10_000;

/// A zip and the entries in it that are read, in the order of their names.
pub(crate) struct Archive<'u> {
    zip: ZipArchive<Watched<'u>>,
    entries: Vec<usize>,
}

impl<'u> Archive<'u> {
    /// Opens a zip; refuses one that holds nothing to read.
    pub(super) fn open(upload: &'u mut dyn ReadSeek, named: Option<Vendor>) -> Result<Self, PlanError> {
        let mut zip = ZipArchive::new(Watched(upload)).map_err(failure)?;
        if zip.len() > MOST_ENTRIES {
            return Err(PlanError::Refused(refusal("damaged", "The zip holds more files than any export does.", None)));
        }
        let mut entries: Vec<(String, usize)> = Vec::new();
        for index in 0..zip.len() {
            let entry = zip.by_index_raw(index).map_err(failure)?;
            let name = entry.name().map_err(failure)?.into_owned();
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

    /// The content of an entry, by its place in the order of names.
    pub(super) fn entry(&mut self, place: usize) -> Result<impl Read + '_, PlanError> {
        let index = self.entries[place];
        self.zip.by_index(index).map_err(failure)
    }
}

/// What systems add of their own.
fn is_clutter(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.starts_with("__MACOSX/") || file.is_empty() || file.starts_with('.') || file.eq_ignore_ascii_case("thumbs.db")
}

fn failure(error: ZipError) -> PlanError {
    match error {
        ZipError::Io(error) => match Fault::behind(error) {
            Ok(Fault::Upload(error)) => PlanError::Io(error),
            Ok(Fault::Bomb) => PlanError::Refused(super::bomb()),
            Err(_) => PlanError::Refused(damaged()),
        },
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            let message =
                "The zip is packed in a way that is not read here. Unpack it and upload the file that is in it.";
            PlanError::Refused(refusal("unsupported_zip", message, None))
        }
        _ => PlanError::Refused(damaged()),
    }
}

fn damaged() -> JobError {
    let message = "The zip is damaged or was cut off, so that the list of its files is missing. Download the export again \
                   and upload it as it comes.";
    refusal("truncated", message, None)
}
