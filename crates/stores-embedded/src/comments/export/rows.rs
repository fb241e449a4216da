//! The statements and rows of an export.

use rethread_model::{ExportedComment, ExportedPage, ExportedThread, Origin, Scope, Signature, Thread};
use rethread_stores::rules::comment_rows::{current_status, join_author_and_parent};
use rethread_stores::rules::export_cursor::ThreadRow;
use rethread_stores::rules::exported_comment::{ExportedRow, exported_columns};
use rethread_stores::stored_value::{from_micros, of_json_list, text_of};
use rusqlite::Row;

use crate::comments::details;
use crate::sqlite::{DbResult, optional_text, text};

/// An account's threads in order: after page ?2, vendor ?3, origin ?4 and source id ?5; of page ?6,
/// vendor ?7 and origin ?8, where given; at most ?9. If ?10, only those with a comment that matches
/// ?11, ?12 and ?13. The cross join fixes the join order for `SQLite`: the pages come first, along
/// the index on their keys.
pub(super) const THREADS: &str = "\
    SELECT pages.id, pages.url_id, pages.url, pages.title, origins.vendor, origins.origin, \
      threads.no, threads.source_id, threads.url_id, threads.url, threads.title, threads.created_at, threads.closed, \
      threads.reactions \
    FROM pages CROSS JOIN threads CROSS JOIN origins \
    WHERE pages.account = ?1 AND threads.page_no = pages.no \
      AND origins.no = threads.origin_no AND origins.account = ?1 AND pages.url_id >= ?2 \
      AND (pages.url_id, origins.vendor, origins.origin, threads.source_id) > (?2, ?3, ?4, ?5) \
      AND (?6 IS NULL OR pages.url_id = ?6) AND (?7 IS NULL OR origins.vendor = ?7) \
      AND (?8 IS NULL OR origins.origin = ?8) \
      AND (NOT ?10 OR EXISTS (SELECT 1 FROM comments WHERE comments.thread_no = threads.no \
        AND (?11 IS NULL OR comments.created_at >= ?11) AND (?12 IS NULL OR comments.created_at < ?12) \
        AND (?13 IS NULL OR ifnull(comments.local_status, comments.status) IN (SELECT value FROM json_each(?13))))) \
    ORDER BY pages.url_id, origins.vendor, origins.origin, threads.source_id LIMIT ?9";

fn comments(which: &str, order: &str) -> String {
    format!(
        "SELECT {columns} FROM comments {author_and_parent} \
         WHERE comments.thread_no = ?1 AND {which} \
           AND (?5 IS NULL OR comments.created_at >= ?5) AND (?6 IS NULL OR comments.created_at < ?6) \
           AND (?7 IS NULL OR {status} IN (SELECT value FROM json_each(?7))) \
         ORDER BY {order} LIMIT ?4",
        columns = exported_columns("comments"),
        author_and_parent = join_author_and_parent("comments"),
        status = current_status("comments"),
    )
}

/// The comments of thread ?1 with a time, after time ?2 and source id ?3, at most ?4, from time ?5
/// until time ?6, with a status in the JSON array ?7.
pub(super) fn timed() -> String {
    comments(
        "comments.created_at >= ?2 AND (comments.created_at, comments.source_id) > (?2, ?3)",
        "comments.created_at, comments.source_id",
    )
}

/// The same for comments without a time.
pub(super) fn untimed() -> String {
    comments(
        "comments.created_at IS NULL AND (?3 IS NULL OR comments.source_id > ?3) AND ?2 IS NOT NULL",
        "comments.source_id",
    )
}

pub(super) fn stop(row: &Row<'_>) -> DbResult<ThreadRow> {
    Ok(ThreadRow {
        no: row.get(6)?,
        page: ExportedPage {
            id: text_of("page id", text(row, 0)?)?,
            url_id: row.get(1)?,
            url: row.get(2)?,
            title: row.get(3)?,
        },
        thread: ExportedThread {
            vendor: text_of("vendor", text(row, 4)?)?,
            origin: Origin::new(row.get::<_, String>(5)?),
            thread: Thread {
                source_id: row.get(7)?,
                url_id: row.get(8)?,
                url: row.get(9)?,
                title: row.get(10)?,
                created_at: from_micros(row.get(11)?)?,
                closed: row.get(12)?,
                reactions: of_json_list("list of reactions", optional_text(row, 13)?)?,
            },
        },
    })
}

pub(super) fn comment(scope: &Scope, row: &Row<'_>) -> DbResult<ExportedComment> {
    let row = ExportedRow {
        source_id: row.get(0)?,
        linked_parent: optional_text(row, 1)?,
        named_parent: row.get(2)?,
        created_at: row.get(3)?,
        edited_at: row.get(4)?,
        status: text(row, 5)?,
        text: row.get(6)?,
        text_kind: text(row, 7)?,
        html: row.get(8)?,
        author_key: row.get(9)?,
        shown: Signature { name: row.get(10)?, link: row.get(11)?, avatar: row.get(12)? },
        email: row.get(13)?,
        moderator: row.get(14)?,
        details: details::read(row, 15)?,
    };
    Ok(row.into_comment(scope)?)
}
