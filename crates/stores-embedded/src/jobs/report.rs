//! Progress, as reported by workers and the gateway.

use rethread_model::{AccountId, JobId, JobState, Pass, Phase, SliceNumber, Step, Tally, Timestamp};
use rethread_stores::stored_value::{json, of_json, signed, unsigned};
use rethread_stores::{SliceProgress, StepReport};
use rusqlite::{OptionalExtension, Transaction, params};

use super::rows::{Stored, existing, got_further, save};
use super::slices;
use crate::sqlite::DbResult;

pub(super) fn receiving(
    tx: &Transaction<'_>,
    account: &AccountId,
    id: JobId,
    bytes: u64,
    now: Timestamp,
) -> DbResult<SliceProgress> {
    let mut stored = existing(tx, account, id)?;
    let job = &mut stored.job;
    let is_news = job.phase == Phase::Uploading && !job.state.is_final() && bytes > job.progress.bytes_stored;
    if is_news {
        job.progress.bytes_stored = bytes;
        job.updated_at = now;
        save(tx, &mut stored)?;
    }
    slices::slice_progress(tx, &stored)
}

pub(super) fn report(
    tx: &Transaction<'_>,
    account: &AccountId,
    id: JobId,
    step: Step,
    report: &StepReport,
    now: Timestamp,
) -> DbResult<SliceProgress> {
    let mut stored = existing(tx, account, id)?;
    let job = &stored.job;
    if job.state.is_final() || job.state == JobState::Waiting || job.pass() != report.pass {
        return slices::slice_progress(tx, &stored);
    }
    if let Step::Slice(number) = step
        && !slices::is_there(tx, stored.no, number)?
    {
        return slices::slice_progress(tx, &stored);
    }
    let last = last_report(tx, stored.no, step, report.pass)?;
    if report.is_behind(last.bytes_read, last.ended) {
        return slices::slice_progress(tx, &stored);
    }
    let mut has_changed = false;
    if let Step::Slice(number) = step {
        slices::moved(tx, stored.no, number, report.bytes_read > last.bytes_read, now)?;
        has_changed = report.ended && end_slice(tx, &mut stored, number, report.complete)?;
    }
    if *report != last {
        store_report(tx, stored.no, step, report)?;
        has_changed = true;
        count(&mut stored, &last, report);
        if !matches!(step, Step::Slice(_)) {
            got_further(tx, stored.no)?;
        }
    }
    if has_changed {
        stored.job.updated_at = now;
        save(tx, &mut stored)?;
    }
    slices::slice_progress(tx, &stored)
}

/// See [`rethread_stores::SliceStore::reopen_slice`].
pub(super) fn reopen(
    tx: &Transaction<'_>,
    account: &AccountId,
    id: JobId,
    number: SliceNumber,
    report: &StepReport,
    now: Timestamp,
) -> DbResult<SliceProgress> {
    let mut stored = existing(tx, account, id)?;
    let job = &stored.job;
    if job.state.is_final() || job.phase != Phase::Importing || job.pass() != report.pass {
        return slices::slice_progress(tx, &stored);
    }
    let was_complete = slices::reopen(tx, &stored, number, now)?;
    let step = Step::Slice(number);
    let last = last_report(tx, stored.no, step, report.pass)?;
    store_report(tx, stored.no, step, report)?;
    let progress = &mut stored.job.progress;
    progress.slices_done = progress.slices_done.saturating_sub(u32::from(was_complete));
    count(&mut stored, &last, report);
    got_further(tx, stored.no)?;
    stored.job.updated_at = now;
    save(tx, &mut stored)?;
    slices::slice_progress(tx, &stored)
}

/// Replaces the last report by a new one in the job's counts.
fn count(stored: &mut Stored, last: &StepReport, report: &StepReport) {
    let progress = &mut stored.job.progress;
    progress.bytes_read = (progress.bytes_read + report.bytes_read).saturating_sub(last.bytes_read);
    stored.job.tally -= &last.tally;
    stored.job.tally += &report.tally;
}

fn end_slice(tx: &Transaction<'_>, stored: &mut Stored, number: SliceNumber, complete: bool) -> DbResult<bool> {
    let ends_now = slices::end(tx, stored.no, number, complete)?;
    if ends_now && complete {
        stored.job.progress.slices_done += 1;
    }
    Ok(ends_now)
}

/// The last report of a step; an empty report before the first one.
fn last_report(tx: &Transaction<'_>, job_no: i64, step: Step, pass: Pass) -> DbResult<StepReport> {
    let mut statement =
        tx.prepare_cached("SELECT bytes_read, tally, ended FROM reports WHERE job_no = ?1 AND step = ?2")?;
    let found: Option<(i64, String, bool)> = statement
        .query_row(params![job_no, step.to_number()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((bytes_read, tally, ended)) = found else { return Ok(StepReport { pass, ..StepReport::default() }) };
    let tally: Tally = of_json("tally", &tally)?;
    Ok(StepReport { pass, bytes_read: unsigned(bytes_read)?, tally, ended, complete: false })
}

fn store_report(tx: &Transaction<'_>, job_no: i64, step: Step, report: &StepReport) -> DbResult<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO reports (job_no, step, bytes_read, ended, tally) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (job_no, step) DO UPDATE SET bytes_read = ?3, ended = ?4, tally = ?5",
    )?;
    statement.execute(params![
        job_no,
        step.to_number(),
        signed(report.bytes_read)?,
        report.ended,
        json(&report.tally)?
    ])?;
    Ok(())
}
