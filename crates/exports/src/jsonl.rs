//! JSON Lines with everything that we store: one object per line, each with a `type`. Nothing is
//! lost.
//!
//! The first line is the [`Header`]. Then comes each page: its line, and for each of its threads
//! the thread's line followed by its comments. docs/exports.md describes the fields; these are the
//! types of the lines, also for readers.

use rethread_model::{
    CommentDetails, CommentId, Exported, ExportedAuthor, ExportedComment, ExportedPage, ExportedThread, PageId, Status,
    TextKind, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::Format;
use super::count::Count;

/// The version of the lines' schema. A higher version may have other fields; readers should refuse
/// unknown versions.
pub const VERSION: u32 = 1;

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Line {
    /// The first line.
    Export(Header),
    /// A page; its threads follow.
    Page(ExportedPage),
    /// A thread of the last page; its comments follow.
    Thread(ThreadLine),
    /// A comment on the last thread.
    Comment(Box<CommentLine>),
}

/// Describes the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// See [`VERSION`].
    pub version: u32,
    /// When the export was made, in UTC.
    pub exported_at: Timestamp,
}

/// A thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadLine {
    /// The id of its page.
    pub page: PageId,
    /// The thread, whose fields are on the same level as `page`.
    #[serde(flatten)]
    pub thread: ExportedThread,
}

/// A comment; see [`ExportedComment`] for its fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is that of the same name of ExportedComment")]
pub struct CommentLine {
    pub id: CommentId,
    pub source_id: String,
    pub parent: Option<CommentId>,
    pub parent_source_id: Option<String>,
    pub author: ExportedAuthor,
    pub created_at: Option<Timestamp>,
    pub edited_at: Option<Timestamp>,
    pub status: Status,
    pub text: String,
    pub text_kind: TextKind,
    /// Displayable HTML. A reader of the file cannot trust its origin and must sanitise it again.
    pub html: String,
    /// Its fields are on the same level.
    #[serde(flatten)]
    pub details: CommentDetails,
}

impl From<&ExportedComment> for CommentLine {
    fn from(comment: &ExportedComment) -> Self {
        let comment = comment.clone();
        Self {
            id: comment.id,
            source_id: comment.source_id,
            parent: comment.parent,
            parent_source_id: comment.parent_source_id,
            author: comment.author,
            created_at: comment.created_at,
            edited_at: comment.edited_at,
            status: comment.status,
            text: comment.text,
            text_kind: comment.text_kind,
            html: comment.html.as_str().to_owned(),
            details: comment.details,
        }
    }
}

/// Writes the lines.
#[derive(Debug)]
pub(super) struct Jsonl {
    exported_at: Timestamp,
    page: Option<ExportedPage>,
}

impl Jsonl {
    pub(super) fn new(exported_at: Timestamp) -> Self {
        Self { exported_at, page: None }
    }
}

impl Format for Jsonl {
    fn begin(&mut self, out: &mut Vec<u8>) {
        write(&Line::Export(Header { version: VERSION, exported_at: self.exported_at }), out);
    }

    fn write(&mut self, _pass: u32, item: &Exported, count: &mut Count, out: &mut Vec<u8>) {
        match item {
            Exported::Page(page) => {
                count.page(page);
                self.page = Some(page.clone());
                write(&Line::Page(page.clone()), out);
            }
            Exported::Thread(thread) => {
                let Some(page) = &self.page else { return };
                count.thread(page, thread);
                write(&Line::Thread(ThreadLine { page: page.id, thread: thread.clone() }), out);
            }
            Exported::Comment(comment) => {
                count.comment(comment);
                write(&Line::Comment(Box::new(comment.as_ref().into())), out);
            }
        }
    }
}

fn write(line: &Line, out: &mut Vec<u8>) {
    // Writing into memory cannot fail, and all types serialise.
    let _ = serde_json::to_writer(&mut *out, line);
    out.push(b'\n');
}
