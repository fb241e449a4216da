//! The number of jobs of each kind.

use rethread_model::{JobState, Vendor};
use rethread_stores::JobCounts;
use rethread_stores::stored_value::{from_millis, text_of, unsigned, word};
use rusqlite::Transaction;

use crate::sqlite::{DbResult, text};

pub(super) fn job_counts(tx: &Transaction<'_>) -> DbResult<JobCounts> {
    let mut statement = tx.prepare_cached("SELECT state, vendor, count(*) FROM jobs GROUP BY state, vendor")?;
    let mut rows = statement.query([])?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        let state = word("state", JobState::from_word(text(row, 0)?))?;
        let vendor: Option<String> = row.get(1)?;
        let vendor = vendor.map(|name| text_of::<Vendor>("vendor", &name)).transpose()?;
        jobs.push((state, vendor, unsigned(row.get(2)?)?));
    }
    let mut statement =
        tx.prepare_cached("SELECT min(updated_at) FROM jobs WHERE state = 'queued' AND phase <> 'uploading'")?;
    let oldest: Option<i64> = statement.query_row([], |row| row.get(0))?;
    Ok(JobCounts { jobs, oldest_queued: oldest.map(from_millis).transpose()? })
}
