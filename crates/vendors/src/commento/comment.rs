//! Reads comments of both versions.

use std::borrow::Cow;
use std::collections::HashSet;

use rethread_model::{AuthorRef, Comment, Origin, Position, Reason, Refused, Signature, Status, TextKind, Thread};
use rethread_syntax::Notes;
use rethread_syntax::json::Object;

use super::{Context, ROOT, is_zero, known, person, site, time};
use crate::portion::Portion;
use crate::record::html_of;

/// The name that Commento shows for people without one.
const ANONYMOUS: &str = "Anonymous";

/// The path of a site's home page.
const HOME: &str = "/";

/// The text that Commento leaves in a deleted comment.
const DELETED: &str = "[deleted]";

pub(super) fn read(
    object: &Object<'_>,
    mut notes: Notes,
    context: &Context<'_>,
    threads: &mut HashSet<(Option<Origin>, String)>,
    at: Position,
    portion: &mut Portion,
) {
    let is_version_3 = object.has("pageId") || !object.has("commentHex") && object.has("id");
    let keys = if is_version_3 { &VERSION_3 } else { &VERSION_1 };
    let elsewhere = if is_version_3 { None } else { elsewhere(object, context) };
    portion.origins.extend(elsewhere.iter().map(|(origin, _)| origin.clone()));
    let id = object.value(keys.id, &mut notes);
    let parent = object.value(keys.parent, &mut notes).filter(|parent| parent != ROOT && !is_zero(parent));
    let thread = keys.thread.iter().find_map(|key| object.value(key, &mut notes)).or_else(|| {
        // Commento's exporter omits an empty path, which is the site's home page. A path whose key
        // is damaged is a different case.
        let repairs = [Reason::ControlCharacters, Reason::InvalidUtf8, Reason::DamagedMarkup];
        let is_damaged = repairs.into_iter().any(|reason| notes.holds(reason));
        (!is_version_3 && object.has("commentHex") && !is_damaged).then_some(Cow::Borrowed(HOME))
    });
    let (id, thread) = match (id, thread) {
        (Some(id), Some(thread)) => (id, thread),
        (id, thread) => {
            let reason = if id.is_none() { Reason::NoId } else { Reason::NoThreadReference };
            if let (Some(path), false) = (thread, is_version_3) {
                yield_thread(&path, context, elsewhere, threads, at, portion);
            }
            return portion.refused(refused(reason, id, parent.is_some()), at);
        }
    };
    if !is_version_3 {
        yield_thread(&thread, context, elsewhere, threads, at, portion);
    }
    let status = if is_version_3 { status_3(object) } else { status_1(object) };
    if status == Status::Spam && context.options.exclude_spam {
        return portion.refused(refused(Reason::SpamExcluded, Some(id), parent.is_some()), at);
    }
    let mut comment = Comment::new(&*id, &*thread);
    comment.parent = parent.map(Cow::into_owned);
    comment.status = status;
    comment.created_at = time(object, keys.created, &mut notes);
    if status != Status::Deleted {
        comment.edited_at = time(object, "editedTime", &mut notes);
        (comment.author, comment.signature) = author(object, keys.author, &mut notes);
        comment.details.score = object.integer("score");
        comment.details.pinned = object.flag("isSticky");
        comment.details.ip =
            object.value("authorIP", &mut notes).filter(|_| context.options.include_ip_addresses).and_then(known);
        set_text(&mut comment, object, &mut notes);
    }
    portion.comment(comment, notes, at);
}

/// The keys of a version.
struct Keys {
    id: &'static str,
    parent: &'static str,
    /// The first key present counts.
    thread: &'static [&'static str],
    created: &'static str,
    author: &'static str,
}

/// Commento calls a path `url`; Comentario calls it `path`.
const VERSION_1: Keys = Keys {
    id: "commentHex",
    parent: "parentHex",
    thread: &["url", "path"],
    created: "creationDate",
    author: "commenterHex",
};

const VERSION_3: Keys =
    Keys { id: "id", parent: "parentId", thread: &["pageId"], created: "createdTime", author: "userCreated" };

fn refused(reason: Reason, id: Option<Cow<'_, str>>, is_reply: bool) -> Refused {
    Refused { reason, source_id: id.map(Cow::into_owned), is_reply }
}

/// The site of a version 1 comment and its `scheme://host`, if it is not the document's own site.
fn elsewhere(object: &Object<'_>, context: &Context<'_>) -> Option<(Origin, String)> {
    let domain = domain(object, &mut Notes::default())?;
    let origin = Origin::new(site::host_of(&domain));
    (context.own.as_ref() != Some(&origin)).then(|| (origin, site::base_of(&domain, context.options.scheme)))
}

/// Version 1 has no pages: each path named in a comment is one.
fn yield_thread(
    path: &str,
    context: &Context<'_>,
    elsewhere: Option<(Origin, String)>,
    threads: &mut HashSet<(Option<Origin>, String)>,
    at: Position,
    portion: &mut Portion,
) {
    let (origin, base) = elsewhere.unzip();
    if !threads.insert((origin, path.to_owned())) {
        return;
    }
    let (url, url_id) = site::page(path, base.as_deref().or(context.base.as_deref()), context.options.page_key);
    let thread = Thread {
        source_id: path.to_owned(),
        url_id,
        url,
        title: None,
        created_at: None,
        closed: false,
        reactions: Vec::new(),
    };
    portion.thread(thread, at);
}

/// The domain of a version 1 comment.
pub(super) fn domain<'o>(object: &'o Object<'_>, notes: &mut Notes) -> Option<Cow<'o, str>> {
    object.value("domain", notes).or_else(|| object.value("host", notes))
}

/// Comments of commenters carry no signature: they show the commenter's current name.
fn author(object: &Object<'_>, key: &str, notes: &mut Notes) -> (AuthorRef, Option<Signature>) {
    if let Some(key) = object.value(key, notes).and_then(|id| person::key_of(&id)) {
        return (AuthorRef::Known(key), None);
    }
    let name = object.value("authorName", notes).and_then(known).or_else(|| Some(ANONYMOUS.to_owned()));
    (AuthorRef::Guest, Some(Signature { name, ..Signature::default() }))
}

/// Commento's exporter writes no `deleted`; a deleted comment is `[deleted]` without an author.
/// Comentario (which writes `path` or `host`) leaves an empty text or `[deleted]`.
fn status_1(object: &Object<'_>) -> Status {
    let text = object.text("markdown").unwrap_or_default().trim();
    let is_comentario = object.has("path") || object.has("host");
    let author = object.text("commenterHex").unwrap_or_default();
    let is_anonymous = person::key_of(author).is_none();
    let is_emptied = text == DELETED && is_anonymous || is_comentario && (text.is_empty() || text == DELETED);
    if object.flag("deleted") || is_emptied {
        return Status::Deleted;
    }
    match object.text("state").map(str::trim) {
        None | Some("" | "approved") => Status::Approved,
        Some("flagged") => Status::Spam,
        // A moderator decides what an unknown state means.
        Some(_) => Status::Pending,
    }
}

/// Comentario has no mark for spam. A comment that is neither approved nor pending was rejected, by
/// a moderator or a filter, and is hidden like spam.
fn status_3(object: &Object<'_>) -> Status {
    if object.flag("isDeleted") {
        Status::Deleted
    } else if object.flag("isPending") {
        Status::Pending
    } else if object.flag("isApproved") || !object.has("isApproved") {
        Status::Approved
    } else {
        Status::Spam
    }
}

/// The Markdown is the text as typed; its HTML is used if the file has it.
fn set_text(comment: &mut Comment, object: &Object<'_>, notes: &mut Notes) {
    let markdown = object.text("markdown").filter(|text| !text.trim().is_empty());
    let html = object.text("html").filter(|text| !text.trim().is_empty());
    comment.text_kind = if markdown.is_none() && html.is_some() { TextKind::Html } else { TextKind::Markdown };
    markdown.or(html).unwrap_or_default().clone_into(&mut comment.text);
    comment.html = match html {
        Some(html) => html_of(html, rethread_html::from_html, notes),
        None => html_of(&comment.text, rethread_html::from_markdown, notes),
    };
}
