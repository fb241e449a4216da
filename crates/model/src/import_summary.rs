//! What is found out when everything of a file was written.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What the end of an import found out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportSummary {
    /// Pages with comments of this import's origin (in a dry run: that there would be, counting this file's alone).
    pub pages: i64,
    /// Comments of the origin that are stored and not in the file; `None` where not all of a whole file was read, so that
    /// nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<i64>,
    /// Pages on which conversations of this file with different addresses came together.
    pub merged_pages: i64,
    /// The first [`ImportSummary::MERGED`] of them, by key.
    pub merged: Vec<MergedPage>,
    /// Time of the earliest comment that was read, of those that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_comment_at: Option<Timestamp>,
    /// Time of the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_comment_at: Option<Timestamp>,
}

impl ImportSummary {
    /// Most pages in [`ImportSummary::merged`].
    pub const MERGED: usize = 100;
}

/// A page and the addresses under which the file has it: with `http` and `https`, with and without `www.`, with
/// different tracking parameters, or brought together by mapping rules. Not personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergedPage {
    /// The page's key.
    pub url_id: String,
    /// The first 20 of its addresses, in alphabetical order; at least two.
    pub urls: Vec<String>,
}

impl MergedPage {
    /// Most addresses in [`MergedPage::urls`].
    pub const URLS: usize = 20;
}
