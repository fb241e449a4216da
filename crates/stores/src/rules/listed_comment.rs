//! How a stored comment is read for a list, or alone.

use rethread_model::{AccountId, Origin, SafeHtml, Scope, Status, TextKind};

use super::comment_cursor::CommentCursor;
use super::comment_rows::{current_status, join_author_and_parent};
use super::signature::shown_columns;
use crate::stored_value::{from_micros, text_of, word};
use crate::{Result, StoredAuthor, StoredComment};

/// How much of a comment is read.
#[derive(Debug, Clone, Copy)]
pub enum Extent {
    /// All of it.
    Whole,
    /// At most the first [`StoredComment::LISTED_BYTES`] characters of text, and no longer HTML.
    Beginnings,
}

/// The expressions of a query for the text, the HTML, and whether either was cut.
pub type TextColumns = [String; 3];

/// The expressions that read a whole comment.
#[must_use]
pub fn whole_texts() -> TextColumns {
    ["comments.text", "comments.html", "FALSE"].map(str::to_owned)
}

/// Selects the columns of [`ListedComment`], in the order of its fields, of the comments in the
/// common table `shown`, whose definition `shown` is. It has the columns `time` and `no` of
/// [`CommentCursor`].
#[must_use]
pub fn select_comments(shown: &str, [text, html, truncated]: &TextColumns) -> String {
    format!(
        "WITH {shown} \
         SELECT shown.time, shown.no, origins.vendor, origins.origin, threads.source_id, comments.source_id, \
           parents.source_id, {status}, comments.created_at, {text}, comments.text_kind, {html}, \
           coalesce(comments.score, coalesce(comments.votes_up, 0) - comments.votes_down, comments.votes_up), \
           {shown_author}, authors.email, comments.local_status IS NOT NULL, {truncated} \
         FROM shown JOIN comments ON comments.no = shown.no \
           JOIN threads ON threads.no = comments.thread_no \
           JOIN origins ON origins.no = comments.origin_no \
           {author_and_parent} \
         ORDER BY shown.time, shown.no",
        status = current_status("comments"),
        shown_author = shown_columns("comments"),
        author_and_parent = join_author_and_parent("comments"),
    )
}

/// A row of [`select_comments`].
#[derive(Debug)]
pub struct ListedComment<'r> {
    /// Its time as a cursor has it.
    pub time: i64,
    /// Its number in the store.
    pub no: i64,
    /// The word of the vendor.
    pub vendor: &'r str,
    /// The site at the vendor.
    pub origin: String,
    /// The vendor's id of the thread.
    pub thread: &'r str,
    /// The vendor's id.
    pub source_id: String,
    /// The vendor's id of the parent that it was linked to.
    pub parent: Option<&'r str>,
    /// The word of its current status.
    pub status: &'r str,
    /// When it was written, in microseconds since 1970.
    pub created_at: Option<i64>,
    /// The text, perhaps cut.
    pub text: String,
    /// The word of the format of the text.
    pub text_kind: &'r str,
    /// Sanitised HTML; empty if it was too long.
    pub html: String,
    /// Net votes.
    pub score: Option<i64>,
    /// Who wrote it: the columns of the name, the link, the picture and the e-mail address.
    pub author: StoredAuthor,
    /// Whether its status was changed here.
    pub changed_here: bool,
    /// Whether text or HTML were cut.
    pub truncated: bool,
}

impl ListedComment<'_> {
    /// The comment. A tombstone has no author.
    #[expect(clippy::disallowed_methods, reason = "a store gives back the HTML that it was given")]
    pub fn into_comment(self, account: &AccountId) -> Result<StoredComment> {
        let (vendor, origin) = (text_of("vendor", self.vendor)?, Origin::new(self.origin));
        let scope = Scope { account: account.clone(), vendor, origin };
        let status = word("status", Status::from_word(self.status))?;
        Ok(StoredComment {
            cursor: CommentCursor { time: self.time, no: self.no }.to_string(),
            id: scope.comment_id(&self.source_id),
            thread: scope.thread_id(self.thread),
            parent: self.parent.map(|parent| scope.comment_id(parent)),
            vendor: scope.vendor,
            origin: scope.origin.as_str().to_owned(),
            source_id: self.source_id,
            author: (status != Status::Deleted).then_some(self.author),
            created_at: from_micros(self.created_at)?,
            status,
            text: self.text,
            text_kind: word("text kind", TextKind::from_word(self.text_kind))?,
            html: SafeHtml::assume_sanitised(self.html),
            score: self.score,
            changed_here: self.changed_here,
            truncated: self.truncated,
        })
    }
}
