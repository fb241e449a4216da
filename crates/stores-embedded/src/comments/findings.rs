//! The table of findings.

use rethread_model::{AccountId, Finding, JobId, Position};
use rethread_stores::rules::finding_cursor::{FindingCursor, cursor_of};
use rethread_stores::rules::listing::{MAX_FINDINGS, cut, page_size};
use rethread_stores::stored_value::{signed, text_of, unsigned};
use rethread_stores::{FindingPage, StoredFinding};
use rusqlite::{Transaction, params};

use super::import;
use crate::sqlite::{DbResult, text};

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
    let FindingCursor { part, offset, reason, source_id } = FindingCursor::after(after)?;
    let limit = page_size(limit, MAX_FINDINGS);
    let mut statement = tx.prepare_cached(
        "SELECT part, offset, reason, source_id FROM findings WHERE import_no = ?1 \
         AND (part, offset, reason, source_id) > (?2, ?3, ?4, ?5) \
         ORDER BY part, offset, reason, source_id LIMIT ?6",
    )?;
    let mut rows = statement.query(params![import_no, part, offset, reason, source_id, limit + 1])?;
    while let Some(row) = rows.next()? {
        let source_id: String = row.get(3)?;
        let finding = Finding {
            at: Position { part: row.get(0)?, offset: unsigned(row.get(1)?)? },
            reason: text_of("reason", text(row, 2)?)?,
            source_id: (!source_id.is_empty()).then_some(source_id),
        };
        page.findings.push(StoredFinding { cursor: cursor_of(&finding), finding });
    }
    page.has_more = cut(&mut page.findings, limit);
    Ok(page)
}
