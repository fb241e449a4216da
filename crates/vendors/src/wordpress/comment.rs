//! `<wp:comment>`.

use jiff::tz::TimeZone;
use rethread_model::{Comment, ImportOptions, Position, Reason, Refused, Status, Timestamp};
use rethread_syntax::Notes;
use rethread_syntax::xml::{Element, Scope, read_open, unescape_again};

use super::item::Item;
use crate::identity::Person;
use crate::portion::Portion;
use crate::record::{gmt_or_local, html_of};

/// What a comment does not contain itself.
pub(super) struct Context<'a> {
    /// The item around it.
    pub item: &'a Item,
    pub options: &'a ImportOptions,
    pub zone: Option<&'a TimeZone>,
}

/// Reads a comment. Its id is unique only in its item, so the item's id is part of it.
pub(super) fn read(
    element: &Element<'_>,
    mut notes: Notes,
    context: &Context<'_>,
    at: Position,
    portion: &mut Portion,
) {
    let options = context.options;
    let in_item = |id: &str| format!("{}:{id}", context.item.id);
    let kind = kind(element.scalar("wp:comment_type", &mut notes));
    let source_id = element.scalar("wp:comment_id", &mut notes).map(in_item);
    let parent = element.scalar("wp:comment_parent", &mut notes).filter(|id| *id != "0").map(in_item);
    let own_status = status(element.scalar("wp:comment_approved", &mut notes));
    let status = if own_status == Status::Approved { context.item.public_status() } else { own_status };
    let refusal = match &source_id {
        None => Some(Reason::NoId),
        Some(_) if kind == Kind::Link && !options.include_pingbacks => Some(Reason::Pingback),
        Some(_) if kind == Kind::Note => Some(Reason::InternalNote),
        Some(_) if status == Status::Spam && options.exclude_spam => Some(Reason::SpamExcluded),
        Some(_) => None,
    };
    if let Some(reason) = refusal {
        return portion.refused(Refused { reason, source_id, is_reply: parent.is_some() }, at);
    }
    if status != own_status && context.item.is_private() {
        notes.add(Reason::PrivatePage);
    }
    let created_at = gmt_or_local(element, ["wp:comment_date_gmt", "wp:comment_date"], context.zone, &mut notes);
    let mut comment =
        Comment { parent, created_at, status, ..Comment::new(source_id.unwrap_or_default(), &context.item.id) };
    // Trashed comments keep their text and author in the file; Rethread does not.
    if status != Status::Deleted {
        portion.sign(&mut comment, author(element, created_at, &mut notes), at);
        let text = element.child("wp:comment_content").map_or("", |content| content.prose(&mut notes));
        comment.html = html_of(text, rethread_html::from_wordpress, &mut notes);
        text.clone_into(&mut comment.text);
        if options.include_ip_addresses {
            comment.details.ip = element.scalar("wp:comment_author_IP", &mut notes).map(str::to_owned);
        }
    }
    portion.comment(comment, notes, at);
}

/// Describes an unreadable or excluded comment by its first bytes. Without the item, its id is the
/// vendor's alone.
pub(super) fn refusal(reason: Reason, item: Option<&str>, beginning: &str, scope: Option<Scope<'_>>) -> Refused {
    let mut notes = Notes::default();
    let comment = scope.and_then(|_| read_open(beginning, scope, &mut notes).ok());
    let between = |start: &str, end: &str| {
        let (_, after) = beginning.split_once(start)?;
        let (value, _) = after.split_once(end)?;
        let value = value.trim().trim_start_matches("<![CDATA[").trim_end_matches("]]>");
        (!value.is_empty() && value.len() <= 64).then(|| value.to_owned())
    };
    let (id, parent) = match &comment {
        Some(comment) => {
            let mut own = |name| comment.scalar(name, &mut notes).map(str::to_owned);
            (own("wp:comment_id").filter(|id| id.len() <= 64), own("wp:comment_parent"))
        }
        None => {
            (between("<wp:comment_id>", "</wp:comment_id>"), between("<wp:comment_parent>", "</wp:comment_parent>"))
        }
    };
    Refused {
        reason,
        source_id: id.map(|id| item.map_or_else(|| id.clone(), |item| format!("{item}:{id}"))),
        is_reply: parent.is_some_and(|parent| parent != "0"),
    }
}

/// Fixtures and hand-made files omit the status; a moderator reviews unknown words. So it is with
/// `post-trashed`, which WordPress sets on all comments of a trashed post: the plugin sends those
/// as not approved.
fn status(approved: Option<&str>) -> Status {
    match approved {
        None | Some("1" | "approve" | "approved") => Status::Approved,
        Some("spam") => Status::Spam,
        Some("trash") => Status::Deleted,
        Some(_) => Status::Pending,
    }
}

/// What WordPress stores as a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A person's comment.
    Comment,
    /// Another site's notification that it links here.
    Link,
    /// A note of the site or a plugin for its own use: notes on orders and payments, editors'
    /// notes, logs.
    Note,
}

/// Comments have the type `comment`, or none before WordPress 5.5; shops have reviews. Plugins
/// invent others.
fn kind(word: Option<&str>) -> Kind {
    match word.map(str::to_ascii_lowercase).as_deref() {
        None | Some("comment" | "review") => Kind::Comment,
        Some("pingback" | "trackback") => Kind::Link,
        Some(_) => Kind::Note,
    }
}

fn author<'e>(element: &'e Element<'_>, as_of: Option<Timestamp>, notes: &mut Notes) -> Person<'e> {
    let remote = element.child("dsq:remote");
    let remote_id = remote.and_then(|remote| remote.scalar("dsq:id", notes));
    let user_id = element.scalar("wp:comment_user_id", notes).filter(|id| *id != "0");
    Person {
        key: remote_id.or(user_id).map(Into::into),
        name: element.scalar("wp:comment_author", notes).map(unescape_again),
        email: element.scalar("wp:comment_author_email", notes).map(Into::into),
        link: element.scalar("wp:comment_author_url", notes).map(Into::into),
        avatar: remote.and_then(|remote| remote.scalar("dsq:avatar", notes)).map(str::to_owned),
        moderator: None,
        as_of,
    }
}
