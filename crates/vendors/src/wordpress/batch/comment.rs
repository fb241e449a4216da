//! Reads a comment of a batch.

use std::borrow::Cow;

use rethread_model::{Comment, CommentDetails, ImportOptions, Position, Reason, Status, Thread, Timestamp};
use rethread_syntax::json::Object;
use rethread_syntax::xml::{line_ends, unescape_again};
use rethread_syntax::{Notes, time};

use super::names::Ids;
use crate::identity::Person;
use crate::portion::Portion;
use crate::record::html_of;
use crate::title;
use crate::wordpress::item::Item;

/// What a comment says about its post. The protocol has neither the post's time nor whether it is
/// closed.
pub(super) fn thread(object: &Object<'_>, post: &str, options: &ImportOptions, notes: &mut Notes) -> Thread {
    let link = object.value("url", notes).map(Cow::into_owned);
    // Blogs pad titles routinely, so trimming is not a repair.
    let title = object.value("pageTitle", &mut Notes::default());
    let title = title.map(|title| title::typed(&line_ends(&title)).into_owned());
    Item::named(post.to_owned(), link, title).thread(options.page_key, None)
}

/// Spam is not approved either. Batches contain no trash.
pub(super) fn status(object: &Object<'_>) -> Status {
    if object.flag("isSpam") {
        Status::Spam
    } else if object.flag("approved") {
        Status::Approved
    } else {
        Status::Pending
    }
}

/// Reads a comment that will be stored.
pub(super) fn read(object: &Object<'_>, ids: Ids, mut notes: Notes, at: Position, portion: &mut Portion) {
    let created_at = time(object, &mut notes);
    let text = text(object, &mut notes);
    let mut comment = Comment {
        parent: ids.parent,
        created_at,
        status: status(object),
        html: html_of(&text, rethread_html::from_wordpress, &mut notes),
        text: text.into_owned(),
        details: CommentDetails {
            votes_up: votes(object, "votesUp"),
            votes_down: votes(object, "votesDown"),
            ..CommentDetails::default()
        },
        ..Comment::new(ids.source_id, ids.thread)
    };
    sign(&mut comment, object, at, &mut notes, portion);
    portion.comment(comment, notes, at);
}

/// WordPress's GMT. If WordPress lacks that, the plugin sends the site's local time, which is
/// indistinguishable.
fn time(object: &Object<'_>, notes: &mut Notes) -> Option<Timestamp> {
    let text = object.value("date", notes)?;
    let time = time::parse_utc(&text);
    if time.is_none() {
        notes.add(Reason::UnreadableDate);
    }
    time
}

/// Registered people are guests here, because the plugin does not send their ids.
fn sign(comment: &mut Comment, object: &Object<'_>, at: Position, notes: &mut Notes, portion: &mut Portion) {
    let name = object.value("commenterName", notes);
    let email = object.value("commenterEmail", notes);
    let name = name.as_deref().map(line_ends);
    let name = name.as_deref().map(unescape_again);
    let person = Person { name, email, as_of: comment.created_at, ..Person::default() };
    portion.sign(comment, person, at);
}

/// The text as typed, including white space, with the same line ends that the site's export has
/// after reading.
fn text<'o>(object: &'o Object<'_>, notes: &mut Notes) -> Cow<'o, str> {
    match object.text("comment") {
        Some(text) => line_ends(text),
        None => object.value("comment", notes).unwrap_or_default(),
    }
}

/// The plugin sends 0 for comments without votes.
fn votes(object: &Object<'_>, key: &str) -> Option<i64> {
    object.integer(key).filter(|votes| *votes > 0)
}
