//! The table of comments.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rethread_model::{Comment, Fingerprint, Signature, Status};
use rethread_stores::rules::comment_details;
use rethread_stores::rules::resolve_batch::{CommentLocation, StoredRow};
use rethread_stores::rules::signature::StoredSignature;
use rethread_stores::stored_value::micros;
use rusqlite::{CachedStatement, ToSql, Transaction, params};

use super::details;
use super::lookup::{Lookup, read_ids};
use crate::sqlite::DbResult;

/// What is stored under a source id.
pub(super) struct Found {
    pub(super) row: StoredRow,
    pub(super) thread_no: i64,
}

/// A comment and the row numbers of what it refers to.
pub(super) struct Row<'a> {
    pub(super) origin_no: i64,
    pub(super) thread_no: i64,
    pub(super) author_no: Option<i64>,
    pub(super) signature: StoredSignature<'a>,
    pub(super) comment: &'a Comment,
    pub(super) fingerprint: Fingerprint,
}

/// What is stored of an origin under these source ids.
pub(super) fn find(
    tx: &Transaction<'_>,
    origin_no: i64,
    ids: &BTreeSet<&str>,
    mut found: impl FnMut(String, Found),
) -> DbResult<()> {
    read_ids(tx, &LOOKUP, origin_no, ids, |row| {
        let stored = StoredRow { no: row.get(1)?, fingerprint: Fingerprint(row.get(3)?), is_deleted_here: row.get(4)? };
        found(row.get(0)?, Found { row: stored, thread_no: row.get(2)? });
        Ok(())
    })
}

const LOOKUP: Lookup = Lookup {
    count: "SELECT count(*) FROM (SELECT 1 FROM comments WHERE origin_no = ?1 AND source_id BETWEEN ?2 AND ?3 LIMIT ?4)",
    between: "SELECT source_id, no, thread_no, fingerprint, local_status IS 'deleted' FROM comments \
              WHERE origin_no = ?1 AND source_id BETWEEN ?2 AND ?3",
};

/// The location of a comment.
pub(super) fn location(tx: &Transaction<'_>, no: i64) -> DbResult<CommentLocation> {
    let mut statement = tx.prepare_cached(
        "SELECT threads.source_id, comments.parent FROM comments JOIN threads ON threads.no = comments.thread_no \
         WHERE comments.no = ?1",
    )?;
    Ok(statement.query_row([no], |row| Ok(CommentLocation { thread: row.get(0)?, parent: row.get(1)? }))?)
}

/// The columns of a comment, in the order of the parameters; those of its details follow.
const COLUMNS: [&str; 17] = [
    "no",
    "origin_no",
    "source_id",
    "thread_no",
    "parent",
    "author_no",
    "signed_as_usual",
    "signed_name",
    "signed_link",
    "signed_avatar",
    "created_at",
    "edited_at",
    "status",
    "text_kind",
    "text",
    "html",
    "fingerprint",
];

static INSERT: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<&str> = columns().collect();
    let values: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
    format!("INSERT INTO comments ({}) VALUES ({})", columns.join(", "), values.join(", "))
});

static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let assignments: Vec<String> =
        (1..).zip(columns()).skip(1).map(|(no, column)| format!("{column} = ?{no}")).collect();
    format!("UPDATE comments SET {} WHERE no = ?1", assignments.join(", "))
});

fn columns() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().chain(comment_details::NAMES).copied()
}

/// The statement for [`insert`], prepared once for all comments of a batch.
pub(super) fn inserting<'a>(tx: &'a Transaction<'_>) -> DbResult<CachedStatement<'a>> {
    Ok(tx.prepare_cached(&INSERT)?)
}

pub(super) fn insert(tx: &Transaction<'_>, inserting: &mut CachedStatement<'_>, row: &Row<'_>) -> DbResult<i64> {
    write(inserting, None, row, row.comment)?;
    Ok(tx.last_insert_rowid())
}

/// Replaces the data from the file. Links are made again at the end of the import.
pub(super) fn update(tx: &Transaction<'_>, found: StoredRow, row: &Row<'_>) -> DbResult<()> {
    let redacted = found.is_deleted_here.then(|| redacted(row.comment));
    let (author_no, signature) =
        if found.is_deleted_here { (None, StoredSignature::default()) } else { (row.author_no, row.signature) };
    let comment = redacted.as_ref().unwrap_or(row.comment);
    write(&mut tx.prepare_cached(&UPDATE)?, Some(found.no), &Row { author_no, signature, ..*row }, comment)
}

/// The comment without what a tombstone must not have, but with the status from the file.
fn redacted(comment: &Comment) -> Comment {
    let mut redacted = Comment { status: Status::Deleted, ..comment.clone() }.redacted();
    redacted.status = comment.status;
    redacted
}

fn write(statement: &mut CachedStatement<'_>, no: Option<i64>, row: &Row<'_>, comment: &Comment) -> DbResult<()> {
    let own = |field: fn(&Signature) -> &Option<String>| row.signature.own.and_then(|own| field(own).as_deref());
    let fixed = params![
        no,
        row.origin_no,
        comment.source_id,
        row.thread_no,
        comment.parent,
        row.author_no,
        row.signature.is_usual,
        own(|own| &own.name),
        own(|own| &own.link),
        own(|own| &own.avatar),
        micros(comment.created_at),
        micros(comment.edited_at),
        comment.status.as_str(),
        comment.text_kind.as_str(),
        comment.text,
        comment.html.as_str(),
        row.fingerprint.0,
    ];
    let details = details::parameters(&comment.details);
    let details = details.iter().map(|value| value as &dyn ToSql);
    let values: Vec<&dyn ToSql> = fixed.iter().copied().chain(details).collect();
    statement.execute(values.as_slice())?;
    Ok(())
}
