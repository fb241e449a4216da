//! Reactions to pages.

use std::collections::BTreeMap;

use rethread_model::Reaction;
use rethread_stores::stored_value::of_json_list;

use crate::postgres::{DbResult, Transaction, parameters};

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
        let of_thread = of_json_list("list of reactions", row.try_get(1)?)?;
        *sum = Reaction::sum(std::mem::take(sum).into_iter().chain(of_thread));
    }
    Ok(sums)
}
