//! Changes made here, after an import.

use rethread_model::{Scope, Status};
use rethread_stores::rules::comment_details;
use rusqlite::{Transaction, params};

use super::origins;
use crate::sqlite::DbResult;

/// Changes the status of a comment. One that is deleted here loses its text and author immediately
/// and permanently. When it is restored, its fingerprint is cleared, so that the next import of its
/// file brings its text again.
pub(super) fn set_status(tx: &Transaction<'_>, scope: &Scope, source_id: &str, status: Status) -> DbResult<bool> {
    let Some(origin_no) = origins::find(tx, scope)? else { return Ok(false) };
    let found = tx
        .prepare_cached(
            "UPDATE comments SET \
               fingerprint = CASE WHEN local_status IS 'deleted' AND ?3 <> 'deleted' THEN zeroblob(16) \
                             ELSE fingerprint END, \
               local_status = ?3 \
             WHERE origin_no = ?1 AND source_id = ?2",
        )?
        .execute(params![origin_no, source_id, status.as_str()])?;
    if status == Status::Deleted {
        tx.prepare_cached(&format!(
            "UPDATE comments SET author_no = NULL, signed_as_usual = NULL, signed_name = NULL, signed_link = NULL, \
             signed_avatar = NULL, edited_at = NULL, text = '', html = '', {} \
             WHERE origin_no = ?1 AND source_id = ?2",
            comment_details::cleared()
        ))?
        .execute(params![origin_no, source_id])?;
    }
    Ok(found > 0)
}
