//! The contents of a comment store, read with any tool for its database: by natural keys, so that
//! two stores can be compared regardless of their implementation and the order of writing.

mod postgres;
mod sqlite;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rethread_stores::rules::comment_details;
use rusqlite::types::Value;

/// Rows as text, sorted.
pub type Rows = Vec<String>;

/// Text, time and status of a comment.
pub type Said = (String, Option<i64>, String);

/// A finding: part, offset, reason and source id.
pub type Found = (i64, i64, String, String);

/// The result of a query.
type Selected = Vec<Vec<Value>>;

/// Each comment with its natural keys.
static COMMENTS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "
    SELECT o.account, o.vendor, o.origin, c.source_id, t.source_id, p.source_id, a.key,
           c.signed_as_usual IS NOT NULL, CASE WHEN c.signed_as_usual THEN a.usual_name ELSE c.signed_name END,
           CASE WHEN c.signed_as_usual THEN a.usual_link ELSE c.signed_link END,
           CASE WHEN c.signed_as_usual THEN a.usual_avatar ELSE c.signed_avatar END,
           c.created_at, c.edited_at, c.status, c.local_status, c.text_kind, c.text, c.html,
           {}
    FROM comments c
    JOIN origins o ON o.no = c.origin_no
    JOIN threads t ON t.no = c.thread_no
    LEFT JOIN authors a ON a.no = c.author_no
    LEFT JOIN replies r ON r.comment_no = c.no
    LEFT JOIN comments p ON p.no = r.parent_no",
        comment_details::selected("c")
    )
});

const THREADS: &str = "
    SELECT o.account, o.vendor, o.origin, t.source_id, t.url_id, t.url, t.title, t.created_at, t.closed, t.reactions, p.url_id
    FROM threads t JOIN origins o ON o.no = t.origin_no LEFT JOIN pages p ON p.no = t.page_no";

const AUTHORS: &str = "
    SELECT o.account, o.vendor, o.origin, a.key, a.name, a.email, a.link, a.avatar, a.moderator, a.as_of
    FROM authors a JOIN origins o ON o.no = a.origin_no";

const PAGES: &str = "SELECT account, url_id, url, title, comments, reactions FROM pages";

fn kinds() -> [(&'static str, &'static str); 4] {
    [("comment", &COMMENTS), ("thread", THREADS), ("author", AUTHORS), ("page", PAGES)]
}

const FINDINGS: &str = "SELECT part, \"offset\", reason, source_id FROM findings";
/// The same for the distributed store, where `offset` is an SQL keyword.
const DISTRIBUTED_FINDINGS: &str = "SELECT part, byte, reason, source_id FROM findings";

const SAID: &str = "SELECT source_id, text, created_at, status FROM comments";

/// Tables whose rows outlive a job, or must not.
const TABLES: [&str; 9] = [
    "origins",
    "pages",
    "threads",
    "authors",
    "comments",
    "replies",
    "ledger_comments",
    "ledger_threads",
    "checkpoints",
];

/// A comment store to inspect.
pub(crate) enum Store {
    /// The folder of the embedded store.
    Embedded(PathBuf),
    /// A client of the distributed store's database.
    Distributed(tokio_postgres::Client),
}

impl Store {
    async fn select(&self, query: &str) -> Selected {
        match self {
            Self::Embedded(data) => sqlite::select(data, query),
            Self::Distributed(client) => postgres::select(client, query).await,
        }
    }

    pub(crate) async fn rows(&self) -> Rows {
        let mut rows = Rows::new();
        for (kind, query) in kinds() {
            rows.extend(as_text(kind, self.select(query).await));
        }
        rows
    }

    pub(crate) async fn comment_rows(&self) -> Rows {
        as_text("comment", self.select(&COMMENTS).await)
    }

    pub(crate) async fn findings(&self) -> Vec<Found> {
        let query = if matches!(self, Self::Embedded(_)) { FINDINGS } else { DISTRIBUTED_FINDINGS };
        as_findings(self.select(query).await)
    }

    pub(crate) async fn row_counts(&self) -> Vec<(&'static str, i64)> {
        let mut counts = Vec::new();
        for table in TABLES {
            counts.push((table, as_count(&self.select(&count_of(table)).await)));
        }
        counts
    }
}

fn as_text(kind: &str, selected: Selected) -> Rows {
    let mut rows: Rows = selected.into_iter().map(|row| format!("{kind} {row:?}")).collect();
    rows.sort_unstable();
    rows
}

fn as_findings(selected: Selected) -> Vec<Found> {
    let mut found: Vec<Found> = selected
        .into_iter()
        .map(|row| match <[Value; 4]>::try_from(row) {
            Ok([Value::Integer(part), Value::Integer(offset), Value::Text(reason), Value::Text(source_id)]) => {
                (part, offset, reason, source_id)
            }
            other => panic!("the schema is not as the harness knows it: {other:?}"),
        })
        .collect();
    found.sort_unstable();
    found
}

fn count_of(table: &str) -> String {
    format!("SELECT count(*) FROM {table}")
}

fn as_count(selected: &Selected) -> i64 {
    match selected[..] {
        [ref row] => match row[..] {
            [Value::Integer(count)] => count,
            ref other => panic!("a count is a number: {other:?}"),
        },
        ref other => panic!("a count is one row: {other:?}"),
    }
}

/// All comments of an embedded store.
#[must_use]
pub fn comment_rows(data: &Path) -> Rows {
    as_text("comment", sqlite::select(data, &COMMENTS))
}

/// All comments, threads, authors and pages of an embedded store.
#[must_use]
pub fn rows(data: &Path) -> Rows {
    kinds().into_iter().flat_map(|(kind, query)| as_text(kind, sqlite::select(data, query))).collect()
}

/// The findings of all jobs of an embedded store, in order.
#[must_use]
pub fn findings(data: &Path) -> Vec<Found> {
    as_findings(sqlite::select(data, FINDINGS))
}

/// The content of every comment of an embedded store, by its vendor's id: text, time and status.
#[must_use]
pub fn said(data: &Path) -> BTreeMap<String, Said> {
    let comments = sqlite::select(data, SAID).into_iter().map(|row| match <[Value; 4]>::try_from(row) {
        Ok([Value::Text(id), Value::Text(text), at, Value::Text(status)]) => {
            let at = if let Value::Integer(at) = at { Some(at) } else { None };
            (id, (text, at, status))
        }
        other => panic!("the schema is not as the harness knows it: {other:?}"),
    });
    comments.collect()
}

/// The row counts of the tables of an embedded store whose rows outlive a job, or must not.
#[must_use]
pub fn row_counts(data: &Path) -> Vec<(&'static str, i64)> {
    TABLES.into_iter().map(|table| (table, as_count(&sqlite::select(data, &count_of(table))))).collect()
}
