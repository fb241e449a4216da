//! WXR 1.2, the RSS in which WordPress moves content, as its own importer and others read it.
//!
//! An item is a page, and importers create a post for each. So the threads of a page become one in
//! the file.

mod comment;
mod item;
mod numbering;
mod site;

use rethread_model::{Exported, ExportedPage, ExportedThread, Loss, Timestamp, Vendor};

use self::numbering::Numbering;
use self::site::Site;
use super::Format;
use super::count::Count;
use super::xml::Xml;

/// The passes, by what they do: find what the head of the file states; count comments to choose
/// between hosts; write.
const LOOK: u32 = 0;
const COUNT: u32 = 1;
const WRITE: u32 = 2;

/// Writes items in the order of arrival.
#[derive(Debug)]
pub(super) struct WordPress {
    exported_at: Timestamp,
    site: Site,
    page: Option<ExportedPage>,
    /// The current thread, and the number of the item opened for it.
    thread: Option<ExportedThread>,
    item: Option<u64>,
    numbering: Numbering,
}

impl WordPress {
    pub(super) fn new(exported_at: Timestamp) -> Self {
        Self {
            exported_at,
            site: Site::default(),
            page: None,
            thread: None,
            item: None,
            numbering: Numbering::default(),
        }
    }
}

impl Format for WordPress {
    fn passes(&self) -> u32 {
        3
    }

    fn needs_comments(&self, pass: u32) -> bool {
        match pass {
            LOOK => false,
            COUNT => self.site.has_several_hosts(),
            _ => true,
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        let mut xml = Xml::new(out);
        xml.declaration();
        xml.start(
            "rss",
            &[
                ("version", "2.0"),
                ("xmlns:excerpt", "http://wordpress.org/export/1.2/excerpt/"),
                ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
                ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
                ("xmlns:wp", "http://wordpress.org/export/1.2/"),
            ],
        );
        xml.start("channel", &[]);
    }

    fn write(&mut self, pass: u32, item: &Exported, count: &mut Count, out: &mut Vec<u8>) {
        match (pass, item) {
            (LOOK | COUNT, Exported::Page(page)) => self.site.see_page(page),
            (COUNT, Exported::Comment(_)) => self.site.see_comment(),
            (LOOK, Exported::Thread(thread)) => self.site.see_thread(thread),
            (WRITE, Exported::Page(page)) => {
                self.close_item(out);
                count.page(page);
                self.page = Some(page.clone());
            }
            (WRITE, Exported::Thread(thread)) => self.thread(thread, count, out),
            (WRITE, Exported::Comment(comment)) => {
                let Some(thread) = &self.thread else { return };
                let numbers = self.numbering.of(comment);
                comment::write(comment, thread, numbers, &self.site, count, out);
            }
            _ => {}
        }
    }

    fn end_pass(&mut self, pass: u32, out: &mut Vec<u8>) {
        match pass {
            LOOK => {}
            COUNT => self.site.write(self.exported_at, out),
            _ => {
                self.close_item(out);
                let mut xml = Xml::new(out);
                xml.end("channel");
                xml.end("rss");
            }
        }
    }
}

impl WordPress {
    fn close_item(&mut self, out: &mut Vec<u8>) {
        if self.item.take().is_some() {
            Xml::new(out).end("item");
        }
    }

    /// The first thread of a page opens the item; what other threads say about the page is lost.
    fn thread(&mut self, thread: &ExportedThread, count: &mut Count, out: &mut Vec<u8>) {
        let Some(page) = &self.page else { return };
        count.thread(page, thread);
        count.lose(Loss::Origin, thread.vendor != Vendor::WordPress || self.site.sole().is_none());
        let is_first = self.item.is_none();
        let number = *self.item.get_or_insert_with(|| item::open(page, thread, &self.site, count, out));
        count.lose(Loss::ThreadId, !is_first || number.to_string() != thread.thread.source_id);
        count.lose(Loss::MergedThread, !is_first);
        count.lose(Loss::ThreadClosed, !is_first && thread.thread.closed);
        count.lose(Loss::ThreadCreatedAt, !is_first && thread.thread.created_at.is_some());
        let keeps = is_first && self.site.sole().is_some();
        self.numbering.begin(keeps.then_some(thread));
        self.thread = Some(thread.clone());
    }
}
