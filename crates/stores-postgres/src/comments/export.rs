//! Exports: one snapshot of the database, read by keys along the indexes, so that the time of each
//! statement is proportional to its result.

mod rows;

use std::sync::Arc;

use async_trait::async_trait;
use rethread_model::{AccountId, ExportFilter, Exported, Scope, Status};
use rethread_stores::rules::export_cursor::{COMMENTS, Cursor, ExportCursor, NextQuery, Portion, THREADS, ThreadRow};
use rethread_stores::stored_value::micros;
use rethread_stores::{ExportDepth, Result, Snapshot};

use crate::postgres::{Database, DbResult, SnapshotTransaction, Transaction, key, parameters};

/// The description of the operation, for errors.
const DOING: &str = "cannot read comments for an export";

/// See [`Snapshot`].
#[derive(Debug)]
pub(super) struct Export {
    still: SnapshotTransaction,
    wanted: ExportQuery,
    walk: ExportCursor,
}

/// The filter, in the form of statement parameters.
#[derive(Debug)]
struct ExportQuery {
    account: AccountId,
    page: Option<String>,
    vendor: Option<&'static str>,
    origin: Option<String>,
    from: Option<i64>,
    until: Option<i64>,
    /// Empty for all.
    statuses: Vec<&'static str>,
}

impl Export {
    pub(super) async fn begin(database: &Database, account: &AccountId, filter: &ExportFilter) -> Result<Self> {
        let stored = |text: &str| key(text).into_owned();
        let wanted = ExportQuery {
            account: account.clone(),
            page: filter.page.as_deref().map(stored),
            vendor: filter.vendor.map(rethread_model::Vendor::as_str),
            origin: filter.origin.as_ref().map(|origin| stored(origin.as_str())),
            from: micros(filter.from),
            until: micros(filter.until),
            statuses: filter.status.iter().copied().map(Status::as_str).collect(),
        };
        Ok(Self { still: database.still(DOING).await?, wanted, walk: ExportCursor::default() })
    }
}

#[async_trait]
impl Snapshot for Export {
    async fn next(&mut self) -> Result<Vec<Exported>> {
        let mut out = Vec::new();
        while out.is_empty() {
            let wanted = &self.wanted;
            match self.walk.next_query() {
                NextQuery::Nothing => break,
                NextQuery::Threads(after) => {
                    let depth = self.walk.depth();
                    let found =
                        self.still.read(DOING, |tx| async move { wanted.threads(&tx, after.as_deref(), depth).await });
                    self.walk.found(found.await?, &mut out);
                }
                NextQuery::Comments(stops, within) => {
                    let read = self.still.read(DOING, |tx| async move { wanted.comments(&tx, &stops, within).await });
                    self.walk.read(read.await?, &mut out);
                }
            }
        }
        Ok(out)
    }

    fn rewind(&mut self, depth: ExportDepth) {
        self.walk = ExportCursor::new(depth);
    }
}

impl ExportQuery {
    async fn threads(
        &self,
        tx: &Transaction,
        after: Option<&ThreadRow>,
        depth: ExportDepth,
    ) -> DbResult<Vec<ThreadRow>> {
        let after = after.map(|stop| (&stop.page, &stop.thread));
        let origin = after.map_or_else(Default::default, |(_, thread)| key(thread.origin.as_str()));
        let found = tx
            .query(
                &rows::threads(depth),
                &parameters![
                    self.account.as_str(),
                    // Keys are never empty.
                    after.map_or("", |(page, _)| page.url_id.as_str()),
                    after.map_or("", |(_, thread)| thread.vendor.as_str()),
                    &*origin,
                    after.map_or("", |(_, thread)| thread.thread.source_id.as_str()),
                    self.page.as_deref(),
                    self.vendor,
                    self.origin.as_deref(),
                    i64::from(THREADS),
                    self.from,
                    self.until,
                    self.statuses,
                ],
            )
            .await?;
        found.iter().map(rows::stop).collect()
    }

    /// Comments of the threads, until there are enough; if the first thread was already started, of
    /// this one alone.
    async fn comments(&self, tx: &Transaction, stops: &[Arc<ThreadRow>], within: Option<Cursor>) -> DbResult<Portion> {
        let Some(after) = within else {
            let nos: Vec<i64> = stops.iter().map(|stop| stop.no).collect();
            let read = tx
                .query(
                    &rows::of_threads(),
                    &parameters![nos, i64::from(COMMENTS), self.from, self.until, self.statuses],
                )
                .await?;
            return self.portion(&read, stops, stops.len());
        };
        let no = stops.first().map_or(0, |stop| stop.no);
        if after.created_at.is_some() {
            let read = tx
                .query(
                    &rows::rest_of_timed(),
                    &parameters![
                        no,
                        after.source_id.as_str(),
                        i64::from(COMMENTS),
                        self.from,
                        self.until,
                        self.statuses,
                        after.created_at,
                    ],
                )
                .await?;
            if !read.is_empty() {
                // Comments without a time follow when there are no more with one.
                let mut portion = self.portion(&read, stops, 0)?;
                portion.within = portion.comments.last().map(|(_, comment)| Cursor::of(comment));
                return Ok(portion);
            }
        }
        // After the last comment with a time, those without one start from the beginning.
        let after_id = after.created_at.is_none().then_some(after.source_id.as_str());
        let read = tx
            .query(
                &rows::rest_of_untimed(),
                &parameters![no, after_id, i64::from(COMMENTS), self.from, self.until, self.statuses],
            )
            .await?;
        self.portion(&read, stops, 1)
    }

    /// A statement that reached the limit may have stopped within a thread; otherwise all requested
    /// threads were read to their ends.
    fn portion(&self, read: &[tokio_postgres::Row], stops: &[Arc<ThreadRow>], all: usize) -> DbResult<Portion> {
        let mut portion = Portion { comments: Vec::with_capacity(read.len()), finished: all, within: None };
        let mut scope: Option<(usize, Scope)> = None;
        for row in read {
            let index = rows::index(row)?;
            let Some(stop) = stops.get(index) else { continue };
            let scope = match &mut scope {
                Some((of, scope)) if *of == index => scope,
                other => {
                    let (vendor, origin) = (stop.thread.vendor, stop.thread.origin.clone());
                    let new = Scope { account: self.account.clone(), vendor, origin };
                    &mut other.insert((index, new)).1
                }
            };
            portion.comments.push((index, rows::comment(scope, row)?));
        }
        if read.len() >= usize::from(COMMENTS)
            && let Some((index, comment)) = portion.comments.last()
        {
            portion.finished = *index;
            portion.within = Some(Cursor::of(comment));
        }
        Ok(portion)
    }
}
