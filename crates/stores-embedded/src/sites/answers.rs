//! An admin's answer to a site.

use rethread_model::{Digest, SiteId};
use rethread_stores::rules::sites::link_of;
use rethread_stores::stored_value::millis;
use rethread_stores::{LinkDecision, Site, SiteState};
use rusqlite::{Transaction, params};

use super::{by_token, of_account};
use crate::sqlite::DbResult;

/// See [`rethread_stores::SiteLinks::answer`].
pub(super) fn answer(tx: &Transaction<'_>, token: &Digest, answer: &LinkDecision) -> DbResult<Option<Site>> {
    let asking = by_token(tx, token)?.filter(|site| site.is_asking(answer.at) && site.domain == answer.domain);
    let Some(asking) = asking else { return Ok(None) };
    let linked = if answer.accepts { of_account(tx, &answer.account)? } else { Vec::new() };
    let id = match link_of(&linked, &asking.origin()) {
        Some(earlier) => {
            hand_over(tx, token, &asking, earlier.id, answer)?;
            earlier.id
        }
        None => asking.id,
    };
    let state = if answer.accepts { SiteState::Linked } else { SiteState::Refused };
    tx.execute(
        "UPDATE sites SET state = ?2, domain = ?3, without_sync = ?4, account = ?5, answered_by = ?6, answered_at = ?7, \
           job = ifnull(?8, job), revoked_at = NULL, heard_at = NULL, look = NULL \
         WHERE id = ?1",
        params![
            id.to_string(),
            state.as_str(),
            asking.domain,
            asking.without_sync,
            answer.account.as_str(),
            answer.by,
            millis(answer.at),
            answer.job.map(|job| job.to_string()),
        ],
    )?;
    by_token(tx, token)
}

/// Transfers the token of a site that asks to the existing link. The row that asked keeps the old
/// token.
fn hand_over(
    tx: &Transaction<'_>,
    token: &Digest,
    asking: &Site,
    earlier: SiteId,
    answer: &LinkDecision,
) -> DbResult<()> {
    let old: Vec<u8> =
        tx.query_row("SELECT token_sha256 FROM sites WHERE id = ?1", [earlier.to_string()], |row| row.get(0))?;
    tx.execute("DELETE FROM sites WHERE id = ?1", [asking.id.to_string()])?;
    tx.execute("UPDATE sites SET token_sha256 = ?2 WHERE id = ?1", params![earlier.to_string(), token.as_bytes()])?;
    tx.execute(
        "INSERT INTO sites (id, token_sha256, domain, state, without_sync, account, asked_at, expires_at, revoked_at) \
         VALUES (?1, ?2, ?3, ?4, FALSE, ?5, ?6, ?7, ?8)",
        params![
            asking.id.to_string(),
            old,
            asking.domain,
            SiteState::Replaced.as_str(),
            answer.account.as_str(),
            millis(asking.asked_at),
            millis(asking.expires_at),
            millis(answer.at),
        ],
    )?;
    Ok(())
}
