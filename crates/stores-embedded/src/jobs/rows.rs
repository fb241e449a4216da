//! The table of jobs.

use rethread_model::{AccountId, Job, JobId, JobKind, JobState, Reach};
use rethread_stores::rules::listing::{ListedAccounts, MAX_LISTED, cut, page_size};
use rethread_stores::stored_value::{json, millis, of_json, signed};
use rethread_stores::{Error, ErrorKind, JobFilter, JobPage};
use rusqlite::{OptionalExtension, Transaction, params};

use super::{events, slices};
use crate::sqlite::{DbResult, text};

/// A job and its row number.
pub(super) struct Stored {
    pub(super) no: i64,
    pub(super) job: Job,
}

pub(super) fn insert(tx: &Transaction<'_>, job: &Job) -> DbResult<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO jobs (account, id, kind, state, phase, stopping, revision, updated_at, vendor, document) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
    )?;
    let count = statement.execute(params![
        job.account.as_str(),
        job.id.to_string(),
        job.kind().as_str(),
        job.state.as_str(),
        job.phase.as_str(),
        job.stopping,
        signed(job.revision)?,
        millis(job.updated_at),
        vendor(job),
        json(job)?,
    ])?;
    if count == 0 {
        return Err(Error::new(ErrorKind::Conflict, format!("there is a job {} already", job.id)).into());
    }
    Ok(())
}

/// Finds a job by its id alone; the caller compares the account.
pub(super) fn find(tx: &Transaction<'_>, id: JobId) -> DbResult<Option<Job>> {
    let mut statement = tx.prepare_cached("SELECT document FROM jobs WHERE id = ?1")?;
    let document: Option<String> = statement.query_row([id.to_string()], |row| row.get(0)).optional()?;
    Ok(document.map(|text| of_json("job", &text)).transpose()?)
}

/// A job that must exist.
pub(super) fn existing(tx: &Transaction<'_>, account: &AccountId, id: JobId) -> DbResult<Stored> {
    let mut statement = tx.prepare_cached("SELECT no, document FROM jobs WHERE account = ?1 AND id = ?2")?;
    let found: Option<(i64, String)> = statement
        .query_row(params![account.as_str(), id.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some((no, document)) => Ok(Stored { no, job: of_json("job", &document)? }),
        None => Err(Error::new(ErrorKind::NotFound, format!("there is no job {id} in account {account}")).into()),
    }
}

/// Stores a job with the next revision. It has moved, so its publications are reset.
pub(super) fn save(tx: &Transaction<'_>, stored: &mut Stored) -> DbResult<()> {
    let Stored { no, job } = stored;
    job.revision += 1;
    let mut statement = tx.prepare_cached(
        "UPDATE jobs SET state = ?2, phase = ?3, stopping = ?4, revision = ?5, updated_at = ?6, vendor = ?7, \
         document = ?8, publish_count = 0, published_at = NULL, not_before = NULL \
         WHERE no = ?1",
    )?;
    statement.execute(params![
        *no,
        job.state.as_str(),
        job.phase.as_str(),
        job.stopping,
        signed(job.revision)?,
        millis(job.updated_at),
        vendor(job),
        json(job)?,
    ])?;
    Ok(())
}

fn vendor(job: &Job) -> Option<&'static str> {
    job.facts.as_ref().map(|facts| facts.vendor.as_str())
}

/// `Plan` or `Finish` made progress: earlier postponements no longer count.
pub(super) fn got_further(tx: &Transaction<'_>, job_no: i64) -> DbResult<()> {
    tx.prepare_cached("UPDATE jobs SET postponed = 0 WHERE no = ?1 AND postponed > 0")?.execute([job_no])?;
    Ok(())
}

pub(super) fn replace(tx: &Transaction<'_>, job: Job) -> DbResult<Job> {
    let before = existing(tx, &job.account, job.id)?;
    if before.job.revision != job.revision {
        return Err(Error::new(ErrorKind::Conflict, format!("job {} was changed by somebody else", job.id)).into());
    }
    let has_failed = job.state == JobState::Failed && before.job.state != JobState::Failed;
    let mut after = Stored { no: before.no, job };
    save(tx, &mut after)?;
    if before.job.pass() != after.job.pass() {
        slices::forget(tx, after.no)?;
    }
    if (before.job.state, before.job.phase) != (after.job.state, after.job.phase) {
        got_further(tx, after.no)?;
    }
    if has_failed {
        events::job_failed(tx, &after.job)?;
    }
    Ok(after.job)
}

pub(super) fn list(tx: &Transaction<'_>, reach: &Reach, filter: &JobFilter) -> DbResult<JobPage> {
    let account = match ListedAccounts::of(reach, filter) {
        ListedAccounts::None => return Ok(JobPage { jobs: Vec::new(), has_more: false }),
        ListedAccounts::One(account) => Some(account.as_str()),
        ListedAccounts::All => None,
    };
    let limit = page_size(filter.limit, MAX_LISTED);
    let conditions = [
        (account.is_some(), "account = ?1"),
        (filter.state.is_some(), "state = ?2"),
        (filter.before.is_some(), "id < ?3"),
        (filter.kind.is_some(), "kind = ?5"),
    ];
    let mut query = "SELECT document FROM jobs WHERE ?1 IS ?1 AND ?2 IS ?2 AND ?3 IS ?3 AND ?5 IS ?5".to_owned();
    for (_, condition) in conditions.iter().filter(|(applies, _)| *applies) {
        query.push_str(" AND ");
        query.push_str(condition);
    }
    query.push_str(" ORDER BY id DESC LIMIT ?4");

    let mut statement = tx.prepare_cached(&query)?;
    let mut rows = statement.query(params![
        account,
        filter.state.map(JobState::as_str),
        filter.before.map(|id| id.to_string()),
        // One more than requested shows whether there are older ones.
        limit + 1,
        filter.kind.map(JobKind::as_str),
    ])?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        jobs.push(of_json("job", text(row, 0)?)?);
    }
    let has_more = cut(&mut jobs, limit);
    Ok(JobPage { jobs, has_more })
}
