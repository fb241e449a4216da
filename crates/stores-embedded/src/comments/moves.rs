//! Moves of threads to other pages.

mod apply;
mod look;
mod record;

use std::collections::HashMap;

use rethread_model::{AccountId, JobId, Moving};
use rethread_stores::rules::moves::{Chunk, Cursor, Decider, Outline, Way};
use rethread_stores::{Error, ErrorKind, MovePreview, MoveStep};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::sqlite::DbResult;
use record::Record;

/// Moves the next threads of a job.
pub(super) fn step(
    tx: &Transaction<'_>,
    account: &AccountId,
    job: JobId,
    moving: &Moving,
    threads: u32,
) -> DbResult<MoveStep> {
    let way = way(tx, account, moving)?;
    let mut record = Record::open(tx, account, job)?;
    if !record.complete {
        let chunk = look::next(tx, account, &way, &record.cursor, threads)?;
        record.tally += apply::apply(tx, account, record.no, &chunk.relocations)?;
        record.tally.kept += chunk.kept;
        record.complete = chunk.is_last;
        record.cursor = chunk.cursor;
        record.save(tx)?;
    }
    Ok(MoveStep { tally: record.tally, complete: record.complete })
}

/// What all steps together would do.
pub(super) fn preview(tx: &Transaction<'_>, account: &AccountId, moving: &Moving) -> DbResult<MovePreview> {
    let way = way(tx, account, moving)?;
    let mut outline = Outline::default();
    let mut cursor = Cursor::default();
    loop {
        let Chunk { relocations, kept, cursor: next, is_last } = look::next(tx, account, &way, &cursor, u32::MAX)?;
        let mut comments = Vec::with_capacity(relocations.len());
        let mut there = HashMap::new();
        for relocation in &relocations {
            comments.push(apply::comments_on(tx, relocation.thread.no)?);
            if let Some(page_no) = apply::page_with_comments(tx, account, relocation.to())? {
                there.insert(relocation.to().to_owned(), page_no);
            }
        }
        outline.add(&relocations, &comments, &there);
        outline.keep(kept);
        if is_last {
            return Ok(outline.preview());
        }
        cursor = next;
    }
}

fn way(tx: &Transaction<'_>, account: &AccountId, moving: &Moving) -> DbResult<Way> {
    let job = match moving {
        Moving::Rule(rule) => return Ok(Way::Rule(Decider::new(rule, |key| key.into()))),
        Moving::Undo { undo } => undo,
    };
    let mut statement = tx.prepare_cached("SELECT no FROM moves WHERE account = ?1 AND job = ?2")?;
    let found = statement.query_row(params![account.as_str(), job.to_string()], |row| row.get(0)).optional()?;
    match found {
        Some(no) => Ok(Way::Undo(no)),
        None => Err(Error::new(ErrorKind::NotFound, format!("there is no record of a move {job}")).into()),
    }
}
