//! XML in the shape of Disqus's export: categories, then threads, then posts.
//!
//! Ids of Disqus are unique across all its forums, so they are kept; those of other systems are
//! computed.

use std::collections::BTreeMap;

use rethread_model::{
    Exported, ExportedAuthor, ExportedComment, ExportedPage, ExportedThread, Loss, Origin, Status, Vendor,
};

use super::count::Count;
use super::markup::{self, Lines};
use super::number;
use super::xml::Xml;
use super::{Format, page, timestamp};

/// The passes, by what they write.
const CATEGORIES: u32 = 0;
const THREADS: u32 = 1;
const POSTS: u32 = 2;

/// Writes one category per origin, because files of Disqus have one per forum. Memory grows with
/// the number of origins.
#[derive(Debug, Default)]
pub(super) struct Disqus {
    categories: BTreeMap<(Vendor, Origin), usize>,
    page: Option<ExportedPage>,
    thread: Option<ExportedThread>,
}

impl Format for Disqus {
    fn passes(&self) -> u32 {
        3
    }

    fn needs_comments(&self, pass: u32) -> bool {
        pass == POSTS
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        let mut xml = Xml::new(out);
        xml.declaration();
        xml.start(
            "disqus",
            &[
                ("xmlns", "http://disqus.com"),
                ("xmlns:dsq", "http://disqus.com/disqus-internals"),
                ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
                (
                    "xsi:schemaLocation",
                    "http://disqus.com/api/schemas/1.0/disqus.xsd http://disqus.com/api/schemas/1.0/disqus-internals.xsd",
                ),
            ],
        );
    }

    fn write(&mut self, pass: u32, item: &Exported, count: &mut Count, out: &mut Vec<u8>) {
        match (pass, item) {
            (THREADS, Exported::Page(page)) => {
                count.page(page);
                self.page = Some(page.clone());
            }
            (CATEGORIES, Exported::Thread(thread)) => self.category(thread, out),
            (THREADS, Exported::Thread(thread)) => self.thread(thread, count, out),
            (POSTS, Exported::Thread(thread)) => self.thread = Some(thread.clone()),
            (POSTS, Exported::Comment(comment)) => {
                if let Some(thread) = &self.thread {
                    post(thread, comment, count, out);
                }
            }
            _ => {}
        }
    }

    fn end_pass(&mut self, pass: u32, out: &mut Vec<u8>) {
        if pass == POSTS {
            Xml::new(out).end("disqus");
        }
    }
}

impl Disqus {
    fn category(&mut self, thread: &ExportedThread, out: &mut Vec<u8>) {
        let next = self.categories.len() + 1;
        let origin = (thread.vendor, thread.origin.clone());
        if *self.categories.entry(origin).or_insert(next) < next {
            return;
        }
        let mut xml = Xml::new(out);
        xml.start("category", &[("dsq:id", &next.to_string())]);
        xml.text("forum", thread.origin.as_str());
        xml.text("title", "General");
        xml.text("isDefault", flag(next == 1));
        xml.end("category");
    }

    fn thread(&mut self, exported: &ExportedThread, count: &mut Count, out: &mut Vec<u8>) {
        let Some(page) = &self.page else { return };
        let thread = &exported.thread;
        let is_of_disqus = exported.vendor == Vendor::Disqus;
        count.thread(page, exported);
        count.lose(Loss::Origin, !is_of_disqus || self.categories.len() > 1);
        count.lose(Loss::ThreadId, kept(exported, &thread.source_id).is_none());
        let category = self.categories.get(&(exported.vendor, exported.origin.clone())).copied().unwrap_or_default();
        let mut xml = Xml::new(out);
        xml.start("thread", &[("dsq:id", &thread_id(exported))]);
        xml.text("id", &page.url_id);
        xml.text("forum", exported.origin.as_str());
        xml.empty("category", &[("dsq:id", &category.to_string())]);
        xml.text("link", &page::address(page).unwrap_or_default());
        xml.title("title", &page::title(page));
        xml.text("message", "");
        xml.text("createdAt", &timestamp::iso(thread.created_at));
        xml.text("isClosed", flag(thread.closed));
        xml.text("isDeleted", flag(false));
        xml.end("thread");
        count.lose(Loss::ControlCharacters, xml.has_dropped());
    }
}

fn post(thread: &ExportedThread, comment: &ExportedComment, count: &mut Count, out: &mut Vec<u8>) {
    let own_id = kept(thread, &comment.source_id);
    let message = markup::written(&comment.html, Lines::Kept);
    count.comment(comment);
    timestamp::count(comment.created_at, count);
    count.lose(Loss::SourceId, own_id.is_none());
    count.lose(Loss::Pending, comment.status == Status::Pending);
    count.lose(Loss::TypedText, message != comment.text);
    let id = own_id.unwrap_or_else(|| number::of_comment(comment.id));
    let mut xml = Xml::new(out);
    xml.start("post", &[("dsq:id", &id.to_string())]);
    xml.text("id", "");
    xml.cdata("message", &message);
    xml.text("createdAt", &timestamp::iso(comment.created_at));
    xml.text("isDeleted", flag(comment.status == Status::Deleted));
    xml.text("isSpam", flag(comment.status == Status::Spam));
    author(thread, &comment.author, count, &mut xml);
    xml.text("ipAddress", comment.details.ip.as_deref().unwrap_or_default());
    xml.empty("thread", &[("dsq:id", &thread_id(thread))]);
    if let Some(parent) = comment.parent {
        let kept = comment.parent_source_id.as_deref().and_then(|id| kept(thread, id));
        let id = kept.unwrap_or_else(|| number::of_comment(parent));
        xml.empty("parent", &[("dsq:id", &id.to_string())]);
    }
    xml.end("post");
    count.lose(Loss::ControlCharacters, xml.has_dropped());
}

/// The number of a thread or comment of Disqus.
fn kept(thread: &ExportedThread, source_id: &str) -> Option<u64> {
    number::kept(source_id, number::KEPT_BELOW).filter(|_| thread.vendor == Vendor::Disqus)
}

fn thread_id(thread: &ExportedThread) -> String {
    kept(thread, &thread.thread.source_id).unwrap_or_else(|| number::of_thread(thread)).to_string()
}

/// Known people have a user name. People of other systems get one that Disqus never assigns, unless
/// their e-mail address identifies them. Old files of Disqus have e-mail and IP addresses, and
/// importers expect the elements.
fn author(thread: &ExportedThread, author: &ExportedAuthor, count: &mut Count, xml: &mut Xml<'_>) {
    let (name, email, username) = match author {
        ExportedAuthor::Known { id, key, name, email, avatar, .. } => {
            let username = match key.strip_prefix("user:") {
                Some(user) if thread.vendor == Vendor::Disqus => Some(user.to_owned()),
                Some(_) => Some(format!("{}:{id}", thread.vendor)),
                None => None,
            };
            let own_avatar = username.as_deref().and_then(rethread_vendors::disqus::avatar);
            count.lose(Loss::Avatar, avatar.is_some() && *avatar != own_avatar);
            count.lose(Loss::AuthorKey, username.is_some() && thread.vendor != Vendor::Disqus);
            (name.as_deref(), email.as_deref(), username)
        }
        ExportedAuthor::Guest { name, avatar, .. } => {
            count.lose(Loss::Avatar, avatar.is_some());
            (name.as_deref(), None, None)
        }
        ExportedAuthor::Nobody => (None, None, None),
    };
    xml.start("author", &[]);
    xml.text("email", email.unwrap_or_default());
    xml.text("name", name.unwrap_or_default());
    xml.text("isAnonymous", flag(username.is_none()));
    if let Some(username) = username {
        xml.text("username", &username);
    }
    xml.end("author");
}

fn flag(is_true: bool) -> &'static str {
    if is_true { "true" } else { "false" }
}
