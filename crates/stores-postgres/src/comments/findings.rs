//! The table of findings.

use rethread_model::{AccountId, Finding, JobId, Position, Tally};
use rethread_stores::rules::finding_cursor::{FindingCursor, cursor_of};
use rethread_stores::rules::listing::{MAX_FINDINGS, cut, page_size};
use rethread_stores::stored_value::{signed, text_of, unsigned};
use rethread_stores::{FindingPage, Result, StoredFinding};
use tokio_postgres::Row;

use super::import;
use crate::postgres::{DbResult, Transaction, key, parameters};

/// Stores findings and counts the new ones.
pub(super) async fn add(tx: &Transaction, import_no: i64, found: &[Finding], tally: &mut Tally) -> DbResult<()> {
    if found.is_empty() {
        return Ok(());
    }
    let parts: Vec<i64> = found.iter().map(|finding| i64::from(finding.at.part)).collect();
    let bytes: Vec<i64> = found.iter().map(|finding| signed(finding.at.offset)).collect::<Result<_>>()?;
    let reasons: Vec<&str> = found.iter().map(|finding| finding.reason.as_str()).collect();
    let ids: Vec<&str> = found.iter().map(|finding| finding.source_id.as_deref().unwrap_or_default()).collect();
    let added = tx
        .query(
            "INSERT INTO findings (import_no, part, byte, reason, source_id) \
             SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[]) AS new (part, byte, reason, id) \
             ORDER BY part, byte, reason COLLATE \"C\", id COLLATE \"C\" ON CONFLICT DO NOTHING \
             RETURNING part, byte, reason, source_id",
            &parameters![import_no, parts, bytes, reasons, ids],
        )
        .await?;
    for row in added {
        tally.found(&finding(&row)?);
    }
    Ok(())
}

pub(super) async fn list(
    tx: &Transaction,
    account: &AccountId,
    job: JobId,
    after: Option<&str>,
    limit: u32,
) -> DbResult<FindingPage> {
    let mut page = FindingPage { findings: Vec::new(), has_more: false };
    let Some(import_no) = import::number(tx, account, job).await? else { return Ok(page) };
    let FindingCursor { part, offset, reason, source_id } = FindingCursor::after(after)?;
    let source_id = key(&source_id);
    let limit = page_size(limit, MAX_FINDINGS);
    let rows = tx
        .query(
            "SELECT part, byte, reason, source_id FROM findings WHERE import_no = $1 \
             AND (part, byte, reason, source_id) > ($2, $3, $4, $5) ORDER BY part, byte, reason, source_id LIMIT $6",
            &parameters![import_no, part, offset, reason, &*source_id, i64::from(limit) + 1],
        )
        .await?;
    for row in rows {
        let finding = finding(&row)?;
        page.findings.push(StoredFinding { cursor: cursor_of(&finding), finding });
    }
    page.has_more = cut(&mut page.findings, limit);
    Ok(page)
}

fn finding(row: &Row) -> DbResult<Finding> {
    let source_id: String = row.try_get(3)?;
    Ok(Finding {
        at: Position { part: unsigned(row.try_get(0)?)?, offset: unsigned(row.try_get(1)?)? },
        reason: text_of("reason", row.try_get(2)?)?,
        source_id: (!source_id.is_empty()).then_some(source_id),
    })
}
