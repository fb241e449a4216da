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

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    const LOOKUP: Lookup = Lookup {
        count: "SELECT count(*) FROM (SELECT 1 FROM t WHERE owner = ?1 AND source_id BETWEEN ?2 AND ?3 LIMIT ?4)",
        between: "SELECT source_id FROM t WHERE owner = ?1 AND source_id BETWEEN ?2 AND ?3",
    };

    /// The ids of a batch that are found among those that are stored.
    fn found(stored: &[u32], batch: &[u32]) -> Vec<String> {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (owner, source_id TEXT, PRIMARY KEY (owner, source_id))").unwrap();
        let tx = connection.transaction().unwrap();
        for (owner, id) in stored.iter().map(|id| (1, *id)).chain([(2, 5), (2, 15)]) {
            tx.execute("INSERT INTO t VALUES (?1, ?2)", params![owner, id.to_string()]).unwrap();
        }
        let batch: Vec<String> = batch.iter().map(u32::to_string).collect();
        let ids = batch.iter().map(String::as_str).collect();
        let mut found = Vec::new();
        read_ids(&tx, &LOOKUP, 1, &ids, |row| {
            found.push(row.get(0)?);
            Ok(())
        })
        .unwrap();
        found.sort();
        found
    }

    #[test]
    fn ids_are_found_whatever_else_is_stored() {
        let all: Vec<u32> = (100..1000).collect();
        assert_eq!(found(&[], &[5, 15]), Vec::<String>::new());
        assert_eq!(found(&all, &[]), Vec::<String>::new());
        assert_eq!(found(&all, &[100, 101, 102]), ["100", "101", "102"], "the whole range");
        assert_eq!(found(&all, &[300, 301, 1301]), ["300", "301"], "some of it");
        assert_eq!(found(&all, &[100, 999]), ["100", "999"], "a range with many others");
        assert_eq!(found(&[9, 10, 11], &[9, 10]), ["10", "9"], "in the order of texts");
        assert_eq!(found(&[7], &[6, 8]), Vec::<String>::new(), "one between them");
    }
}
