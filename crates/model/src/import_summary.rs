//! What is known once everything in a file was written.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The findings at the end of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportSummary {
    /// Pages with comments of this import's origin (in a dry run: pages that there would be,
    /// counting this file only).
    pub pages: i64,
    /// Comments of the origin that are stored but not in the file; `None` if the file was not read
    /// completely, so that the number is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<i64>,
    /// Pages on which conversations of this file with different addresses were merged.
    pub merged_pages: i64,
    /// The first [`ImportSummary::MERGED`] of them, by key.
    pub merged: Vec<MergedPage>,
    /// Time of the earliest comment read, among those with a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_comment_at: Option<Timestamp>,
    /// Time of the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_comment_at: Option<Timestamp>,
}

impl ImportSummary {
    /// Maximum number of pages in [`ImportSummary::merged`].
    pub const MERGED: usize = 100;
}

/// A page and its addresses in the file: with `http` and `https`, with and without `www.`, with
/// different tracking parameters, or merged by mapping rules. Not personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergedPage {
    /// The page's key.
    pub url_id: String,
    /// The first 20 of its addresses, in alphabetical order; at least two.
    pub urls: Vec<String>,
}

impl MergedPage {
    /// Maximum number of addresses in [`MergedPage::urls`].
    pub const URLS: usize = 20;
}
