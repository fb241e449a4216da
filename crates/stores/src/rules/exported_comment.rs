//! How a stored comment is read for an export.

use rethread_model::{CommentDetails, ExportedAuthor, ExportedComment, SafeHtml, Scope, Signature, Status, TextKind};

use super::comment_details;
use super::comment_rows::current_status;
use super::signature::shown_columns;
use crate::Result;
use crate::stored_value::{from_micros, word};

/// The columns of [`ExportedRow`], in the order of its fields. `comments` is the alias of the
/// comment's row, joined as by
/// [`join_author_and_parent`](super::comment_rows::join_author_and_parent).
#[must_use]
pub fn exported_columns(comments: &str) -> String {
    format!(
        "{comments}.source_id, parents.source_id, {comments}.parent, {comments}.created_at, {comments}.edited_at, \
         {status}, {comments}.text, {comments}.text_kind, {comments}.html, authors.key, {shown}, authors.email, \
         authors.moderator, {details}",
        status = current_status(comments),
        shown = shown_columns(comments),
        details = comment_details::selected(comments),
    )
}

/// A row with these columns.
#[derive(Debug)]
pub struct ExportedRow<'r> {
    /// The vendor's id.
    pub source_id: String,
    /// The vendor's id of the parent that it was linked to.
    pub linked_parent: Option<&'r str>,
    /// The vendor's id of the parent that the file names.
    pub named_parent: Option<String>,
    /// When it was written, in microseconds since 1970.
    pub created_at: Option<i64>,
    /// When it was last edited.
    pub edited_at: Option<i64>,
    /// The word of its current status.
    pub status: &'r str,
    /// The text.
    pub text: String,
    /// The word of the format of the text.
    pub text_kind: &'r str,
    /// Sanitised HTML.
    pub html: String,
    /// The key of its author; `None` for guests and unknown authors.
    pub author_key: Option<String>,
    /// The name, link and picture that it shows.
    pub shown: Signature,
    /// The author's e-mail address.
    pub email: Option<String>,
    /// Whether the vendor marks the author as a moderator.
    pub moderator: Option<bool>,
    /// What else is stored about it.
    pub details: CommentDetails,
}

impl ExportedRow<'_> {
    /// The comment. A tombstone has no author.
    #[expect(clippy::disallowed_methods, reason = "a store gives back the HTML that it was given")]
    pub fn into_comment(self, scope: &Scope) -> Result<ExportedComment> {
        let status = word("status", Status::from_word(self.status))?;
        let author = match status {
            Status::Deleted => ExportedAuthor::Nobody,
            _ => author(scope, self.author_key, self.shown, self.email, self.moderator),
        };
        Ok(ExportedComment {
            id: scope.comment_id(&self.source_id),
            source_id: self.source_id,
            parent: self.linked_parent.map(|parent| scope.comment_id(parent)),
            parent_source_id: self.named_parent,
            author,
            created_at: from_micros(self.created_at)?,
            edited_at: from_micros(self.edited_at)?,
            status,
            text: self.text,
            text_kind: word("text kind", TextKind::from_word(self.text_kind))?,
            html: SafeHtml::assume_sanitised(self.html),
            details: self.details,
        })
    }
}

fn author(
    scope: &Scope,
    key: Option<String>,
    shown: Signature,
    email: Option<String>,
    moderator: Option<bool>,
) -> ExportedAuthor {
    let is_empty = shown.is_empty();
    let Signature { name, link, avatar } = shown;
    match key {
        Some(key) => ExportedAuthor::Known { id: scope.author_id(&key), key, name, email, link, avatar, moderator },
        // A guest without any data is stored like a comment without an author.
        None if is_empty => ExportedAuthor::Nobody,
        None => ExportedAuthor::Guest { name, link, avatar },
    }
}
