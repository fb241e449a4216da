//! Seeds and replies.

use std::borrow::Cow;

use rethread_model::{
    Author, AuthorRef, Guest, ImportOptions, Located, Position, Reason, Record, Refused, TextKind, Thread, Timestamp,
};

use super::{page, text};
use crate::html;
use crate::json::{Object, salvage, value};
use crate::notes::Notes;
use crate::reader::Portion;
use crate::record::{html_of, plain_comment};
use crate::xml::unescape_again;

/// The key of the one thread of a flat channel. Its seed holds no comment.
const FLAT: &str = "comments";

/// A thread while its posts are read.
pub(super) struct Conversation<'a> {
    path: Option<&'a str>,
    options: &'a ImportOptions,
    /// The source id, once the seed told it.
    id: Option<String>,
    /// Whether replies answer the seed, or stand on their own.
    is_threaded: bool,
}

impl<'a> Conversation<'a> {
    /// In the channel with this path.
    pub(super) const fn new(path: Option<&'a str>, options: &'a ImportOptions) -> Self {
        Self { path, options, id: None, is_threaded: false }
    }

    /// The thread's source id: its permanent address at Muut, `path:key`.
    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Reads the seed: the thread, and its first comment unless it has no text.
    pub(super) fn seed(
        &mut self,
        seed: &Object<'_>,
        bytes: &[u8],
        mut notes: Notes,
        at: Position,
        portion: &mut Portion,
    ) {
        let own_path = seed.value("path", &mut notes).map(Cow::into_owned);
        let key = seed.value("key", &mut notes).map(Cow::into_owned);
        let path = own_path.as_deref().or(self.path);
        let (Some(path), Some(key)) = (path, key) else {
            let reason = if path.is_none() { Reason::MissingThread } else { Reason::MissingId };
            return portion.refused(Refused { reason, source_id: None, is_reply: false }, at);
        };
        let id = id_of(path, &key);
        let created_at = seed.time("date", &mut notes);
        let (url, url_id) = page::page(path, &key, self.options);
        let title = seed.value("title", &mut notes).map(|title| unescape_again(&title).into_owned());
        portion.thread(Thread { source_id: id.clone(), url_id, url, title, created_at, closed: false }, at);
        let body = text::body(seed, bytes, &mut notes);
        self.is_threaded = key != FLAT && !body.trim().is_empty();
        if self.is_threaded {
            let post = Post { id: &id, thread: &id, parent: None, body, created_at };
            post.read(seed, bytes, notes, at, portion);
        } else {
            if !body.trim().is_empty() {
                notes.add(Reason::FieldDropped);
            }
            portion.findings.extend(notes.into_findings(at, Some(&id)));
        }
        self.id = Some(id);
    }

    /// A seed that cannot be read; the replies keep their thread if it says which it is.
    pub(super) fn lost_seed(&mut self, reason: Reason, bytes: &[u8], at: Position, portion: &mut Portion) {
        if let (Some(path), Some(key)) = (self.path, salvage(bytes, "key")) {
            let id = id_of(path, key);
            let (url, url_id) = page::page(path, key, self.options);
            let thread = Thread { source_id: id.clone(), url_id, url, title: None, created_at: None, closed: false };
            portion.thread(thread, at);
            self.is_threaded = key != FLAT;
            self.id = Some(id);
        }
        portion.refused(Refused { reason, source_id: self.id.clone(), is_reply: false }, at);
    }

    /// Reads a reply. All are one level deep, and the newest comes first.
    pub(super) fn reply(
        &self,
        reply: &Object<'_>,
        bytes: &[u8],
        mut notes: Notes,
        at: Position,
        portion: &mut Portion,
    ) {
        let refused = |reason, id| Refused { reason, source_id: id, is_reply: self.is_threaded };
        let Some(thread) = self.id.as_deref() else {
            return portion.refused(refused(Reason::MissingThread, None), at);
        };
        let created_at = reply.time("date", &mut notes);
        // Keys alone repeat.
        let by_key = |notes: &mut Notes| {
            let key = reply.value("key", notes)?;
            Some(created_at.map_or_else(|| key.to_string(), |date| format!("{key}-{}", date.as_second())))
        };
        let own = reply.value("id", &mut notes).map(Cow::into_owned).or_else(|| by_key(&mut notes));
        let Some(own) = own else {
            return portion.refused(refused(Reason::MissingId, None), at);
        };
        let body = text::body(reply, bytes, &mut notes);
        let parent = self.is_threaded.then_some(thread);
        let post = Post { id: &format!("{thread}/{own}"), thread, parent, body, created_at };
        post.read(reply, bytes, notes, at, portion);
    }

    /// A reply that cannot be read.
    pub(super) fn lost_reply(&self, reason: Reason, bytes: &[u8], at: Position, portion: &mut Portion) {
        let own = salvage(bytes, "id");
        let source_id = self.id.as_deref().zip(own).map(|(thread, own)| format!("{thread}/{own}"));
        portion.refused(Refused { reason, source_id, is_reply: self.is_threaded }, at);
    }
}

/// The source id of a seed and of its thread.
pub(super) fn id_of(path: &str, key: &str) -> String {
    format!("{path}:{key}")
}

/// What seeds and replies have in common.
struct Post<'p> {
    id: &'p str,
    thread: &'p str,
    parent: Option<&'p str>,
    body: String,
    created_at: Option<Timestamp>,
}

impl Post<'_> {
    fn read(self, object: &Object<'_>, bytes: &[u8], mut notes: Notes, at: Position, portion: &mut Portion) {
        let (author, description) = author(bytes, self.created_at, &mut notes);
        if let Some(description) = description {
            portion.records.push(Located { value: Record::Author(description), at });
        }
        let mut comment = plain_comment(self.id, self.thread);
        comment.parent = self.parent.map(str::to_owned);
        comment.author = author;
        comment.created_at = self.created_at;
        comment.text_kind = TextKind::Markdown;
        comment.html = html_of(&self.body, html::from_markdown, &mut notes);
        comment.text = self.body;
        comment.votes_up = object.integer("likes").filter(|likes| *likes >= 0);
        portion.comment(comment, notes, at);
    }
}

/// The author of a post; one who left Muut is `null`.
fn author(bytes: &[u8], as_of: Option<Timestamp>, notes: &mut Notes) -> (AuthorRef, Option<Author>) {
    let Some(bytes) = value(bytes, "author").filter(|bytes| bytes.starts_with(b"{")) else {
        return (AuthorRef::Nobody, None);
    };
    let Ok(object) = Object::read(bytes, notes) else { return (AuthorRef::Nobody, None) };
    let name = object.value("displayname", notes).map(|name| unescape_again(&name).into_owned());
    let Some(path) = object.value("path", notes) else {
        let guest = name.map(|name| AuthorRef::Guest(Guest { name: Some(name), link: None }));
        return (guest.unwrap_or(AuthorRef::Nobody), None);
    };
    let key = format!("user:{path}");
    let name = name.or_else(|| Some(path.trim_start_matches('@').to_owned()).filter(|name| !name.is_empty()));
    let (email, link, avatar, moderator) = (None, None, None, None);
    (AuthorRef::Known(key.clone()), Some(Author { key, name, email, link, avatar, moderator, as_of }))
}
