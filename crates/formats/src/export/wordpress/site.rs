//! The head of the channel: whose file it is.

use rethread_model::{ExportedPage, ExportedThread, Origin, Timestamp, Vendor};
use url::{Position, Url};

use crate::export::xml::Xml;
use crate::export::{moment, page};

/// What is found in the first pass.
#[derive(Debug, Default)]
pub(super) struct Site {
    origin: Option<(Vendor, Origin)>,
    has_several: bool,
    /// Scheme and host of the first page that has an address.
    base: Option<String>,
}

impl Site {
    pub(super) fn see_page(&mut self, page: &ExportedPage) {
        if self.base.is_none() {
            let url = page::address(page).and_then(|address| Url::parse(&address).ok());
            self.base = url.map(|url| url[..Position::BeforePath].to_owned());
        }
    }

    pub(super) fn see_thread(&mut self, thread: &ExportedThread) {
        let origin = (thread.vendor, thread.origin.clone());
        self.has_several |= *self.origin.get_or_insert_with(|| origin.clone()) != origin;
    }

    /// Where all that is exported is from, if that is one site: then no two ids of the vendor are the same.
    pub(super) fn sole(&self) -> Option<&(Vendor, Origin)> {
        self.origin.as_ref().filter(|_| !self.has_several)
    }

    /// Whether all is from one WordPress.
    pub(super) fn is_wordpress(&self) -> bool {
        self.sole().is_some_and(|(vendor, _)| *vendor == Vendor::WordPress)
    }

    /// Writes the head.
    pub(super) fn write(&self, exported_at: Timestamp, out: &mut Vec<u8>) {
        let base = match self.sole() {
            Some((Vendor::WordPress, origin)) => format!("https://{origin}"),
            _ => self.base.clone().unwrap_or_default(),
        };
        let mut xml = Xml::new(out);
        xml.text("title", "Comments");
        xml.text("link", &base);
        xml.text("description", "");
        xml.text("pubDate", &moment::feed(Some(exported_at)));
        xml.text("wp:wxr_version", "1.2");
        xml.text("wp:base_site_url", &base);
        xml.text("wp:base_blog_url", &base);
    }
}
