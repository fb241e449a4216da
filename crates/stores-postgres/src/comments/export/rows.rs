//! The statements and rows of an export.

use rethread_model::{ExportedComment, ExportedPage, ExportedThread, Origin, PageId, Scope, Signature, Thread};
use rethread_stores::ExportDepth;
use rethread_stores::rules::comment_rows::join_author_and_parent;
use rethread_stores::rules::export_cursor::ThreadRow;
use rethread_stores::rules::exported_comment::{ExportedRow, exported_columns};
use rethread_stores::stored_value::{from_micros, of_json_list, text_of, unsigned};
use tokio_postgres::Row;

use crate::comments::details;
use crate::postgres::{DbResult, given, given_text};

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
        "SELECT read.index, {} FROM ({read}) AS read {} ORDER BY read.index, read.created_at, read.source_id",
        exported_columns("read"),
        join_author_and_parent("read"),
    )
}

pub(super) fn stop(row: &Row) -> DbResult<ThreadRow> {
    Ok(ThreadRow {
        no: row.try_get(6)?,
        page: ExportedPage {
            id: PageId::from_uuid(row.try_get(0)?),
            url_id: row.try_get(1)?,
            url: given_text(row, 2)?,
            title: given_text(row, 3)?,
        },
        thread: ExportedThread {
            vendor: text_of("vendor", row.try_get(4)?)?,
            origin: Origin::new(given(row.try_get(5)?)),
            thread: Thread {
                source_id: row.try_get(7)?,
                url_id: row.try_get(8)?,
                url: given_text(row, 9)?,
                title: given_text(row, 10)?,
                created_at: from_micros(row.try_get(11)?)?,
                closed: row.try_get(12)?,
                reactions: of_json_list("list of reactions", row.try_get(13)?)?,
            },
        },
    })
}

/// The index of the comment's thread among the requested ones.
pub(super) fn index(row: &Row) -> DbResult<usize> {
    Ok(unsigned(row.try_get::<_, i64>(0)? - 1)?)
}

pub(super) fn comment(scope: &Scope, row: &Row) -> DbResult<ExportedComment> {
    let row = ExportedRow {
        source_id: row.try_get(1)?,
        linked_parent: row.try_get(2)?,
        named_parent: row.try_get(3)?,
        created_at: row.try_get(4)?,
        edited_at: row.try_get(5)?,
        status: row.try_get(6)?,
        text: given(row.try_get(7)?),
        text_kind: row.try_get(8)?,
        html: given(row.try_get(9)?),
        author_key: row.try_get(10)?,
        shown: Signature { name: given_text(row, 11)?, link: given_text(row, 12)?, avatar: given_text(row, 13)? },
        email: given_text(row, 14)?,
        moderator: row.try_get(15)?,
        details: details::read(row, 16)?,
    };
    Ok(row.into_comment(scope)?)
}
