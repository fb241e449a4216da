//! An export as a job: the request and the result.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::{ExportFilter, ExportFormat, ExportTally, Revision, Timestamp};

/// The options of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportOptions {
    /// The format of the file.
    pub format: ExportFormat,
    /// Whether the file is compressed with gzip.
    #[serde(default)]
    pub gzip: bool,
    /// Which comments; all if absent.
    #[serde(default, deserialize_with = "of_object")]
    pub filter: ExportFilter,
}

/// Otherwise serde would accept an array instead of an object.
fn of_object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ExportFilter, D::Error> {
    let object = Map::deserialize(deserializer)?;
    ExportFilter::deserialize(Value::Object(object)).map_err(D::Error::custom)
}

impl ExportOptions {
    /// The file extension, without the leading dot: `csv`, `xml.gz`.
    #[must_use]
    pub fn extension(&self) -> String {
        let extension = self.format.extension();
        if self.gzip { format!("{extension}.gz") } else { extension.to_owned() }
    }

    /// The media type of the file.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        if self.gzip { "application/gzip" } else { self.format.media_type() }
    }
}

/// What an export has written so far, or in total.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportResult {
    /// The revision that the job got when a worker last started to write. It names the blob, and
    /// reports of workers that started earlier are ignored.
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub begun_at: Revision,
    /// The content of the file, and what its format could not hold.
    pub tally: ExportTally,
    /// Size of the file so far, in bytes.
    pub bytes: u64,
    /// The file, once it is complete.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub file: Option<ExportFile>,
}

/// The file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportFile {
    /// SHA-256 of the file in hexadecimal.
    pub sha256: String,
    /// When it will be deleted.
    pub expires_at: Timestamp,
    /// When it was deleted.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub deleted_at: Option<Timestamp>,
}
