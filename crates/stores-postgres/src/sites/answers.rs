//! An admin's answer to a site.

use rethread_model::{Digest, SiteId};
use rethread_stores::rules::sites::link_of;
use rethread_stores::stored_value::millis;
use rethread_stores::{LinkDecision, Site, SiteState};

use super::{by_token, of_account};
use crate::postgres::{DbResult, Transaction, parameters, storable};

/// See [`rethread_stores::SiteLinks::answer`].
pub(super) async fn answer(tx: &Transaction, token: &Digest, answer: &LinkDecision) -> DbResult<Option<Site>> {
    // Serialises two answers for one account, so that no site is linked twice.
    let lock = format!("sites of {}", answer.account);
    tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", &parameters![lock]).await?;
    // Of two answers to one site, the second finds it answered.
    let row = "SELECT id FROM sites WHERE token_sha256 = $1 FOR UPDATE";
    tx.first(row, &parameters![token.as_bytes().as_slice()]).await?;
    let asking = by_token(tx, token).await?.filter(|site| site.is_asking(answer.at) && site.domain == answer.domain);
    let Some(asking) = asking else { return Ok(None) };
    let linked = if answer.accepts { of_account(tx, &answer.account).await? } else { Vec::new() };
    let id = match link_of(&linked, &asking.origin()) {
        Some(earlier) => {
            hand_over(tx, token, &asking, earlier.id, answer).await?;
            earlier.id
        }
        None => asking.id,
    };
    let state = if answer.accepts { SiteState::Linked } else { SiteState::Refused };
    tx.execute(
        "UPDATE sites SET state = $2, domain = $3, without_sync = $4, account = $5, answered_by = $6, answered_at = $7, \
           job = coalesce($8, job), revoked_at = NULL, heard_at = NULL, look = NULL \
         WHERE id = $1",
        &parameters![
            *id.as_uuid(),
            state.as_str(),
            &*storable(&asking.domain),
            asking.without_sync,
            answer.account.as_str(),
            &*storable(&answer.by),
            millis(answer.at),
            answer.job.map(|job| *job.as_uuid())
        ],
    )
    .await?;
    by_token(tx, token).await
}

/// Transfers the token of a site that asks to the existing link. The row that asked keeps the old
/// token.
async fn hand_over(
    tx: &Transaction,
    token: &Digest,
    asking: &Site,
    earlier: SiteId,
    answer: &LinkDecision,
) -> DbResult<()> {
    let row = tx.first("SELECT token_sha256 FROM sites WHERE id = $1", &parameters![*earlier.as_uuid()]).await?;
    let old: Vec<u8> = row.map_or(Ok(Vec::new()), |row| row.try_get(0))?;
    tx.execute("DELETE FROM sites WHERE id = $1", &parameters![*asking.id.as_uuid()]).await?;
    tx.execute(
        "UPDATE sites SET token_sha256 = $2 WHERE id = $1",
        &parameters![*earlier.as_uuid(), token.as_bytes().as_slice()],
    )
    .await?;
    tx.execute(
        "INSERT INTO sites (id, token_sha256, domain, state, without_sync, account, asked_at, expires_at, revoked_at) \
         VALUES ($1, $2, $3, $4, FALSE, $5, $6, $7, $8)",
        &parameters![
            *asking.id.as_uuid(),
            old.as_slice(),
            &*storable(&asking.domain),
            SiteState::Replaced.as_str(),
            answer.account.as_str(),
            millis(asking.asked_at),
            millis(asking.expires_at),
            millis(answer.at)
        ],
    )
    .await?;
    Ok(())
}
