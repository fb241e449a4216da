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

/// A column: its name, and its cell in the row of a comment.
type Column = (&'static str, fn(&mut Row, &Content<'_>));

/// The columns. The key of the page is the second one, where people look for it.
const COLUMNS: [Column; 30] = [
    ("ID", |row, from| row.shown(from.comment.id)),
    ("URL ID", |row, from| row.text(&from.page.url_id)),
    ("URL", |row, from| row.optional(from.page.url.as_deref())),
    ("Page Title", |row, from| row.optional(from.page.title.as_deref())),
    ("Parent ID", |row, from| row.maybe(from.comment.parent)),
    ("Date", |row, from| row.maybe(from.comment.created_at)),
    ("Edited", |row, from| row.maybe(from.comment.edited_at)),
    ("Status", |row, from| row.text(from.comment.status.as_str())),
    ("Name", |row, from| row.optional(from.author.name)),
    ("Email", |row, from| row.optional(from.author.email)),
    ("Text", |row, from| row.text(&from.comment.text)),
    ("Text Kind", |row, from| row.text(from.comment.text_kind.as_str())),
    ("HTML", |row, from| row.text(from.comment.html.as_str())),
    ("Votes Up", |row, from| row.number(from.comment.details.votes_up)),
    ("Votes Down", |row, from| row.number(from.comment.details.votes_down)),
    ("Score", |row, from| row.number(from.comment.details.score)),
    ("Pinned", |row, from| row.shown(from.comment.details.pinned)),
    ("Author", |row, from| row.text(from.author.kind)),
    ("Author ID", |row, from| row.maybe(from.author.id)),
    ("Author Key", |row, from| row.optional(from.author.key)),
    ("Link", |row, from| row.optional(from.author.link)),
    ("Avatar", |row, from| row.optional(from.author.avatar)),
    ("Moderator", |row, from| row.maybe(from.author.moderator)),
    ("IP", |row, from| row.optional(from.comment.details.ip.as_deref())),
    ("Vendor", |row, from| row.text(from.thread.vendor.as_str())),
    ("Origin", |row, from| row.text(from.thread.origin.as_str())),
    ("Thread ID", |row, from| row.text(&from.thread.thread.source_id)),
    ("Thread Closed", |row, from| row.shown(from.thread.thread.closed)),
    ("Source ID", |row, from| row.text(&from.comment.source_id)),
    ("Parent Source ID", |row, from| row.optional(from.comment.parent_source_id.as_deref())),
];

/// The header row.
pub fn header() -> impl Iterator<Item = &'static str> {
    COLUMNS.into_iter().map(|(name, _)| name)
}

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
        for column in header() {
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

/// What the cells of a row are made of.
struct Content<'a> {
    page: &'a ExportedPage,
    thread: &'a ExportedThread,
    comment: &'a ExportedComment,
    author: Author<'a>,
}

fn row(page: &ExportedPage, thread: &ExportedThread, comment: &ExportedComment) -> Row {
    let content = Content { page, thread, comment, author: Author::of(&comment.author) };
    let mut row = Row::default();
    for (_, cell) in COLUMNS {
        cell(&mut row, &content);
    }
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
