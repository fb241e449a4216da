//! The statements and rows of an export.

use rethread_model::{
    ExportedAuthor, ExportedComment, ExportedPage, ExportedThread, Origin, PageId, SafeHtml, Scope, Signature, Status,
    TextKind, Thread,
};
use tokio_postgres::Row;

use super::super::reactions;
use crate::postgres::{DbResult, from_micros, given, text_of, unsigned, word};
use rethread_stores::ExportDepth;
use rethread_stores::rules::export_cursor::ThreadRow;
use rethread_stores::rules::signature::shown_columns;

/// An account's threads in order: after page $2, vendor $3, origin $4 and source id $5; of page $6,
/// vendor $7 and origin $8, where given; at most $9. If comments are not read as well, only threads
/// with a comment from time $10 until time $11 with one of the statuses $12.
pub(super) fn threads(depth: ExportDepth) -> String {
    let has_comments = match depth {
        ExportDepth::Comments => "TRUE".to_owned(),
        ExportDepth::Threads => {
            format!("EXISTS (SELECT 1 FROM comments WHERE thread_no = threads.no AND {})", wanted(10, 11, 12))
        }
    };
    format!(
        "SELECT pages.id, pages.url_id, pages.url, pages.title, origins.vendor, origins.origin, threads.no, \
           threads.source_id, threads.url_id, threads.url, threads.title, threads.created_at, threads.closed, \
           threads.reactions \
         FROM pages JOIN threads ON threads.page_no = pages.no JOIN origins ON origins.no = threads.origin_no \
         WHERE pages.account = $1 AND origins.account = $1 AND pages.url_id >= $2 \
           AND (pages.url_id, origins.vendor, origins.origin, threads.source_id) > ($2, $3, $4, $5) \
           AND ($6::text IS NULL OR pages.url_id = $6) AND ($7::text IS NULL OR origins.vendor = $7) \
           AND ($8::text IS NULL OR origins.origin = $8) AND {has_comments} \
         ORDER BY pages.url_id, origins.vendor, origins.origin, threads.source_id LIMIT $9"
    )
}

/// The comments of the threads $1, in the order of the array and then their own; at most $2. The
/// innermost limit keeps a large thread from being read as a whole. Threads come in the order of
/// the array, so that none is read unnecessarily.
pub(super) fn of_threads() -> String {
    with_surroundings(&format!(
        "SELECT asked.index, comments.* \
         FROM (SELECT no, index FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (no, index) ORDER BY index) AS asked \
         CROSS JOIN LATERAL (SELECT * FROM comments WHERE thread_no = asked.no AND {} \
           ORDER BY created_at, source_id LIMIT $2) AS comments \
         ORDER BY asked.index, comments.created_at, comments.source_id LIMIT $2",
        wanted(3, 4, 5)
    ))
}

/// The comments of thread $1 with a time, after time $7 and source id $2; at most $3.
pub(super) fn rest_of_timed() -> String {
    with_surroundings(&format!(
        "SELECT 1::bigint AS index, comments.* FROM comments \
         WHERE thread_no = $1 AND created_at >= $7 AND (created_at, source_id) > ($7, $2) AND {} \
         ORDER BY created_at, source_id LIMIT $3",
        wanted(4, 5, 6)
    ))
}

/// The comments of thread $1 without a time, after source id $2; at most $3.
pub(super) fn rest_of_untimed() -> String {
    with_surroundings(&format!(
        "SELECT 1::bigint AS index, comments.* FROM comments \
         WHERE thread_no = $1 AND created_at IS NULL AND ($2::text IS NULL OR source_id > $2) AND {} \
         ORDER BY created_at, source_id LIMIT $3",
        wanted(4, 5, 6)
    ))
}

/// The condition on time and status; the arguments are parameter numbers.
fn wanted(from: u8, until: u8, statuses: u8) -> String {
    format!(
        "(${from}::bigint IS NULL OR created_at >= ${from}) AND (${until}::bigint IS NULL OR created_at < ${until}) \
         AND (cardinality(${statuses}::text[]) = 0 OR coalesce(local_status, status) = ANY (${statuses}))"
    )
}

fn with_surroundings(read: &str) -> String {
    format!(
        "SELECT read.index, read.source_id, parents.source_id, read.parent, read.created_at, read.edited_at, \
           coalesce(read.local_status, read.status), read.text, read.text_kind, read.html, read.votes_up, \
           read.votes_down, read.score, read.pinned, read.ip, authors.key, {}, authors.email, \
           authors.moderator \
         FROM ({read}) AS read \
           LEFT JOIN authors ON authors.no = read.author_no \
           LEFT JOIN replies ON replies.comment_no = read.no \
           LEFT JOIN comments AS parents ON parents.no = replies.parent_no AND parents.thread_no = read.thread_no \
         ORDER BY read.index, read.created_at, read.source_id",
        shown_columns("read")
    )
}

pub(super) fn stop(row: &Row) -> DbResult<ThreadRow> {
    Ok(ThreadRow {
        no: row.try_get(6)?,
        page: ExportedPage {
            id: PageId::from_uuid(row.try_get(0)?),
            url_id: row.try_get(1)?,
            url: text(row, 2)?,
            title: text(row, 3)?,
        },
        thread: ExportedThread {
            vendor: text_of("vendor", row.try_get(4)?)?,
            origin: Origin::new(given(row.try_get(5)?)),
            thread: Thread {
                source_id: row.try_get(7)?,
                url_id: row.try_get(8)?,
                url: text(row, 9)?,
                title: text(row, 10)?,
                created_at: from_micros(row.try_get(11)?)?,
                closed: row.try_get(12)?,
                reactions: reactions::of_column(row.try_get(13)?)?,
            },
        },
    })
}

/// The index of the comment's thread among the requested ones.
pub(super) fn index(row: &Row) -> DbResult<usize> {
    unsigned(row.try_get::<_, i64>(0)? - 1)
}

#[expect(clippy::disallowed_methods, reason = "a store gives back the HTML that it was given")]
pub(super) fn comment(scope: &Scope, row: &Row) -> DbResult<ExportedComment> {
    let source_id: String = row.try_get(1)?;
    let parent: Option<&str> = row.try_get(2)?;
    let status = word("status", Status::from_word(row.try_get(6)?))?;
    Ok(ExportedComment {
        id: scope.comment_id(&source_id),
        source_id,
        parent: parent.map(|parent| scope.comment_id(parent)),
        parent_source_id: row.try_get(3)?,
        author: if status == Status::Deleted { ExportedAuthor::Nobody } else { author(scope, row)? },
        created_at: from_micros(row.try_get(4)?)?,
        edited_at: from_micros(row.try_get(5)?)?,
        status,
        text: given(row.try_get(7)?),
        text_kind: word("text kind", TextKind::from_word(row.try_get(8)?))?,
        html: SafeHtml::assume_sanitised(given(row.try_get(9)?)),
        votes_up: row.try_get(10)?,
        votes_down: row.try_get(11)?,
        score: row.try_get(12)?,
        pinned: row.try_get(13)?,
        ip: text(row, 14)?,
    })
}

fn author(scope: &Scope, row: &Row) -> DbResult<ExportedAuthor> {
    let shown = Signature { name: text(row, 16)?, link: text(row, 17)?, avatar: text(row, 18)? };
    let is_empty = shown.is_empty();
    let Signature { name, link, avatar } = shown;
    Ok(match row.try_get::<_, Option<String>>(15)? {
        Some(key) => {
            let (email, moderator) = (text(row, 19)?, row.try_get(20)?);
            ExportedAuthor::Known { id: scope.author_id(&key), key, name, email, link, avatar, moderator }
        }
        // A guest without any data is stored like a comment without an author.
        None if is_empty => ExportedAuthor::Nobody,
        None => ExportedAuthor::Guest { name, link, avatar },
    })
}

fn text(row: &Row, column: usize) -> DbResult<Option<String>> {
    Ok(row.try_get::<_, Option<String>>(column)?.map(given))
}
