//! Reads a comment.

use std::borrow::Cow;
use std::collections::HashSet;

use rethread_model::{Comment, ImportOptions, Position, Reason, Refused, Status, TextKind, Thread};
use rethread_syntax::Notes;
use rethread_syntax::json::{Object, value};

use super::page::{self, known};
use crate::identity::Person;
use crate::portion::Portion;
use crate::record::html_of;

/// What a reader knows besides the current comment.
pub(super) struct Context<'c> {
    pub options: &'c ImportOptions,
    pub threads: &'c mut HashSet<Thread>,
}

/// [`Author`](rethread_model::Author) of people who did not log in.
const GUEST: &str = "guest";

/// The widget's other reactions. The model has votes for a comment, and `like` counts as one.
const OTHER_REACTIONS: [&str; 4] = ["inlove", "sad", "happy", "heart"];

/// Reads a comment. `json` is its source, if that is JSON.
pub(super) fn read(
    object: &Object<'_>,
    json: Option<&[u8]>,
    mut notes: Notes,
    context: &mut Context<'_>,
    at: Position,
    portion: &mut Portion,
) {
    let id = known(object, "commentId", &mut notes);
    let parent = parent(object, id.as_deref(), &mut notes);
    let thread = page::thread(object, context.options, &mut notes);
    if let Some(thread) = thread.as_ref().filter(|thread| !context.threads.contains(thread)) {
        context.threads.insert(thread.clone());
        portion.thread(thread.clone(), at);
    }
    let is_reply = parent.is_some();
    let refuse = |reason, id: Option<Cow<'_, str>>| Refused { reason, source_id: id.map(Cow::into_owned), is_reply };
    let (id, thread) = match (id, thread) {
        (Some(id), Some(thread)) => (id, thread),
        (None, _) => return portion.refused(refuse(Reason::NoId, None), at),
        (id, None) => return portion.refused(refuse(Reason::NoThreadReference, id), at),
    };
    let mut comment = Comment { parent, status: status(object), ..Comment::new(&*id, &thread.source_id) };
    comment.created_at = object.time("createdAt", &mut notes);
    if comment.status != Status::Deleted {
        sign(&mut comment, object, at, &mut notes, portion);
        reactions(&mut comment, object, json, &mut notes);
        set_text(&mut comment, object, &mut notes);
    }
    portion.comment(comment, notes, at);
}

/// The comment that this one answers (`replyTo`), or else the first of its conversation
/// (`parentId`), because the widget showed two levels.
fn parent(object: &Object<'_>, id: Option<&str>, notes: &mut Notes) -> Option<String> {
    let mut other = |key| known(object, key, notes).filter(|parent| Some(parent.as_ref()) != id);
    other("replyTo").or_else(|| other("parentId")).map(Cow::into_owned)
}

/// Hidden comments were moderated away without being marked as spam, so a moderator may review
/// them.
fn status(object: &Object<'_>) -> Status {
    if object.flag("deleted") || object.flag("isDeleted") {
        Status::Deleted
    } else if object.flag("hidden") {
        Status::Pending
    } else {
        Status::Approved
    }
}

fn sign(comment: &mut Comment, object: &Object<'_>, at: Position, notes: &mut Notes, portion: &mut Portion) {
    let mut get = |key| known(object, key, notes);
    let email = get("userEmail");
    let link = get("userUrl").or_else(|| get("website"));
    let person = Person {
        key: get("userId").filter(|id| id != GUEST),
        name: get("username"),
        email,
        link,
        avatar: get("userPic").map(Cow::into_owned),
        moderator: None,
        as_of: comment.created_at,
    };
    portion.sign(comment, person, at);
}

/// `{"like": 2}`; in a table also as text or as columns `reactions.like`.
fn reactions(comment: &mut Comment, object: &Object<'_>, json: Option<&[u8]>, notes: &mut Notes) {
    let nested = json.and_then(|json| value(json, "reactions")).or_else(|| object.text("reactions").map(str::as_bytes));
    let nested = nested.and_then(|bytes| Object::read(bytes, &mut Notes::default()).ok()).unwrap_or_default();
    let number = |name: &str| nested.integer(name).or_else(|| object.integer(&format!("reactions.{name}")));
    comment.details.votes_up = number("like").map(|likes| likes.max(0));
    let is_counted = |number: Option<i64>| number.is_some_and(|number| number != 0);
    if OTHER_REACTIONS.into_iter().any(|name| is_counted(number(name))) || is_counted(object.integer("rating")) {
        notes.add(Reason::FieldDropped);
    }
}

/// The Markdown is the text as typed.
fn set_text(comment: &mut Comment, object: &Object<'_>, notes: &mut Notes) {
    let text = |key| object.text(key).filter(|text: &&str| !text.trim().is_empty());
    let html = text("htmlMessage").or_else(|| text("htmlContent"));
    if let (None, Some(html)) = (text("message"), html) {
        comment.html = html_of(html, rethread_html::from_html, notes);
        html.clone_into(&mut comment.text);
        return;
    }
    comment.text_kind = TextKind::Markdown;
    object.text("message").unwrap_or_default().clone_into(&mut comment.text);
    comment.html = html_of(&comment.text, rethread_html::from_markdown, notes);
}
