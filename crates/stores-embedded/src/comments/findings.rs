//! The table of findings.

use rethread_model::{AccountId, Finding, JobId, Position, Reason};
use rusqlite::{Transaction, params};

use super::import;
use crate::sqlite::{DbResult, cut, signed, text_of, unsigned};
use rethread_stores::{Error, ErrorKind, FindingPage, StoredFinding};

/// Stores a finding; `false` when it was already stored.
pub(super) fn add(tx: &Transaction<'_>, import_no: i64, finding: &Finding) -> DbResult<bool> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO findings (import_no, part, offset, reason, source_id) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT DO NOTHING",
    )?;
    let count = statement.execute(params![
        import_no,
        finding.at.part,
        signed(finding.at.offset)?,
        finding.reason.as_str(),
        finding.source_id.as_deref().unwrap_or_default(),
    ])?;
    Ok(count > 0)
}

pub(super) fn list(
    tx: &Transaction<'_>,
    account: &AccountId,
    job: JobId,
    after: Option<&str>,
    limit: u32,
) -> DbResult<FindingPage> {
    let mut page = FindingPage { findings: Vec::new(), has_more: false };
    let Some(import_no) = import::number(tx, account, job)? else { return Ok(page) };
    let after = after.map(parse).transpose()?;
    let limit = limit.clamp(1, 1000);
    let mut statement = tx.prepare_cached(
        "SELECT part, offset, reason, source_id FROM findings WHERE import_no = ?1 \
         AND (part, offset, reason, source_id) > (?2, ?3, ?4, ?5) \
         ORDER BY part, offset, reason, source_id LIMIT ?6",
    )?;
    // No finding has part -1.
    let (part, offset, reason, source_id) = match &after {
        Some(last) => {
            (i64::from(last.at.part), signed(last.at.offset)?, last.reason.as_str(), last.source_id.as_deref())
        }
        None => (-1, 0, "", None),
    };
    let mut rows =
        statement.query(params![import_no, part, offset, reason, source_id.unwrap_or_default(), limit + 1])?;
    while let Some(row) = rows.next()? {
        let source_id: String = row.get(3)?;
        let finding = Finding {
            at: Position { part: row.get(0)?, offset: unsigned(row.get(1)?)? },
            reason: text_of("reason", row.get_ref(2)?.as_str().unwrap_or_default())?,
            source_id: (!source_id.is_empty()).then_some(source_id),
        };
        page.findings.push(StoredFinding { cursor: cursor(&finding), finding });
    }
    page.has_more = cut(&mut page.findings, limit);
    Ok(page)
}

/// The cursor `part:offset:reason:source id`.
fn cursor(finding: &Finding) -> String {
    let Finding { at, reason, source_id } = finding;
    format!("{}:{}:{reason}:{}", at.part, at.offset, source_id.as_deref().unwrap_or_default())
}

fn parse(cursor: &str) -> DbResult<Finding> {
    let mut fields = cursor.splitn(4, ':');
    let mut next = || fields.next().unwrap_or_default();
    let (part, offset, reason, source_id) = (next().parse(), next().parse(), next().parse::<Reason>(), next());
    match (part, offset, reason) {
        (Ok(part), Ok(offset), Ok(reason)) => {
            Ok(Finding { at: Position { part, offset }, reason, source_id: Some(source_id.to_owned()) })
        }
        _ => Err(Error::new(ErrorKind::NotFound, "this is not a cursor of findings").into()),
    }
}
