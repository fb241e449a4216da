//! Exports: one snapshot of the file, read thread by thread along the indexes.

mod rows;

use std::sync::Arc;

use async_trait::async_trait;
use rethread_model::{AccountId, ExportFilter, Exported, Scope};
use rethread_stores::rules::export_cursor::{COMMENTS, Cursor, ExportCursor, NextQuery, Portion, THREADS, ThreadRow};
use rethread_stores::stored_value::{json, micros};
use rethread_stores::{ExportDepth, Result, Snapshot};
use rusqlite::{CachedStatement, Connection, params};

use crate::sqlite::{Database, DbResult, SnapshotTransaction};

/// The description of the operation, for errors.
const DOING: &str = "cannot read comments for an export";

/// See [`Snapshot`].
#[derive(Debug)]
pub(super) struct Export {
    still: SnapshotTransaction,
    wanted: Arc<ExportQuery>,
    walk: ExportCursor,
}

/// The filter, in the form of statement parameters.
#[derive(Debug)]
struct ExportQuery {
    account: AccountId,
    filter: ExportFilter,
    from: Option<i64>,
    until: Option<i64>,
    /// A JSON array; `None` for all.
    statuses: Option<String>,
}

impl Export {
    pub(super) async fn begin(database: &Database, account: &AccountId, filter: &ExportFilter) -> Result<Self> {
        let wanted = ExportQuery {
            account: account.clone(),
            from: micros(filter.from),
            until: micros(filter.until),
            statuses: (!filter.status.is_empty()).then(|| json(&filter.status)).transpose()?,
            filter: filter.clone(),
        };
        Ok(Self { still: database.still(DOING).await?, wanted: Arc::new(wanted), walk: ExportCursor::default() })
    }
}

#[async_trait]
impl Snapshot for Export {
    async fn next(&mut self) -> Result<Vec<Exported>> {
        let mut out = Vec::new();
        while out.is_empty() {
            let wanted = Arc::clone(&self.wanted);
            match self.walk.next_query() {
                NextQuery::Nothing => break,
                NextQuery::Threads(after) => {
                    let depth = self.walk.depth();
                    let found = self.still.read(DOING, move |db| wanted.threads(db, after.as_deref(), depth));
                    self.walk.found(found.await?, &mut out);
                }
                NextQuery::Comments(stops, within) => {
                    let read = self.still.read(DOING, move |db| wanted.comments(db, &stops, within));
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
    fn threads(&self, db: &Connection, after: Option<&ThreadRow>, depth: ExportDepth) -> DbResult<Vec<ThreadRow>> {
        let mut statement = db.prepare_cached(rows::THREADS)?;
        let after = after.map(|stop| (&stop.page, &stop.thread));
        let mut found = statement.query(params![
            self.account.as_str(),
            // Keys are never empty.
            after.map_or("", |(page, _)| page.url_id.as_str()),
            after.map_or("", |(_, thread)| thread.vendor.as_str()),
            after.map_or("", |(_, thread)| thread.origin.as_str()),
            after.map_or("", |(_, thread)| thread.thread.source_id.as_str()),
            self.filter.page,
            self.filter.vendor.map(rethread_model::Vendor::as_str),
            self.filter.origin.as_ref().map(rethread_model::Origin::as_str),
            THREADS,
            // If comments are read as well, they show whether a thread has any.
            depth == ExportDepth::Threads,
            self.from,
            self.until,
            self.statuses,
        ])?;
        let mut stops = Vec::new();
        while let Some(row) = found.next()? {
            stops.push(rows::stop(row)?);
        }
        Ok(stops)
    }

    /// Comments of the threads, one after the other, until there are enough.
    fn comments(&self, db: &Connection, stops: &[Arc<ThreadRow>], mut within: Option<Cursor>) -> DbResult<Portion> {
        let mut timed = db.prepare_cached(&rows::timed())?;
        let mut untimed = db.prepare_cached(&rows::untimed())?;
        let mut portion = Portion::default();
        for (index, stop) in stops.iter().enumerate() {
            let mut reading = Reading { wanted: self, stop, index, portion: &mut portion };
            let was_timed = within.as_ref().is_none_or(|place| place.created_at.is_some());
            let after = within.take();
            if was_timed {
                reading.read(&mut timed, after.as_ref())?;
                reading.read(&mut untimed, None)?;
            } else {
                reading.read(&mut untimed, after.as_ref())?;
            }
            if portion.comments.len() >= usize::from(COMMENTS) {
                // The next portion shows whether this was its last comment.
                return Ok(portion);
            }
            portion.finished += 1;
            portion.within = None;
        }
        Ok(portion)
    }
}

/// The state of reading one thread.
struct Reading<'a> {
    wanted: &'a ExportQuery,
    stop: &'a ThreadRow,
    index: usize,
    portion: &'a mut Portion,
}

impl Reading<'_> {
    /// Reads what a statement returns after a cursor, as far as there is room.
    fn read(&mut self, statement: &mut CachedStatement<'_>, after: Option<&Cursor>) -> DbResult<()> {
        let room = usize::from(COMMENTS).saturating_sub(self.portion.comments.len());
        if room == 0 {
            return Ok(());
        }
        let wanted = self.wanted;
        let thread = &self.stop.thread;
        let scope = Scope { account: wanted.account.clone(), vendor: thread.vendor, origin: thread.origin.clone() };
        let mut found = statement.query(params![
            self.stop.no,
            after.and_then(|place| place.created_at).unwrap_or(i64::MIN),
            after.map(|place| place.source_id.as_str()),
            i64::try_from(room).unwrap_or(i64::MAX),
            wanted.from,
            wanted.until,
            wanted.statuses,
        ])?;
        while let Some(row) = found.next()? {
            let comment = rows::comment(&scope, row)?;
            self.portion.within = Some(Cursor::of(&comment));
            self.portion.comments.push((self.index, comment));
        }
        Ok(())
    }
}
