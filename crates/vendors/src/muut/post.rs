//! Seeds and replies.

use std::borrow::Cow;

use rethread_model::{Comment, ImportOptions, Position, Reason, Refused, TextKind, Thread, Timestamp};
use rethread_syntax::Notes;
use rethread_syntax::json::{Object, salvage};
use rethread_syntax::xml::unescape_again;

use super::entry::Entry;
use super::page;
use crate::identity::Person;
use crate::portion::Portion;
use crate::record::html_of;
use crate::title;

/// The key of the only thread of a flat channel. Its seed holds no comment.
const FLAT: &str = "comments";

/// The state of a thread while its posts are read.
pub(super) struct Conversation<'a> {
    path: Option<&'a str>,
    options: &'a ImportOptions,
    /// The source id, once it is known from the seed.
    id: Option<String>,
    /// Whether replies answer the seed, or are top-level comments.
    is_threaded: bool,
}

impl<'a> Conversation<'a> {
    /// A thread in the channel with this path.
    pub(super) const fn new(path: Option<&'a str>, options: &'a ImportOptions) -> Self {
        Self { path, options, id: None, is_threaded: false }
    }

    /// The thread's source id: its permanent address at Muut, `path:key`.
    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Reads the seed: the thread, and its first comment unless the seed has no text.
    pub(super) fn seed(&mut self, mut seed: Entry<'_>, at: Position, portion: &mut Portion) {
        let own_path = seed.id("path");
        let key = seed.id("key");
        let path = own_path.as_deref().or(self.path);
        let (Some(path), Some(key)) = (path, key) else {
            let reason = if path.is_none() { Reason::NoThreadReference } else { Reason::NoId };
            return portion.refused(Refused { reason, source_id: None, is_reply: false }, at);
        };
        let id = id_of(path, &key);
        let created_at = seed.object().time("date", &mut Notes::default());
        let (url, url_id) = page::page(path, &key, self.options);
        let title = seed.object().text("title").map(|title| title::typed(title.trim()).into_owned());
        let title = title.filter(|title| !title.is_empty());
        portion.thread(
            Thread { source_id: id.clone(), url_id, url, title, created_at, closed: false, reactions: Vec::new() },
            at,
        );
        let body = seed.body();
        let is_empty = body.as_ref().is_some_and(|body| body.trim().is_empty());
        self.is_threaded = key != FLAT && !is_empty;
        match body {
            Some(body) if self.is_threaded => Post { id: &id, thread: &id, parent: None, body }.read(seed, at, portion),
            None if self.is_threaded => {
                let source_id = Some(id.clone());
                portion.refused(Refused { reason: Reason::UnreadableRecord, source_id, is_reply: false }, at);
            }
            _ => {
                if !is_empty {
                    seed.notes.add(Reason::FieldDropped);
                }
                portion.findings.extend(seed.notes.into_findings(at, Some(&id)));
            }
        }
        self.id = Some(id);
    }

    /// Handles an unreadable seed. The replies keep their thread if the seed's key is readable.
    pub(super) fn lost_seed(&mut self, reason: Reason, bytes: &[u8], at: Position, portion: &mut Portion) {
        if let (Some(path), Some(key)) = (self.path, salvage(bytes, "key")) {
            let id = id_of(path, key);
            let (url, url_id) = page::page(path, key, self.options);
            let thread = Thread {
                source_id: id.clone(),
                url_id,
                url,
                title: None,
                created_at: None,
                closed: false,
                reactions: Vec::new(),
            };
            portion.thread(thread, at);
            self.is_threaded = key != FLAT;
            self.id = Some(id);
        }
        portion.refused(Refused { reason, source_id: self.id.clone(), is_reply: false }, at);
    }

    /// Reads a reply. All replies are one level deep, newest first.
    pub(super) fn reply(&self, mut reply: Entry<'_>, at: Position, portion: &mut Portion) {
        let refused = |reason, source_id| Refused { reason, source_id, is_reply: self.is_threaded };
        let Some(thread) = self.id.as_deref() else {
            return portion.refused(refused(Reason::NoThreadReference, None), at);
        };
        // Keys alone are not unique. Never replace a damaged part of the id: the intact file would
        // give another id.
        let date = reply.object().time("date", &mut Notes::default());
        let by_key = |key: String| date.map_or_else(|| key.clone(), |date| format!("{key}-{}", date.as_second()));
        let own = reply.id("id").or_else(|| reply.id("key").filter(|_| reply.surely_lacks("id")).map(by_key));
        let Some(own) = own else {
            return portion.refused(refused(Reason::NoId, None), at);
        };
        let id = format!("{thread}/{own}");
        let Some(body) = reply.body() else {
            return portion.refused(refused(Reason::UnreadableRecord, Some(id)), at);
        };
        let parent = self.is_threaded.then_some(thread);
        Post { id: &id, thread, parent, body }.read(reply, at, portion);
    }

    /// Handles an unreadable reply.
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

/// What a post does not contain itself.
struct Post<'p> {
    id: &'p str,
    thread: &'p str,
    parent: Option<&'p str>,
    body: String,
}

impl Post<'_> {
    fn read(self, mut entry: Entry<'_>, at: Position, portion: &mut Portion) {
        let mut notes = std::mem::take(&mut entry.notes);
        let mut comment = Comment::new(self.id, self.thread);
        comment.parent = self.parent.map(str::to_owned);
        comment.created_at = entry.object().time("date", &mut notes);
        let person = author(entry.nested("author"), comment.created_at, &mut notes);
        portion.sign(&mut comment, person, at);
        comment.text_kind = TextKind::Markdown;
        comment.html = html_of(&self.body, rethread_html::from_markdown, &mut notes);
        comment.text = self.body;
        comment.details.votes_up = entry.object().integer("likes").filter(|likes| *likes >= 0);
        portion.comment(comment, notes, at);
    }
}

/// The author of a post; `null` stands for a person who left Muut.
fn author(bytes: Option<&[u8]>, as_of: Option<Timestamp>, notes: &mut Notes) -> Person<'static> {
    let Some(bytes) = bytes.filter(|bytes| bytes.starts_with(b"{")) else { return Person::default() };
    let Ok(object) = Object::read(bytes, notes) else { return Person::default() };
    let name = object.value("displayname", notes).map(|name| unescape_again(&name).into_owned());
    let path = object.value("path", notes).map(Cow::into_owned);
    // A person without another name is shown by the path's name.
    let own = path.as_deref().map(|path| path.trim_start_matches('@').to_owned()).filter(|name| !name.is_empty());
    Person { key: path.map(Cow::Owned), name: name.or(own).map(Cow::Owned), as_of, ..Person::default() }
}
