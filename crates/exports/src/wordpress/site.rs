//! Writes the head of the channel, which describes the site.

use rethread_model::{ExportedPage, ExportedThread, Origin, Timestamp, Vendor};
use url::{Position, Url};

use crate::hosts::Hosts;
use crate::xml::Xml;
use crate::{page, timestamp};

/// What the first pass finds.
#[derive(Debug, Default)]
pub(super) struct Site {
    origin: Option<(Vendor, Origin)>,
    has_several: bool,
    /// Scheme and host of pages.
    bases: Hosts,
}

impl Site {
    pub(super) fn see_page(&mut self, page: &ExportedPage) {
        let url = page::address(page).and_then(|address| Url::parse(&address).ok());
        self.bases.see_page(url.map(|url| url[..Position::BeforePath].to_owned()));
    }

    pub(super) fn has_several_hosts(&self) -> bool {
        self.bases.are_several()
    }

    pub(super) fn see_comment(&mut self) {
        self.bases.see_comment();
    }

    pub(super) fn see_thread(&mut self, thread: &ExportedThread) {
        let origin = (thread.vendor, thread.origin.clone());
        self.has_several |= *self.origin.get_or_insert_with(|| origin.clone()) != origin;
    }

    /// The common origin of all exported content, if there is only one: then the vendor's ids are
    /// unique.
    pub(super) fn sole(&self) -> Option<&(Vendor, Origin)> {
        self.origin.as_ref().filter(|_| !self.has_several)
    }

    /// Whether everything comes from one WordPress site.
    pub(super) fn is_wordpress(&self) -> bool {
        self.sole().is_some_and(|(vendor, _)| *vendor == Vendor::WordPress)
    }

    /// Writes the head.
    pub(super) fn write(&self, exported_at: Timestamp, out: &mut Vec<u8>) {
        let base = match self.sole() {
            Some((Vendor::WordPress, origin)) => format!("https://{origin}"),
            _ => self.bases.most().unwrap_or_default(),
        };
        let mut xml = Xml::new(out);
        xml.text("title", "Comments");
        xml.text("link", &base);
        xml.text("description", "");
        xml.text("pubDate", &timestamp::feed(Some(exported_at)));
        xml.text("wp:wxr_version", "1.2");
        xml.text("wp:base_site_url", &base);
        xml.text("wp:base_blog_url", &base);
    }
}
