//! `<wp:comment>`.

use rethread_model::{ExportedAuthor, ExportedComment, ExportedThread, Loss, SafeHtml, Status, TextKind, Vendor};
use rethread_syntax::text::is_forbidden;

use super::numbering::Numbers;
use super::site::Site;
use crate::count::Count;
use crate::markup::{self, Lines};
use crate::number;
use crate::timestamp;
use crate::xml::Xml;

/// Writes a comment of this thread. Every element is written even if it is empty, because importers
/// require them.
pub(super) fn write(
    comment: &ExportedComment,
    thread: &ExportedThread,
    numbers: Numbers,
    site: &Site,
    count: &mut Count,
    out: &mut Vec<u8>,
) {
    let author = Author::of(&comment.author, site);
    let content = content(comment, thread.vendor);
    count.comment(comment);
    timestamp::count(comment.created_at, count);
    count.lose(Loss::SourceId, !numbers.is_kept);
    count.lose(Loss::AuthorKey, author.loses_key);
    count.lose(Loss::TypedText, content != comment.text);
    let mut xml = Xml::new(out);
    xml.start("wp:comment", &[]);
    xml.text("wp:comment_id", &numbers.own.to_string());
    xml.name("wp:comment_author", author.name);
    xml.text("wp:comment_author_email", author.email);
    xml.text("wp:comment_author_url", author.link);
    xml.text("wp:comment_author_IP", comment.details.ip.as_deref().unwrap_or_default());
    xml.text("wp:comment_date", &timestamp::mysql(comment.created_at));
    xml.text("wp:comment_date_gmt", &timestamp::mysql(comment.created_at));
    let is_empty = content.chars().all(is_forbidden);
    xml.cdata("wp:comment_content", if is_empty { filler(comment.status) } else { &content });
    xml.text("wp:comment_approved", approved(comment.status));
    xml.text("wp:comment_type", "comment");
    xml.text("wp:comment_parent", &numbers.parent.to_string());
    xml.text("wp:comment_user_id", &author.user_id.to_string());
    xml.end("wp:comment");
    count.lose(Loss::ControlCharacters, xml.has_dropped());
}

/// The content that WordPress renders. WordPress turns line feeds into line breaks when it shows a
/// comment, so HTML from other systems must have none; text typed in WordPress keeps them.
fn content(comment: &ExportedComment, vendor: Vendor) -> String {
    let typed = Some(&comment.text).filter(|_| vendor == Vendor::WordPress && comment.text_kind == TextKind::Html);
    let sanitised = typed.and_then(|text| sanitised(text, &comment.html));
    sanitised.map_or_else(|| markup::written(&comment.html, Lines::Joined), |html| markup::written(&html, Lines::Kept))
}

/// The sanitised typed text, if WordPress shows it as intended. That may fail for damaged tags,
/// because the result depends on whether WordPress makes paragraphs before or after the policy.
fn sanitised(text: &str, shown: &SafeHtml) -> Option<SafeHtml> {
    let sanitised = rethread_html::from_html(text).html;
    let is_same = sanitised.as_str() == text || rethread_html::from_wordpress(sanitised.as_str()).html == *shown;
    is_same.then_some(sanitised)
}

/// The content for an empty text: importers such as isso's fail on an empty element.
fn filler(status: Status) -> &'static str {
    if status == Status::Deleted { "[deleted]" } else { " " }
}

fn approved(status: Status) -> &'static str {
    match status {
        Status::Approved => "1",
        Status::Pending => "0",
        Status::Spam => "spam",
        Status::Deleted => "trash",
    }
}

#[derive(Debug, Default)]
struct Author<'a> {
    name: &'a str,
    email: &'a str,
    link: &'a str,
    /// 0 for people who are not users of the site.
    user_id: u64,
    loses_key: bool,
}

impl<'a> Author<'a> {
    fn of(author: &'a ExportedAuthor, site: &Site) -> Self {
        match author {
            ExportedAuthor::Known { key, name, email, link, .. } => {
                let user = key.strip_prefix("user:");
                let user_id = user.filter(|_| site.is_wordpress()).and_then(|id| number::kept(id, number::KEPT_BELOW));
                Self {
                    name: name.as_deref().unwrap_or_default(),
                    email: email.as_deref().unwrap_or_default(),
                    link: link.as_deref().unwrap_or_default(),
                    user_id: user_id.unwrap_or(0),
                    loses_key: user.is_some() && user_id.is_none(),
                }
            }
            ExportedAuthor::Guest { name, link, .. } => Self {
                name: name.as_deref().unwrap_or_default(),
                link: link.as_deref().unwrap_or_default(),
                ..Self::default()
            },
            ExportedAuthor::Nobody => Self::default(),
        }
    }
}
