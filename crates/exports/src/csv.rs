//! A table for people: UTF-8 with a byte order mark, commas, CRLF (RFC 4180), one row per comment.
//!
//! Times are UTC in RFC 3339 form. Unknown values are empty cells. Spreadsheets treat some texts as
//! formulas; these are neutralised, and [`typed`] restores them.

mod cell;

use rethread_model::{AuthorId, Exported, ExportedAuthor, ExportedComment, ExportedPage, ExportedThread, Loss};

use self::cell::Row;
pub use self::cell::typed;
use super::Format;
use super::count::Count;

/// The header row. The key of the page is the second column, where people look for it.
pub const COLUMNS: [&str; 30] = [
    "ID",
    "URL ID",
    "URL",
    "Page Title",
    "Parent ID",
    "Date",
    "Edited",
    "Status",
    "Name",
    "Email",
    "Text",
    "Text Kind",
    "HTML",
    "Votes Up",
    "Votes Down",
    "Score",
    "Pinned",
    "Author",
    "Author ID",
    "Author Key",
    "Link",
    "Avatar",
    "Moderator",
    "IP",
    "Vendor",
    "Origin",
    "Thread ID",
    "Thread Closed",
    "Source ID",
    "Parent Source ID",
];

/// Makes spreadsheets read the file as UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The common part of a page's rows.
#[derive(Debug, Default)]
pub(super) struct Csv {
    page: Option<ExportedPage>,
    thread: Option<ExportedThread>,
}

impl Format for Csv {
    fn begin(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(BYTE_ORDER_MARK);
        let mut row = Row::default();
        for column in COLUMNS {
            row.text(column);
        }
        row.write(out);
    }

    fn write(&mut self, _pass: u32, item: &Exported, count: &mut Count, out: &mut Vec<u8>) {
        match item {
            Exported::Page(page) => {
                count.page(page);
                self.page = Some(page.clone());
            }
            Exported::Thread(thread) => {
                if let Some(page) = &self.page {
                    count.thread(page, thread);
                }
                self.thread = Some(thread.clone());
            }
            Exported::Comment(comment) => {
                let (Some(page), Some(thread)) = (&self.page, &self.thread) else { return };
                count.comment(comment);
                let row = row(page, thread, comment);
                count.lose(Loss::ControlCharacters, row.has_dropped);
                row.write(out);
            }
        }
    }
}

fn row(page: &ExportedPage, thread: &ExportedThread, comment: &ExportedComment) -> Row {
    let author = Author::of(&comment.author);
    let mut row = Row::default();
    row.shown(comment.id);
    row.text(&page.url_id);
    row.optional(page.url.as_deref());
    row.optional(page.title.as_deref());
    row.maybe(comment.parent);
    row.maybe(comment.created_at);
    row.maybe(comment.edited_at);
    row.text(comment.status.as_str());
    row.optional(author.name);
    row.optional(author.email);
    row.text(&comment.text);
    row.text(comment.text_kind.as_str());
    row.text(comment.html.as_str());
    row.number(comment.votes_up);
    row.number(comment.votes_down);
    row.number(comment.score);
    row.shown(comment.pinned);
    row.text(author.kind);
    row.maybe(author.id);
    row.optional(author.key);
    row.optional(author.link);
    row.optional(author.avatar);
    row.maybe(author.moderator);
    row.optional(comment.ip.as_deref());
    row.text(thread.vendor.as_str());
    row.text(thread.origin.as_str());
    row.text(&thread.thread.source_id);
    row.shown(thread.thread.closed);
    row.text(&comment.source_id);
    row.optional(comment.parent_source_id.as_deref());
    row
}

/// The cells about an author, the same for all kinds of author.
#[derive(Debug, Default)]
struct Author<'a> {
    kind: &'static str,
    id: Option<AuthorId>,
    key: Option<&'a str>,
    name: Option<&'a str>,
    email: Option<&'a str>,
    link: Option<&'a str>,
    avatar: Option<&'a str>,
    moderator: Option<bool>,
}

impl<'a> Author<'a> {
    fn of(author: &'a ExportedAuthor) -> Self {
        match author {
            ExportedAuthor::Known { id, key, name, email, link, avatar, moderator } => Self {
                kind: "known",
                id: Some(*id),
                key: Some(key),
                name: name.as_deref(),
                email: email.as_deref(),
                link: link.as_deref(),
                avatar: avatar.as_deref(),
                moderator: *moderator,
            },
            ExportedAuthor::Guest { name, link, avatar } => Self {
                kind: "guest",
                name: name.as_deref(),
                link: link.as_deref(),
                avatar: avatar.as_deref(),
                ..Self::default()
            },
            ExportedAuthor::Nobody => Self { kind: "nobody", ..Self::default() },
        }
    }
}
