//! Commento's export, version 1, as Commento writes it and its importers read it: comments, then
//! commenters.
//!
//! Commento's importer fails at a comment whose commenter is not in the file, merges commenters
//! with the same e-mail address, and requires a name for each. So every author is in the file, once
//! for each name that they signed with, and an author without an address gets an invented one. An
//! author's address goes with the name that comes first.

mod comment;
mod person;
mod place;

use rethread_model::{Exported, ExportedPage, ExportedThread, Loss, Vendor};
use serde::Serialize;

use self::comment::Comment;
use self::person::Commenters;
use self::place::Place;
use super::count::Count;
use super::hosts::Hosts;
use super::{Format, page};

/// The passes, by what they do.
const LOOK: u32 = 0;
const COUNT: u32 = 1;
const COMMENTS: u32 = 2;
const COMMENTERS: u32 = 3;

/// Keeps authors and their signatures: memory grows by about 50 bytes for each.
#[derive(Debug, Default)]
pub(super) struct Commento {
    /// Counts comments to choose `domain`.
    hosts: Hosts,
    /// The host of the file: the one with most comments.
    domain: Option<String>,
    page: Option<ExportedPage>,
    /// The page's name in the file, where a page has one thread.
    path: String,
    has_thread: bool,
    thread: Option<ExportedThread>,
    array: Array,
    commenters: Commenters,
}

impl Format for Commento {
    fn passes(&self) -> u32 {
        4
    }

    fn needs_comments(&self, pass: u32) -> bool {
        match pass {
            LOOK => false,
            COUNT => self.hosts.are_several(),
            _ => true,
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"version\":1,\"comments\":[");
    }

    fn write(&mut self, pass: u32, item: &Exported, count: &mut Count, out: &mut Vec<u8>) {
        match (pass, item) {
            (LOOK | COUNT, Exported::Page(page)) => {
                self.hosts.see_page(page::address(page).as_deref().and_then(place::host));
            }
            (COUNT, Exported::Comment(_)) => self.hosts.see_comment(),
            (COMMENTS, Exported::Page(page)) => self.begin_page(page, count),
            (COMMENTS, Exported::Thread(thread)) => {
                self.count(thread, count);
                self.thread = Some(thread.clone());
            }
            (COMMENTERS, Exported::Thread(thread)) => self.thread = Some(thread.clone()),
            (COMMENTS, Exported::Comment(comment)) => {
                let Some(thread) = &self.thread else { return };
                let place = Place { domain: self.domain.as_deref(), path: &self.path, vendor: thread.vendor };
                let who = self.commenters.who(thread.vendor, comment);
                let written = Comment::of(comment, &place, who, count);
                self.array.push(&written, out);
            }
            (COMMENTERS, Exported::Comment(comment)) => {
                let Some(thread) = &self.thread else { return };
                if let Some(commenter) = self.commenters.new_one(thread.vendor, comment) {
                    self.array.push(&commenter, out);
                }
            }
            _ => {}
        }
    }

    fn end_pass(&mut self, pass: u32, out: &mut Vec<u8>) {
        self.array = Array::default();
        match pass {
            LOOK => {}
            COUNT => self.domain = self.hosts.most(),
            COMMENTS => out.extend_from_slice(b"],\"commenters\":["),
            _ => out.extend_from_slice(b"]}\n"),
        }
    }
}

impl Commento {
    fn begin_page(&mut self, page: &ExportedPage, count: &mut Count) {
        self.path = place::path(page, self.domain.as_deref());
        self.has_thread = false;
        count.page(page);
        count.lose(Loss::Url, page::has_own_key(page));
        self.page = Some(page.clone());
    }

    fn count(&mut self, thread: &ExportedThread, count: &mut Count) {
        let Some(page) = &self.page else { return };
        count.thread(page, thread);
        let is_of_domain = self.domain.as_deref() == Some(thread.origin.as_str());
        count.lose(Loss::Origin, thread.vendor != Vendor::Commento || !is_of_domain);
        count.lose(Loss::ThreadId, thread.thread.source_id != self.path);
        count.lose(Loss::MergedThread, std::mem::replace(&mut self.has_thread, true));
    }
}

/// A JSON array in progress.
#[derive(Debug, Default)]
struct Array {
    has_element: bool,
}

impl Array {
    fn push(&mut self, element: &impl Serialize, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.has_element, true) {
            out.push(b',');
        }
        // Writing into memory cannot fail, and all types serialise.
        let _ = serde_json::to_writer(out, element);
    }
}
