//! Changes made here, after an import.

use rethread_model::{Scope, Status};
use rethread_stores::rules::comment_details;

use super::origins;
use crate::postgres::{DbResult, Transaction, key, parameters};

/// Changes the status of a comment. One that is deleted here loses its text and author immediately
/// and permanently. When it is restored, its fingerprint is cleared, so that the next import of its
/// file brings its text again.
pub(super) async fn set_status(tx: &Transaction, scope: &Scope, source_id: &str, status: Status) -> DbResult<bool> {
    let Some(origin_no) = origins::find(tx, scope).await? else { return Ok(false) };
    let source_id = key(source_id).into_owned();
    let found = tx
        .execute(
            "UPDATE comments SET \
               fingerprint = CASE WHEN local_status IS NOT DISTINCT FROM 'deleted' AND $3 <> 'deleted' \
                             THEN decode(repeat('00', 16), 'hex') ELSE fingerprint END, \
               local_status = $3 \
             WHERE origin_no = $1 AND source_id = $2",
            &parameters![origin_no, source_id, status.as_str()],
        )
        .await?;
    if status == Status::Deleted {
        tx.execute(
            &format!(
                "UPDATE comments SET author_no = NULL, signed_as_usual = NULL, signed_name = NULL, signed_link = NULL, \
                 signed_avatar = NULL, edited_at = NULL, text = '', html = '', {} \
                 WHERE origin_no = $1 AND source_id = $2",
                comment_details::cleared()
            ),
            &parameters![origin_no, source_id],
        )
        .await?;
    }
    Ok(found > 0)
}
