//! The columns of reactions.

use rethread_model::Reaction;
use rusqlite::{Transaction, types::ValueRef};

use crate::sqlite::{DbResult, json, of_json};

/// The value of the column.
pub(super) fn column(reactions: &[Reaction]) -> DbResult<Option<String>> {
    if reactions.is_empty() { Ok(None) } else { json(&reactions).map(Some) }
}

/// Parses the column.
pub(super) fn of_column(stored: ValueRef<'_>) -> DbResult<Vec<Reaction>> {
    match stored.as_str_or_null().unwrap_or_default() {
        Some(text) => of_json("list of reactions", text),
        None => Ok(Vec::new()),
    }
}

/// The sums over a page's threads.
pub(super) fn of_page(tx: &Transaction<'_>, page_no: i64) -> DbResult<Vec<Reaction>> {
    let mut statement =
        tx.prepare_cached("SELECT reactions FROM threads WHERE page_no = ?1 AND reactions IS NOT NULL")?;
    let mut rows = statement.query([page_no])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all = Reaction::sum(all.into_iter().chain(of_column(row.get_ref(0)?)?));
    }
    Ok(all)
}
