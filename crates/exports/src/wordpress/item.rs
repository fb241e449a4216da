//! `<item>`: a post, which represents a page, up to its comments.

use rethread_model::{ExportedPage, ExportedThread, Loss};

use super::site::Site;
use crate::count::Count;
use crate::number;
use crate::xml::Xml;
use crate::{page, timestamp};

/// Begins the item of a page at its first thread, and returns the post's number.
pub(super) fn open(
    page: &ExportedPage,
    exported: &ExportedThread,
    site: &Site,
    count: &mut Count,
    out: &mut Vec<u8>,
) -> u64 {
    let thread = &exported.thread;
    let kept = site.sole().and_then(|_| number::kept(&thread.source_id, number::COMPUTED_PAGE));
    let id = kept.unwrap_or_else(|| number::of_page(page.id));
    let link = page::link(page);
    count.lose(Loss::UrlId, page::has_own_key(page) && id.to_string() != page.url_id);
    let mut xml = Xml::new(out);
    xml.start("item", &[]);
    xml.title("title", &page::title(page));
    xml.text("link", &link);
    xml.text("pubDate", &timestamp::feed(thread.created_at));
    xml.text("dc:creator", "");
    xml.text_with("guid", &[("isPermaLink", "false")], &format!("urn:uuid:{}", page.id));
    xml.text("description", "");
    xml.text("content:encoded", "");
    xml.text("excerpt:encoded", "");
    xml.text("wp:post_id", &id.to_string());
    xml.text("wp:post_date", &timestamp::mysql(thread.created_at));
    xml.text("wp:post_date_gmt", &timestamp::mysql(thread.created_at));
    xml.text("wp:comment_status", if thread.closed { "closed" } else { "open" });
    xml.text("wp:ping_status", "closed");
    xml.text("wp:post_name", "");
    xml.text("wp:status", "publish");
    xml.text("wp:post_parent", "0");
    xml.text("wp:menu_order", "0");
    xml.text("wp:post_type", "post");
    xml.text("wp:post_password", "");
    xml.text("wp:is_sticky", "0");
    count.lose(Loss::ControlCharacters, xml.has_dropped());
    id
}
