//! Reactions to pages.

use rethread_model::Reaction;
use rethread_stores::stored_value::of_json_list;
use rusqlite::Transaction;

use crate::sqlite::{DbResult, optional_text};

/// The sums over a page's threads.
pub(super) fn of_page(tx: &Transaction<'_>, page_no: i64) -> DbResult<Vec<Reaction>> {
    let mut statement =
        tx.prepare_cached("SELECT reactions FROM threads WHERE page_no = ?1 AND reactions IS NOT NULL")?;
    let mut rows = statement.query([page_no])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let of_thread = of_json_list("list of reactions", optional_text(row, 0)?)?;
        all = Reaction::sum(all.into_iter().chain(of_thread));
    }
    Ok(all)
}
