//! `<post>`: a comment.

use rethread_model::{Comment, ImportOptions, Position, Reason, Refused, Status, Timestamp};
use rethread_syntax::Notes;
use rethread_syntax::xml::{Element, Scope, read_open};

use super::fields::{is_true, reference, time};
use crate::identity::Person;
use crate::portion::Portion;
use crate::record::html_of;

/// Reads a post.
pub(super) fn read(post: &Element<'_>, mut notes: Notes, options: &ImportOptions, at: Position, portion: &mut Portion) {
    let source_id = post.attribute("dsq:id").or_else(|| post.scalar("id", &mut notes));
    let parent = reference(post, "parent");
    let refuse = |reason| Refused { reason, source_id: source_id.map(str::to_owned), is_reply: parent.is_some() };
    let Some(source_id) = source_id else { return portion.refused(refuse(Reason::NoId), at) };
    let Some(thread) = reference(post, "thread") else { return portion.refused(refuse(Reason::NoThreadReference), at) };
    let status = status(post, &mut notes);
    if options.exclude_spam && status == Status::Spam {
        return portion.refused(refuse(Reason::SpamExcluded), at);
    }
    let created_at = time(post, "createdAt", &mut notes);
    let mut comment =
        Comment { parent: parent.map(str::to_owned), created_at, status, ..Comment::new(source_id, thread) };
    // Exports keep the text and the author of deleted posts; Rethread does not.
    if status != Status::Deleted {
        portion.sign(&mut comment, author(post, created_at, &mut notes), at);
        let text = post.child("message").map_or("", |message| message.prose(&mut notes));
        comment.html = html_of(text, rethread_html::from_html, &mut notes);
        text.clone_into(&mut comment.text);
        if options.include_ip_addresses {
            comment.details.ip = post.scalar("ipAddress", &mut notes).map(str::to_owned);
        }
    }
    portion.comment(comment, notes, at);
}

/// Describes an unreadable or excluded post by its first bytes.
pub(super) fn refusal(reason: Reason, beginning: &str, scope: Option<Scope<'_>>) -> Refused {
    let mut notes = Notes::default();
    let tag = beginning.find('>').map_or("", |end| &beginning[..=end]);
    let whole = scope.and_then(|_| read_open(beginning, scope, &mut notes).ok());
    let is_reply = whole.as_ref().map_or(beginning.contains("<parent "), |post| post.child("parent").is_some());
    let post = whole.or_else(|| read_open(tag, scope, &mut notes).ok()).unwrap_or_default();
    Refused { reason, source_id: post.attribute("dsq:id").map(str::to_owned), is_reply }
}

/// Deleted takes precedence over spam. Exports do not mark pending posts.
fn status(post: &Element<'_>, notes: &mut Notes) -> Status {
    if is_true(post.scalar("isDeleted", notes)) {
        Status::Deleted
    } else if is_true(post.scalar("isSpam", notes)) {
        Status::Spam
    } else {
        Status::Approved
    }
}

fn author<'e>(post: &'e Element<'_>, as_of: Option<Timestamp>, notes: &mut Notes) -> Person<'e> {
    let Some(author) = post.child("author") else { return Person::default() };
    // Guests have no user name, or an empty one.
    let username = author.scalar("username", notes);
    Person {
        key: username.map(Into::into),
        name: author.scalar("name", notes).map(Into::into),
        email: author.scalar("email", notes).map(Into::into),
        link: None,
        avatar: username.and_then(avatar),
        moderator: None,
        as_of,
    }
}

/// The address of a Disqus user's picture. `None` for a name that Disqus never assigns, such as one
/// from our own exports.
#[must_use]
pub fn avatar(username: &str) -> Option<String> {
    let is_of_disqus = username.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    is_of_disqus.then(|| format!("https://disqus.com/api/users/avatars/{username}.jpg"))
}
