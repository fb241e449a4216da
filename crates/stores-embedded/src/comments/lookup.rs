//! Looks up the source ids of a batch in an index.
//!
//! Vendors number comments in the order in which they were written, and files mostly have them in
//! that order. So the ids of a batch are a range in which nothing else is stored, and one look at
//! the range replaces one for each id: nothing is stored there at the first import, and just the
//! batch at the next.

use std::collections::BTreeSet;

use rusqlite::{Row, Transaction, params};

use crate::sqlite::{DbResult, text};

/// A range with more rows than this for each id of the batch is not read: each id is looked up.
const ROWS_PER_ID: usize = 2;

/// The statements for a table. Their parameters are the number of an owner, and the first and last
/// source id.
pub(super) struct Lookup {
    /// Counts the rows of a range, without reading them, up to the limit in the fourth parameter.
    pub(super) count: &'static str,
    /// Reads the rows of a range. The first column is the source id.
    pub(super) between: &'static str,
}

/// Calls `found` for each row of an owner with one of these source ids.
pub(super) fn read_ids(
    tx: &Transaction<'_>,
    lookup: &Lookup,
    owner_no: i64,
    ids: &BTreeSet<&str>,
    mut found: impl FnMut(&Row<'_>) -> DbResult<()>,
) -> DbResult<()> {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(()) };
    let limit = i64::try_from(ids.len() * ROWS_PER_ID + 1).unwrap_or(i64::MAX);
    let mut count = tx.prepare_cached(lookup.count)?;
    let in_range: i64 = count.query_row(params![owner_no, first, last, limit], |row| row.get(0))?;
    if in_range == 0 {
        return Ok(());
    }
    let mut between = tx.prepare_cached(lookup.between)?;
    let mut read = |first: &str, last: &str| {
        let mut rows = between.query(params![owner_no, first, last])?;
        while let Some(row) = rows.next()? {
            if ids.contains(text(row, 0)?) {
                found(row)?;
            }
        }
        Ok(())
    };
    if in_range < limit {
        return read(first, last);
    }
    ids.iter().try_for_each(|id| read(id, id))
}
