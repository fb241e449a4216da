//! Reads `comments`.

use std::borrow::Cow;
use std::collections::HashSet;

use rethread_model::{Comment, Position, Reason, Refused, Status, TextKind, Thread};
use rethread_syntax::Notes;
use rethread_syntax::json::value;

use super::{Context, Source, page, person, prosemirror};
use crate::identity::Person;
use crate::portion::Portion;
use crate::record::html_of;

pub(super) fn read(
    source: &Source<'_>,
    mut notes: Notes,
    context: &Context<'_>,
    threads: &mut HashSet<Thread>,
    at: Position,
    portion: &mut Portion,
) {
    let object = source.object;
    let id = source.first(&["id", "comment_id"], &mut notes);
    let parent = parent(source, &mut notes);
    let page = page::of_comment(source, context, &mut notes);
    if let Some(thread) = page.as_ref().and_then(|page| page.thread.as_ref())
        && !threads.contains(thread)
    {
        threads.insert(thread.clone());
        portion.thread(thread.clone(), at);
    }
    let is_reply = parent.is_some();
    let refuse = |reason, source_id| Refused { reason, source_id, is_reply };
    let (id, page) = match (id, page) {
        (Some(id), Some(page)) => (id, page),
        (None, _) => return portion.refused(refuse(Reason::NoId, None), at),
        (id, None) => return portion.refused(refuse(Reason::NoThreadReference, id), at),
    };
    let status = status(source, &mut notes);
    if status == Status::Spam && context.options.exclude_spam {
        return portion.refused(refuse(Reason::SpamExcluded, Some(id)), at);
    }
    let mut comment = Comment { parent, status, ..Comment::new(&id, &page.id) };
    comment.created_at = object.time("created_at", &mut notes);
    if status != Status::Deleted {
        sign(&mut comment, source, at, &mut notes, portion);
        comment.details.votes_up = object.integer("upvotes").map(i64::saturating_abs);
        comment.details.votes_down = object.integer("downvotes").map(i64::saturating_abs);
        comment.details.pinned = object.flag("is_featured");
        if context.options.include_ip_addresses {
            comment.details.ip = source.first(&["ip_address", "ip"], &mut notes);
        }
        set_text(&mut comment, source, &mut notes);
    }
    portion.comment(comment, notes, at);
}

/// The parent's id: that of the embedded comment, or a bare id.
fn parent(source: &Source<'_>, notes: &mut Notes) -> Option<String> {
    // Only the id is read, however many parents are embedded in the parent.
    let embedded = value(source.bytes, "parent").and_then(|parent| value(parent, "id"));
    let embedded =
        embedded.and_then(|id| std::str::from_utf8(id).ok()).map(|id| id.trim_matches('"').trim().to_owned());
    let id = embedded.or_else(|| source.first(&["parent", "parent_id"], notes));
    id.filter(|id| !matches!(id.as_str(), "" | "0" | "null"))
}

/// A moderator decides what an unknown word means.
fn status(source: &Source<'_>, notes: &mut Notes) -> Status {
    let word = source.first(&["status"], notes).map(|word| word.to_ascii_lowercase());
    match word.as_deref() {
        None | Some("published" | "approved") => Status::Approved,
        Some("spam") => Status::Spam,
        Some("deleted") => Status::Deleted,
        Some(_) => Status::Pending,
    }
}

fn sign(comment: &mut Comment, source: &Source<'_>, at: Position, notes: &mut Notes, portion: &mut Portion) {
    let person = match source.nested("user") {
        Some(user) => person::person(&user, comment.created_at, &mut Notes::default()),
        None => Person {
            name: source.first(&["user", "user_name", "name", "author_name", "author"], notes).map(Cow::Owned),
            link: source.first(&["website_url"], notes).map(Cow::Owned),
            ..Person::default()
        },
    };
    portion.sign(comment, person, at);
}

/// The HTML is what Hyvor shows. Without it, the text is an editor's document (as JSON in a string,
/// or as an object) or plain.
fn set_text(comment: &mut Comment, source: &Source<'_>, notes: &mut Notes) {
    let text = |keys: [&'static str; 2]| {
        keys.into_iter().find_map(|key| source.object.text(key)).filter(|text| !text.trim().is_empty())
    };
    if let Some(html) = text(["body_html", "content_html"]) {
        html.clone_into(&mut comment.text);
        comment.html = html_of(html, rethread_html::from_html, notes);
        return;
    }
    let body = text(["body", "content"]);
    let nested = ["body", "content"].into_iter().find_map(|key| value(source.bytes, key));
    let document = body.map(str::as_bytes).into_iter().chain(nested).find_map(prosemirror::to_html);
    if let Some(html) = document {
        comment.html = html_of(&html, rethread_html::from_html, notes);
        comment.text = html;
    } else if let Some(markdown) = source.object.text("markdown").filter(|_| body.is_none()) {
        comment.text_kind = TextKind::Markdown;
        markdown.clone_into(&mut comment.text);
        comment.html = html_of(markdown, rethread_html::from_markdown, notes);
    } else if let Some(plain) = body {
        comment.text_kind = TextKind::Plain;
        plain.clone_into(&mut comment.text);
        comment.html = html_of(plain, rethread_html::from_plain, notes);
    }
}
