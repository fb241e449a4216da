//! The content of a running import's file for one origin: one short row for each comment and
//! thread. It makes duplicates, orphans, counts and dry runs exact, whatever the order in which the
//! file is written. It also includes stored threads that lose a comment to another thread, so that
//! their page is counted again at the end.
//!
//! It is also where workers that write one file concurrently detect conflicts: if what one of them
//! read was changed before it writes, its transaction is retried.

use std::collections::BTreeMap;

use rethread_model::{Finding, Fingerprint, Outcome, Position, Reason, Status};
use rethread_stores::Result;
use rethread_stores::rules::resolve_batch::{Accepted, Change, CommentLocation, LedgerEntry, StoredRecord, StoredRow};
use rethread_stores::rules::signature::{self, address_and_name};
use rethread_stores::stored_value::{fingerprint, signed, unsigned, word};

use crate::postgres::{DbResult, Failure, Transaction, parameters};

/// What to write for an id, and the numbers of what it refers to.
pub(super) struct Row<'a> {
    pub(super) source_id: &'a str,
    pub(super) change: &'a Change<'a>,
    /// The number in the ledger; `None` for a refused comment.
    pub(super) thread_no: Option<i64>,
    /// `None` in a dry run.
    pub(super) comment_no: Option<i64>,
}

/// What is stored under the ids of a batch.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) records: BTreeMap<String, StoredRecord>,
    /// The locations of the rows.
    pub(super) locations: BTreeMap<String, CommentLocation>,
}

/// What the ledger and the store know of these ids, from one snapshot. `LIMIT 1` makes the server
/// look each id up in the indexes. Otherwise it reads whole tables for every batch, as long as they
/// are small enough to look cheap.
pub(super) async fn stored(
    tx: &Transaction,
    ledger_no: i64,
    origin_no: Option<i64>,
    source_ids: &[&str],
) -> DbResult<Stored> {
    let rows = tx
        .query(
            "SELECT id, ledger.part, ledger.byte, ledger.thread_no IS NOT NULL, ledger.status, ledger.outcome, \
               ledger.prior, comments.no, comments.fingerprint, comments.local_status IS NOT DISTINCT FROM 'deleted', \
               threads.source_id, comments.parent \
             FROM unnest($3::text[]) AS given (id) \
               LEFT JOIN LATERAL (\
                 SELECT * FROM ledger_comments WHERE ledger_no = $1 AND source_id = id LIMIT 1) AS ledger ON TRUE \
               LEFT JOIN LATERAL (\
                 SELECT no, fingerprint, local_status, thread_no, parent FROM comments \
                 WHERE origin_no = $2 AND source_id = id LIMIT 1) AS comments ON TRUE \
               LEFT JOIN LATERAL (\
                 SELECT source_id FROM threads WHERE no = comments.thread_no LIMIT 1) AS threads ON TRUE \
             WHERE ledger.part IS NOT NULL OR comments.no IS NOT NULL",
            &parameters![ledger_no, origin_no, source_ids.to_vec()],
        )
        .await?;
    let mut stored = Stored::default();
    for row in rows {
        let source_id: String = row.try_get(0)?;
        let prior: Option<&[u8]> = row.try_get(6)?;
        let prior = prior.map(fingerprint).transpose()?;
        let entry = match row.try_get::<_, Option<i64>>(1)? {
            None => None,
            Some(part) => {
                let at = Position { part: unsigned(part)?, offset: unsigned(row.try_get(2)?)? };
                let accepted =
                    if row.try_get(3)? { Some(accepted(row.try_get(4)?, row.try_get(5)?, prior)?) } else { None };
                Some(LedgerEntry { at, accepted })
            }
        };
        let found = match row.try_get::<_, Option<i64>>(7)? {
            None => None,
            Some(no) => {
                Some(StoredRow { no, fingerprint: fingerprint(row.try_get(8)?)?, is_deleted_here: row.try_get(9)? })
            }
        };
        if let Some(thread) = row.try_get(10)? {
            let location = CommentLocation { thread, parent: row.try_get(11)? };
            stored.locations.insert(source_id.clone(), location);
        }
        stored.records.insert(source_id, StoredRecord { entry, row: found });
    }
    Ok(stored)
}

fn accepted(status: &str, outcome: &str, prior: Option<Fingerprint>) -> DbResult<Accepted> {
    let status = word("status", Status::from_word(status))?;
    Ok(Accepted { status, outcome: word("outcome", Outcome::from_word(outcome))?, prior })
}

/// Writes comments to the ledger, replacing older entries with their ids. Fails with
/// [`Failure::Raced`] where an entry is not the one that was read.
pub(super) async fn put(tx: &Transaction, ledger_no: i64, rows: &[Row<'_>]) -> DbResult<()> {
    let (new, changed): (Vec<&Row<'_>>, Vec<&Row<'_>>) = rows.iter().partition(|row| row.change.replaces.is_none());
    // A concurrent worker that wrote an id first makes the number of written rows smaller.
    let taken = new.iter().filter(|row| row.thread_no.is_some()).count();
    if !new.is_empty() && insert(tx, ledger_no, &new).await? != taken {
        return Err(Failure::Raced);
    }
    let count = changed.len() as u64;
    if !changed.is_empty() && update(tx, ledger_no, &changed).await? != count {
        return Err(Failure::Raced);
    }
    Ok(())
}

/// The columns of rows.
struct Columns<'a> {
    source_ids: Vec<&'a str>,
    parts: Vec<i64>,
    bytes: Vec<i64>,
    threads: Vec<Option<i64>>,
    comments: Vec<Option<i64>>,
    parents: Vec<Option<&'a str>>,
    statuses: Vec<Option<&'a str>>,
    outcomes: Vec<Option<&'a str>>,
    priors: Vec<Option<&'a [u8]>>,
    addresses: Vec<Option<i64>>,
    names: Vec<Option<i64>>,
}

impl<'a> Columns<'a> {
    fn of(rows: &[&'a Row<'a>]) -> DbResult<Self> {
        let accepted = |row: &&'a Row<'a>| row.change.entry.accepted.as_ref();
        let signer = |row: &&'a Row<'a>| row.change.comment.and_then(|(comment, _)| address_and_name(comment));
        let (addresses, names) = rows.iter().map(signer).map(Option::unzip).unzip();
        let parent = |row: &&'a Row<'a>| row.change.parent();
        Ok(Self {
            source_ids: rows.iter().map(|row| row.source_id).collect(),
            parts: rows.iter().map(|row| i64::from(row.change.entry.at.part)).collect(),
            bytes: rows.iter().map(|row| signed(row.change.entry.at.offset)).collect::<Result<_>>()?,
            threads: rows.iter().map(|row| row.thread_no).collect(),
            comments: rows.iter().map(|row| row.comment_no).collect(),
            parents: rows.iter().map(parent).collect(),
            statuses: rows.iter().map(|row| accepted(row).map(|accepted| accepted.status.as_str())).collect(),
            outcomes: rows.iter().map(|row| accepted(row).map(|accepted| accepted.outcome.as_str())).collect(),
            priors: rows
                .iter()
                .map(|row| accepted(row).and_then(|accepted| accepted.prior.as_ref()).map(|prior| prior.0.as_slice()))
                .collect(),
            addresses,
            names,
        })
    }
}

/// Returns the number of accepted comments written. Of refused ones, the first one written is kept.
async fn insert(tx: &Transaction, ledger_no: i64, rows: &[&Row<'_>]) -> DbResult<usize> {
    let Columns { source_ids, parts, bytes, threads, comments, parents, statuses, outcomes, priors, addresses, names } =
        Columns::of(rows)?;
    let inserted = tx
        .first(
            "WITH noted AS (\
               INSERT INTO ledger_comments \
                 (ledger_no, source_id, part, byte, thread_no, comment_no, parent, status, outcome, prior, \
                  address_hash, name_hash) \
               SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], \
                 $8::text[], $9::text[], $10::bytea[], $11::bigint[], $12::bigint[]) AS new (id, part, byte, thread, \
                 comment, parent, status, outcome, prior, address, name) ORDER BY id COLLATE \"C\" \
               ON CONFLICT DO NOTHING RETURNING thread_no) \
             SELECT count(thread_no) FROM noted",
            &parameters![
                ledger_no, source_ids, parts, bytes, threads, comments, parents, statuses, outcomes, priors, addresses,
                names
            ],
        )
        .await?;
    let count: i64 = inserted.map_or(Ok(0), |row| row.try_get(0))?;
    Ok(unsigned(count)?)
}

async fn update(tx: &Transaction, ledger_no: i64, rows: &[&Row<'_>]) -> DbResult<u64> {
    let Columns { source_ids, parts, bytes, threads, comments, parents, statuses, outcomes, priors, addresses, names } =
        Columns::of(rows)?;
    let old = |row: &&Row<'_>| row.change.replaces.unwrap_or_default();
    let old_parts: Vec<i64> = rows.iter().map(|row| i64::from(old(row).part)).collect();
    let old_bytes: Vec<i64> = rows.iter().map(|row| signed(old(row).offset)).collect::<Result<_>>()?;
    tx.execute(
        "UPDATE ledger_comments AS ledger SET part = new.part, byte = new.byte, thread_no = new.thread, \
           comment_no = new.comment, parent = new.parent, status = new.status, outcome = new.outcome, prior = new.prior, \
           address_hash = new.address, name_hash = new.name \
         FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], \
           $9::text[], $10::bytea[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[]) \
           AS new (id, part, byte, thread, comment, parent, status, outcome, prior, old_part, old_byte, address, name) \
         WHERE ledger.ledger_no = $1 AND ledger.source_id = new.id AND ledger.part = new.old_part \
           AND ledger.byte = new.old_byte",
        &parameters![
            ledger_no, source_ids, parts, bytes, threads, comments, parents, statuses, outcomes, priors, old_parts,
            old_bytes, addresses, names
        ],
    )
    .await
}

/// The first comment of each e-mail address that signed under too many names, as findings.
pub(super) async fn shared_addresses(tx: &Transaction, import_no: i64) -> DbResult<Vec<Finding>> {
    let rows = tx.query(&signature::shared_addresses("byte", "$1"), &parameters![import_no]).await?;
    let found = rows.into_iter().map(|row| {
        let at = Position { part: unsigned(row.try_get::<_, i64>(0)?)?, offset: unsigned(row.try_get(1)?)? };
        Ok(Finding { at, reason: Reason::SharedAddress, source_id: Some(row.try_get(2)?) })
    });
    found.collect()
}
