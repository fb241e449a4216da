//! The table of comments.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rethread_model::{Comment, Status};
use rethread_stores::rules::resolve_batch::{Change, StoredRow};
use rethread_stores::rules::signature::StoredSignature;
use rethread_stores::stored_value::micros;
use tokio_postgres::types::{ToSql, Type};

use super::details;
use crate::postgres::{DbResult, Failure, Transaction, parameters};

/// A comment and the row numbers of what it refers to.
pub(super) struct Row<'a> {
    pub(super) change: &'a Change<'a>,
    pub(super) comment: &'a Comment,
    pub(super) fingerprint: &'a [u8],
    pub(super) thread_no: i64,
    pub(super) author_no: Option<i64>,
    pub(super) signature: StoredSignature<'a>,
}

/// The columns that a file determines, in the order of [`Written::values`]; those of the details
/// follow.
const COLUMNS: [(&str, Type); 16] = [
    ("no", Type::INT8),
    ("source_id", Type::TEXT),
    ("thread_no", Type::INT8),
    ("parent", Type::TEXT),
    ("author_no", Type::INT8),
    ("signed_as_usual", Type::BOOL),
    ("signed_name", Type::TEXT),
    ("signed_link", Type::TEXT),
    ("signed_avatar", Type::TEXT),
    ("created_at", Type::INT8),
    ("edited_at", Type::INT8),
    ("status", Type::TEXT),
    ("text_kind", Type::TEXT),
    ("text", Type::TEXT),
    ("html", Type::TEXT),
    ("fingerprint", Type::BYTEA),
];

fn columns() -> impl Iterator<Item = (&'static str, Type)> {
    COLUMNS.into_iter().chain(details::columns())
}

static TYPES: LazyLock<Vec<Type>> = LazyLock::new(|| columns().map(|(_, of)| of).collect());

static INCOMING: LazyLock<String> = LazyLock::new(|| {
    let collation = |name: &str| if name == "source_id" { " COLLATE \"C\"" } else { "" };
    let columns: Vec<String> = columns().map(|(name, of)| format!("{name} {of}{}", collation(name))).collect();
    format!("CREATE TEMPORARY TABLE incoming ({}) ON COMMIT DROP", columns.join(", "))
});

/// Inserts a row, or updates the row that was read, which has its number. In order of source ids,
/// so that two transactions never deadlock.
static UPSERT: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<&str> = columns().map(|(name, _)| name).skip(1).collect();
    let replaced = columns.iter().filter(|name| **name != "source_id");
    let assignments: Vec<String> = replaced.map(|name| format!("{name} = EXCLUDED.{name}")).collect();
    let (columns, assignments) = (columns.join(", "), assignments.join(", "));
    format!(
        "INSERT INTO comments (no, origin_no, {columns}) \
         SELECT coalesce(no, nextval('comments_no_seq')), $1, {columns} FROM incoming ORDER BY source_id \
         ON CONFLICT (origin_no, source_id) DO UPDATE SET {assignments} \
         WHERE comments.no = EXCLUDED.no RETURNING source_id, no"
    )
});

/// Writes the file's comments, and returns their numbers. Links are made at the end of the import.
/// Fails with [`Failure::Raced`] where a row is not the one that was read.
pub(super) async fn put(tx: &Transaction, origin_no: i64, rows: &[Row<'_>]) -> DbResult<BTreeMap<String, i64>> {
    if rows.is_empty() {
        return Ok(BTreeMap::new());
    }
    let read: Vec<&StoredRow> = rows.iter().filter_map(|row| row.change.stored.as_ref()).collect();
    if !read.is_empty() {
        hold(tx, &read).await?;
    }
    let written: Vec<Written<'_>> = rows.iter().map(Written::new).collect();
    let values: Vec<Vec<&(dyn ToSql + Sync)>> = written.iter().map(Written::values).collect();
    tx.script(&INCOMING).await?;
    tx.copy("COPY incoming FROM STDIN (FORMAT binary)", &TYPES, &values).await?;
    // A row that another transaction created since the read has another number and is skipped.
    let stored = tx.query(&UPSERT, &parameters![origin_no]).await?;
    // A batch of several sites comes here once for each.
    tx.script("DROP TABLE incoming").await?;
    if stored.len() != rows.len() {
        return Err(Failure::Raced);
    }
    stored.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Locks the rows that were read, provided that they are unchanged.
async fn hold(tx: &Transaction, read: &[&StoredRow]) -> DbResult<()> {
    let nos: Vec<i64> = read.iter().map(|stored| stored.no).collect();
    let fingerprints: Vec<&[u8]> = read.iter().map(|stored| stored.fingerprint.0.as_slice()).collect();
    let deleted: Vec<bool> = read.iter().map(|stored| stored.is_deleted_here).collect();
    let held = tx
        .query(
            "SELECT comments.no FROM comments JOIN unnest($1::bigint[], $2::bytea[], $3::boolean[]) \
               AS read (no, fingerprint, deleted) ON comments.no = read.no AND comments.fingerprint = read.fingerprint \
               AND (comments.local_status IS NOT DISTINCT FROM 'deleted') = read.deleted \
             ORDER BY comments.no FOR NO KEY UPDATE OF comments",
            &parameters![nos, fingerprints, deleted],
        )
        .await?;
    if held.len() == read.len() { Ok(()) } else { Err(Failure::Raced) }
}

/// The values of a row, in order of the columns.
struct Written<'a> {
    no: Option<i64>,
    source_id: &'a str,
    thread_no: i64,
    parent: Option<&'a str>,
    author_no: Option<i64>,
    signed_as_usual: Option<bool>,
    signed_name: Option<&'a str>,
    signed_link: Option<&'a str>,
    signed_avatar: Option<&'a str>,
    created_at: Option<i64>,
    edited_at: Option<i64>,
    status: &'a str,
    text_kind: &'a str,
    text: &'a str,
    html: String,
    fingerprint: &'a [u8],
    details: Vec<details::Parameter<'a>>,
}

impl<'a> Written<'a> {
    /// A comment that was deleted here is written without what a tombstone must not have, but with
    /// the status from the file.
    fn new(row: &'a Row<'a>) -> Self {
        let comment = row.comment;
        let is_sealed =
            row.change.stored.is_some_and(|stored| stored.is_deleted_here) || comment.status == Status::Deleted;
        let signature = if is_sealed { StoredSignature::default() } else { row.signature };
        let open = (!is_sealed).then_some(comment);
        Self {
            no: row.change.stored.map(|stored| stored.no),
            source_id: &comment.source_id,
            thread_no: row.thread_no,
            parent: comment.parent.as_deref(),
            author_no: row.author_no.filter(|_| !is_sealed),
            signed_as_usual: signature.is_usual,
            signed_name: signature.own.and_then(|own| own.name.as_deref()),
            signed_link: signature.own.and_then(|own| own.link.as_deref()),
            signed_avatar: signature.own.and_then(|own| own.avatar.as_deref()),
            created_at: micros(comment.created_at),
            edited_at: open.and_then(|comment| micros(comment.edited_at)),
            status: comment.status.as_str(),
            text_kind: comment.text_kind.as_str(),
            text: open.map_or("", |comment| comment.text.as_str()),
            html: open.map(|comment| crate::postgres::storable(comment.html.as_str()).into_owned()).unwrap_or_default(),
            fingerprint: row.fingerprint,
            details: details::parameters(open.map(|comment| &comment.details)),
        }
    }

    fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        let fixed: [&(dyn ToSql + Sync); 16] = [
            &self.no,
            &self.source_id,
            &self.thread_no,
            &self.parent,
            &self.author_no,
            &self.signed_as_usual,
            &self.signed_name,
            &self.signed_link,
            &self.signed_avatar,
            &self.created_at,
            &self.edited_at,
            &self.status,
            &self.text_kind,
            &self.text,
            &self.html,
            &self.fingerprint,
        ];
        fixed.into_iter().chain(self.details.iter().map(|value| &**value as &(dyn ToSql + Sync))).collect()
    }
}
