//! The columns of reactions.

use std::collections::BTreeMap;

use rethread_model::Reaction;

use crate::postgres::{DbResult, Transaction, json, of_json, parameters};

/// The value of the column.
pub(super) fn column(reactions: &[Reaction]) -> DbResult<Option<String>> {
    if reactions.is_empty() { Ok(None) } else { json(&reactions).map(Some) }
}

/// Parses the column.
pub(super) fn of_column(stored: Option<&str>) -> DbResult<Vec<Reaction>> {
    stored.map_or(Ok(Vec::new()), |text| of_json("list of reactions", text))
}

/// The sums over the threads of pages, by page number.
pub(super) async fn of_pages(tx: &Transaction, page_nos: &[i64]) -> DbResult<BTreeMap<i64, Vec<Reaction>>> {
    let rows = tx
        .query(
            "SELECT page_no, reactions FROM threads WHERE page_no = ANY ($1) AND reactions IS NOT NULL",
            &parameters![page_nos.to_vec()],
        )
        .await?;
    let mut sums: BTreeMap<i64, Vec<Reaction>> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(row.try_get(0)?).or_default();
        *sum = Reaction::sum(std::mem::take(sum).into_iter().chain(of_column(row.try_get(1)?)?));
    }
    Ok(sums)
}
