//! The content of an export, between the store that yields it and the writer of a format.

mod loss;
mod result;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use loss::{ExportTally, Loss, UnknownLoss};
pub use result::{ExportFile, ExportOptions, ExportResult};

use crate::{
    AuthorId, CommentDetails, CommentId, Origin, PageId, SafeHtml, Status, TextKind, Thread, Timestamp, Vendor,
};

/// A format that comments are exported in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// A table, one row per comment.
    Csv,
    /// JSON Lines with everything that is stored: nothing is lost.
    Jsonl,
    /// WXR 1.2, as WordPress's importer reads it.
    WordPress,
    /// Commento's JSON, version 1.
    Commento,
    /// XML in the shape of Disqus's export.
    Disqus,
}

impl ExportFormat {
    /// All formats, in display order.
    pub const ALL: [Self; 5] = [Self::Csv, Self::Jsonl, Self::WordPress, Self::Commento, Self::Disqus];

    /// The word used on the command line and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::WordPress => "wordpress",
            Self::Commento => "commento",
            Self::Disqus => "disqus",
        }
    }

    /// The file extension, without a dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::WordPress | Self::Disqus => "xml",
            Self::Commento => "json",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Jsonl => "application/jsonl",
            Self::WordPress => "application/rss+xml",
            Self::Commento => "application/json",
            Self::Disqus => "application/xml",
        }
    }
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word does not name a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a format of exports; use one of csv, jsonl, wordpress, commento, disqus")]
pub struct UnknownFormat(pub String);

impl FromStr for ExportFormat {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.as_str() == word).ok_or_else(|| UnknownFormat(word.to_owned()))
    }
}

/// Which of an account's comments are exported. The default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ExportFilter {
    /// Only those of the page with this key.
    pub page: Option<String>,
    /// Only those of this vendor.
    pub vendor: Option<Vendor>,
    /// Only those of origins with this name.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub origin: Option<Origin>,
    /// Only those of this time or later. Comments without a time are left out.
    pub from: Option<Timestamp>,
    /// Only those before this time. Comments without a time are left out.
    pub until: Option<Timestamp>,
    /// Only those with one of these statuses; all if empty.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Status>))]
    pub status: BTreeSet<Status>,
}

impl ExportFilter {
    /// Whether a comment with this time and status is exported, according to these criteria alone.
    #[must_use]
    pub fn admits(&self, created_at: Option<Timestamp>, status: Status) -> bool {
        let is_in_time = match created_at {
            Some(time) => self.from.is_none_or(|from| from <= time) && self.until.is_none_or(|until| time < until),
            None => self.from.is_none() && self.until.is_none(),
        };
        is_in_time && (self.status.is_empty() || self.status.contains(&status))
    }
}

/// What a store yields for an export. For each page with comments, by key: the page; then for each
/// of its threads the thread, followed by its comments, oldest first, those without a time last.
/// Every page and thread has at least one comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exported {
    /// A page; its threads follow.
    Page(ExportedPage),
    /// A thread of the last page; its comments follow.
    Thread(ExportedThread),
    /// A comment on the last thread.
    Comment(Box<ExportedComment>),
}

/// A page that shows threads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedPage {
    /// Its id.
    pub id: PageId,
    /// Its key.
    pub url_id: String,
    /// Its address, from one of its threads.
    pub url: Option<String>,
    /// Its title, plain text.
    pub title: Option<String>,
}

/// A thread and its origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedThread {
    /// The system.
    pub vendor: Vendor,
    /// The site at the vendor.
    pub origin: Origin,
    /// The vendor's thread. Its `url_id` is the vendor's, which differs from its page's after a
    /// move.
    #[serde(flatten)]
    pub thread: Thread,
}

/// The author of an exported comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ExportedAuthor {
    /// A person known to the vendor.
    Known {
        /// The id.
        id: AuthorId,
        /// See [`crate::Author::key`].
        key: String,
        /// Display name, as the comment was signed.
        name: Option<String>,
        /// E-mail address.
        email: Option<String>,
        /// The author's own site, as given with the comment.
        link: Option<String>,
        /// Address of a picture, as given with the comment.
        avatar: Option<String>,
        /// Whether the vendor marks them as a moderator.
        moderator: Option<bool>,
    },
    /// The author of this comment only.
    Guest {
        /// Display name.
        name: Option<String>,
        /// The guest's own site.
        link: Option<String>,
        /// Address of a picture.
        avatar: Option<String>,
    },
    /// Unknown.
    Nobody,
}

/// A comment in its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedComment {
    /// Its id.
    pub id: CommentId,
    /// The vendor's id.
    pub source_id: String,
    /// Its parent: a comment on the same thread, without cycles. With a filter, the parent may not
    /// be in the export.
    pub parent: Option<CommentId>,
    /// The vendor's id of its parent, as the file states it, whether or not that comment exists.
    pub parent_source_id: Option<String>,
    /// Its author.
    pub author: ExportedAuthor,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// Its current status: as imported, or as changed since.
    pub status: Status,
    /// The text as the vendor has it.
    pub text: String,
    /// The markup language of `text`.
    pub text_kind: TextKind,
    /// `text`, sanitised.
    pub html: SafeHtml,
    /// What else is stored about it.
    pub details: CommentDetails,
}

impl ExportedComment {
    /// An approved comment with these ids, and nothing else.
    #[must_use]
    pub fn new(id: CommentId, source_id: impl Into<String>) -> Self {
        Self {
            id,
            source_id: source_id.into(),
            parent: None,
            parent_source_id: None,
            author: ExportedAuthor::Nobody,
            created_at: None,
            edited_at: None,
            status: Status::Approved,
            text: String::new(),
            text_kind: TextKind::Html,
            html: SafeHtml::default(),
            details: CommentDetails::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(second).ok()
    }

    #[test]
    fn words_of_formats_name_them() {
        for format in ExportFormat::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
        assert_eq!("xlsx".parse::<ExportFormat>(), Err(UnknownFormat("xlsx".to_owned())));
    }

    #[test]
    fn a_filter_goes_by_time_and_status() {
        let all = ExportFilter::default();
        assert!(all.admits(None, Status::Spam));
        let some = ExportFilter { from: at(10), until: at(20), status: [Status::Approved].into(), ..all };
        assert!(some.admits(at(10), Status::Approved));
        assert!(!some.admits(at(20), Status::Approved), "the end is not part of it");
        assert!(!some.admits(at(9), Status::Approved));
        assert!(!some.admits(None, Status::Approved));
        assert!(!some.admits(at(10), Status::Pending));
    }
}
