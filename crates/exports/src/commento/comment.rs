//! Writes comments.

use std::borrow::Cow;

use rethread_model::{ExportedAuthor, ExportedComment, Loss, Status, TextKind, Timestamp};
use rethread_syntax::text::without_forbidden;
use serde::Serialize;

use super::person::{self, Who};
use super::place::{Place, hex, kept};
use crate::count::Count;
use crate::hold::has;
use crate::{markup, timestamp};

/// The parent of top-level comments.
const ROOT: &str = "root";

/// The text that Commento leaves in a deleted comment.
const DELETED: &str = "[deleted]";

/// Go's zero time, which means none.
pub(super) const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// A comment, with the fields in Commento's order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Comment<'a> {
    #[serde(rename = "commentHex")]
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'a str>,
    url: &'a str,
    #[serde(rename = "commenterHex")]
    author: Cow<'a, str>,
    markdown: Cow<'a, str>,
    /// Commento's exporter leaves it empty.
    html: &'static str,
    parent_hex: String,
    score: i64,
    state: &'static str,
    creation_date: String,
    direction: i64,
    deleted: bool,
}

impl<'a> Comment<'a> {
    /// The comment at this place. Counts it and its losses.
    pub(super) fn of(comment: &'a ExportedComment, place: &Place<'a>, who: Who, count: &mut Count) -> Self {
        let own_id = kept(place.vendor, &comment.source_id);
        let (markdown, has_dropped) = without_forbidden(markdown(comment, &who.hex));
        count.comment(comment);
        count.lose(Loss::SourceId, own_id.is_none());
        count.lose(Loss::CreatedAt, comment.created_at.is_some() && timestamp::writable(comment.created_at).is_none());
        count.lose(Loss::AuthorKey, who.loses_key);
        count.lose(Loss::Email, who.loses_email);
        count.lose(Loss::TypedText, comment.status != Status::Deleted && markdown != comment.text && !has_dropped);
        count.lose(Loss::Votes, has::votes(comment));
        count.lose(Loss::ControlCharacters, has_dropped);
        Self {
            id: own_id.unwrap_or_else(|| hex(comment.id.as_uuid().as_u128())),
            domain: place.domain,
            url: place.path,
            author: who.hex,
            markdown,
            html: "",
            parent_hex: parent(comment, place),
            score: score(comment),
            state: state(comment.status),
            creation_date: time(comment.created_at),
            direction: 0,
            deleted: comment.status == Status::Deleted,
        }
    }
}

/// Markdown as typed. Other text is written as displayable HTML, in a block of HTML. So is Markdown
/// of an unnamed author that readers would mistake for a deleted comment, because Commento's files
/// mark deletion in no other way.
fn markdown<'a>(comment: &'a ExportedComment, commenter: &str) -> Cow<'a, str> {
    if comment.status == Status::Deleted {
        return Cow::Borrowed(DELETED);
    }
    let looks_deleted =
        commenter == person::ANONYMOUS && without_forbidden(Cow::Borrowed(&comment.text)).0.trim() == DELETED;
    if comment.text_kind == TextKind::Markdown && !looks_deleted {
        Cow::Borrowed(&comment.text)
    } else {
        Cow::Owned(markup::in_markdown(&comment.html))
    }
}

fn parent(comment: &ExportedComment, place: &Place<'_>) -> String {
    let Some(parent) = comment.parent else { return ROOT.to_owned() };
    let kept = comment.parent_source_id.as_deref().and_then(|id| kept(place.vendor, id));
    kept.unwrap_or_else(|| hex(parent.as_uuid().as_u128()))
}

/// Net votes.
fn score(comment: &ExportedComment) -> i64 {
    let difference = comment.details.votes_up.unwrap_or(0).saturating_sub(comment.details.votes_down.unwrap_or(0));
    comment.details.score.unwrap_or(difference)
}

/// Deleted comments are shown as deleted, so that their replies stay readable.
fn state(status: Status) -> &'static str {
    match status {
        Status::Approved | Status::Deleted => "approved",
        Status::Pending => "unapproved",
        Status::Spam => "flagged",
    }
}

fn time(time: Option<Timestamp>) -> String {
    let time = time.filter(|time| timestamp::writable(Some(*time)).is_some());
    time.map_or_else(|| NO_TIME.to_owned(), |time| time.to_string())
}

/// Whether the file names the guest or their site.
pub(super) fn is_named(author: &ExportedAuthor) -> bool {
    matches!(author, ExportedAuthor::Guest { name, link, avatar }
        if link.is_some() || avatar.is_some() || name.as_deref().is_some_and(|name| name != person::NAMELESS))
}
