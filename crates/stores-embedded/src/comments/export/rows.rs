//! The statements and rows of an export.

use rethread_model::{
    ExportedAuthor, ExportedComment, ExportedPage, ExportedThread, Origin, SafeHtml, Scope, Signature, Status,
    TextKind, Thread,
};
use rusqlite::Row;

use super::super::reactions;
use crate::sqlite::{DbResult, from_micros, text_of, word};
use rethread_stores::rules::export_cursor::ThreadRow;
use rethread_stores::rules::signature::shown_columns;

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
        "SELECT comments.source_id, parents.source_id, comments.parent, comments.created_at, comments.edited_at, \
               ifnull(comments.local_status, comments.status), comments.text, comments.text_kind, comments.html, \
               comments.votes_up, comments.votes_down, comments.score, comments.pinned, comments.ip, \
               authors.key, {}, authors.email, authors.moderator \
             FROM comments \
               LEFT JOIN authors ON authors.no = comments.author_no \
               LEFT JOIN replies ON replies.comment_no = comments.no \
               LEFT JOIN comments AS parents \
                 ON parents.no = replies.parent_no AND parents.thread_no = comments.thread_no \
             WHERE comments.thread_no = ?1 AND {which} AND (?5 IS NULL OR comments.created_at >= ?5) AND (?6 IS NULL OR comments.created_at < ?6) \
               AND (?7 IS NULL OR ifnull(comments.local_status, comments.status) IN (SELECT value FROM json_each(?7))) \
             ORDER BY {order} LIMIT ?4",
        shown_columns("comments")
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
            id: text_of("page id", row.get_ref(0)?.as_str().unwrap_or_default())?,
            url_id: row.get(1)?,
            url: row.get(2)?,
            title: row.get(3)?,
        },
        thread: ExportedThread {
            vendor: text_of("vendor", row.get_ref(4)?.as_str().unwrap_or_default())?,
            origin: Origin::new(row.get::<_, String>(5)?),
            thread: Thread {
                source_id: row.get(7)?,
                url_id: row.get(8)?,
                url: row.get(9)?,
                title: row.get(10)?,
                created_at: from_micros(row.get(11)?)?,
                closed: row.get(12)?,
                reactions: reactions::of_column(row.get_ref(13)?)?,
            },
        },
    })
}

#[expect(clippy::disallowed_methods, reason = "a store gives back the HTML that it was given")]
pub(super) fn comment(scope: &Scope, row: &Row<'_>) -> DbResult<ExportedComment> {
    let source_id: String = row.get(0)?;
    let parent: Option<String> = row.get(1)?;
    let status = word("status", row.get_ref(5)?.as_str().ok().and_then(Status::from_word))?;
    Ok(ExportedComment {
        id: scope.comment_id(&source_id),
        source_id,
        parent: parent.map(|parent| scope.comment_id(&parent)),
        parent_source_id: row.get(2)?,
        author: if status == Status::Deleted { ExportedAuthor::Nobody } else { author(scope, row)? },
        created_at: from_micros(row.get(3)?)?,
        edited_at: from_micros(row.get(4)?)?,
        status,
        text: row.get(6)?,
        text_kind: word("text kind", row.get_ref(7)?.as_str().ok().and_then(TextKind::from_word))?,
        html: SafeHtml::assume_sanitised(row.get(8)?),
        votes_up: row.get(9)?,
        votes_down: row.get(10)?,
        score: row.get(11)?,
        pinned: row.get(12)?,
        ip: row.get(13)?,
    })
}

fn author(scope: &Scope, row: &Row<'_>) -> DbResult<ExportedAuthor> {
    let shown = Signature { name: row.get(15)?, link: row.get(16)?, avatar: row.get(17)? };
    let is_empty = shown.is_empty();
    let Signature { name, link, avatar } = shown;
    Ok(match row.get::<_, Option<String>>(14)? {
        Some(key) => {
            let (email, moderator) = (row.get(18)?, row.get(19)?);
            ExportedAuthor::Known { id: scope.author_id(&key), key, name, email, link, avatar, moderator }
        }
        // A guest without any data is stored like a comment without an author.
        None if is_empty => ExportedAuthor::Nobody,
        None => ExportedAuthor::Guest { name, link, avatar },
    })
}
