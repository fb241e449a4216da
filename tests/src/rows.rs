//! What the embedded store holds, read with any `SQLite` tool: by natural keys, so that two stores can be compared
//! whatever the order in which they were written.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

/// Rows as text, sorted.
pub type Rows = Vec<String>;

/// Text, time and status of a comment.
pub type Said = (String, Option<i64>, String);

const COMMENTS: &str = "
    SELECT o.account, o.vendor, o.origin, c.source_id, t.source_id, p.source_id, a.key, c.guest_name, c.guest_link,
           c.created_at, c.edited_at, c.status, c.local_status, c.text_kind, c.text, c.html, c.votes_up, c.votes_down,
           c.score, c.pinned, c.ip
    FROM comments c
    JOIN origins o ON o.no = c.origin_no
    JOIN threads t ON t.no = c.thread_no
    LEFT JOIN authors a ON a.no = c.author_no
    LEFT JOIN replies r ON r.comment_no = c.no
    LEFT JOIN comments p ON p.no = r.parent_no";

const THREADS: &str = "
    SELECT o.account, o.vendor, o.origin, t.source_id, t.url_id, t.url, t.title, t.created_at, t.closed, p.url_id
    FROM threads t JOIN origins o ON o.no = t.origin_no LEFT JOIN pages p ON p.no = t.page_no";

const AUTHORS: &str = "
    SELECT o.account, o.vendor, o.origin, a.key, a.name, a.email, a.link, a.avatar, a.moderator, a.as_of
    FROM authors a JOIN origins o ON o.no = a.origin_no";

const PAGES: &str = "SELECT account, url_id, url, title, comments FROM pages";

fn open(data: &Path) -> Option<Connection> {
    open_file(data, "comments.db")
}

fn open_file(data: &Path, name: &str) -> Option<Connection> {
    let file = data.join(name);
    file.is_file().then(|| {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(&file, flags).expect("the store is an SQLite file")
    })
}

fn select(connection: &Connection, kind: &str, query: &str) -> Rows {
    let mut statement = connection.prepare(query).expect("the schema is as the harness knows it");
    let columns = statement.column_count();
    let mut rows: Rows = statement
        .query_map([], |row| {
            let values: Result<Vec<Value>, _> = (0..columns).map(|column| row.get(column)).collect();
            Ok(format!("{kind} {:?}", values?))
        })
        .expect("rows can be read")
        .collect::<Result<_, _>>()
        .expect("rows can be read");
    rows.sort_unstable();
    rows
}

/// All comments.
#[must_use]
pub fn comment_rows(data: &Path) -> Rows {
    open(data).map(|connection| select(&connection, "comment", COMMENTS)).unwrap_or_default()
}

/// All comments, threads, authors and pages.
#[must_use]
pub fn rows(data: &Path) -> Rows {
    let Some(connection) = open(data) else { return Rows::new() };
    [("comment", COMMENTS), ("thread", THREADS), ("author", AUTHORS), ("page", PAGES)]
        .into_iter()
        .flat_map(|(kind, query)| select(&connection, kind, query))
        .collect()
}

/// The findings of all jobs: part, offset, reason and source id, in order.
#[must_use]
pub fn findings(data: &Path) -> Vec<(i64, i64, String, String)> {
    let Some(connection) = open(data) else { return Vec::new() };
    let mut statement = connection
        .prepare("SELECT part, offset, reason, source_id FROM findings ORDER BY part, offset, reason, source_id")
        .expect("the schema is as the harness knows it");
    let found = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .expect("rows can be read");
    found.collect::<Result<_, _>>().expect("rows can be read")
}

/// What every comment says, by its vendor's id: text, time and status.
#[must_use]
pub fn said(data: &Path) -> BTreeMap<String, Said> {
    let Some(connection) = open(data) else { return BTreeMap::new() };
    let mut statement = connection
        .prepare("SELECT source_id, text, created_at, status FROM comments")
        .expect("the schema is as the harness knows it");
    let comments = statement
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))))
        .expect("rows can be read");
    comments.collect::<Result<_, _>>().expect("rows can be read")
}

/// How many rows each of the tables that outlive a job holds.
#[must_use]
pub fn row_counts(data: &Path) -> Vec<(&'static str, i64)> {
    let connection = open(data).expect("there is a store");
    [
        "origins",
        "pages",
        "threads",
        "authors",
        "comments",
        "replies",
        "ledger_comments",
        "ledger_threads",
        "checkpoints",
    ]
    .into_iter()
    .map(|table| {
        let count = connection
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .expect("the schema is as the harness knows it");
        (table, count)
    })
    .collect()
}

/// How many events the notifier has not yet delivered through all channels.
#[must_use]
pub fn undelivered_events(data: &Path) -> i64 {
    open_file(data, "jobs.db")
        .expect("there is a store")
        .query_row("SELECT count(*) FROM events WHERE NOT done", [], |row| row.get(0))
        .expect("the schema is as the harness knows it")
}
