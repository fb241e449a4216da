//! The table of findings.

use rethread_model::{AccountId, Finding, JobId, Position, Reason, Tally};
use tokio_postgres::Row;

use super::import;
use crate::postgres::{DbResult, Transaction, cut, key, parameters, signed, text_of, unsigned};
use rethread_stores::{Error, ErrorKind, FindingPage, StoredFinding};

/// Stores findings and counts the new ones.
pub(super) async fn add(tx: &Transaction, import_no: i64, found: &[Finding], tally: &mut Tally) -> DbResult<()> {
    if found.is_empty() {
        return Ok(());
    }
    let parts: Vec<i64> = found.iter().map(|finding| i64::from(finding.at.part)).collect();
    let bytes: Vec<i64> = found.iter().map(|finding| signed(finding.at.offset)).collect::<DbResult<_>>()?;
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
    let after = after.map(parse).transpose()?;
    let limit = limit.clamp(1, 1000);
    // No finding has part -1.
    let (part, byte, reason, source_id) = match &after {
        Some(last) => {
            let source_id = last.source_id.as_deref().unwrap_or_default();
            (i64::from(last.at.part), signed(last.at.offset)?, last.reason.as_str(), source_id)
        }
        None => (-1, 0, "", ""),
    };
    let rows = tx
        .query(
            "SELECT part, byte, reason, source_id FROM findings WHERE import_no = $1 \
             AND (part, byte, reason, source_id) > ($2, $3, $4, $5) ORDER BY part, byte, reason, source_id LIMIT $6",
            &parameters![import_no, part, byte, reason, source_id, i64::from(limit) + 1],
        )
        .await?;
    for row in rows {
        let finding = finding(&row)?;
        page.findings.push(StoredFinding { cursor: cursor(&finding), finding });
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
        (Ok(part), Ok(offset), Ok(reason)) if i64::try_from(offset).is_ok() => {
            Ok(Finding { at: Position { part, offset }, reason, source_id: Some(key(source_id).into_owned()) })
        }
        _ => Err(Error::new(ErrorKind::NotFound, "this is not a cursor of findings").into()),
    }
}
