//! Looks up the ids that a linked site mentions.

use rethread_model::{Author, Signature, StoredFields, Thread};
use rethread_stores::rules::{comment_details, signature};
use rethread_stores::stored_value::{from_micros, of_json_list};
use rethread_stores::{LookupKeys, StoredRecords, Target};
use tokio_postgres::Row;

use super::{details, import, ledgers, origins};
use crate::postgres::{DbResult, Transaction, parameters};

/// See [`rethread_stores::ImportStore::known`]. `LIMIT 1` makes the server look each id up in the
/// indexes.
pub(super) async fn known(tx: &Transaction, target: &Target, asked: &LookupKeys) -> DbResult<StoredRecords> {
    let mut known = StoredRecords::default();
    let ids: Vec<String> = asked.comments.iter().cloned().collect();
    let ledger = match import::number(tx, &target.scope.account, target.job).await? {
        Some(import_no) => ledgers::find(tx, import_no, &target.scope).await?,
        None => None,
    };
    if let Some(ledger) = ledger {
        let rows = tx
            .query(
                "SELECT source_id FROM ledger_comments WHERE ledger_no = $1 AND source_id = ANY ($2)",
                &parameters![ledger.no, ids.clone()],
            )
            .await?;
        for row in rows {
            known.brought.insert(row.try_get(0)?);
        }
    }
    let Some(origin_no) = origins::find(tx, &target.scope).await? else { return Ok(known) };
    let rows = tx
        .query(
            &format!(
                "SELECT id, authors.key, signed_as_usual, {}, comments.created_at, edited_at, {} \
                 FROM unnest($2::text[]) AS asked (id) \
                   CROSS JOIN LATERAL (\
                     SELECT * FROM comments WHERE origin_no = $1 AND source_id = id LIMIT 1) AS comments \
                   LEFT JOIN authors ON authors.no = comments.author_no",
                signature::shown_columns("comments"),
                comment_details::selected("comments")
            ),
            &parameters![origin_no, ids],
        )
        .await?;
    for row in rows {
        known.comments.insert(row.try_get(0)?, rest(&row)?);
    }
    let rows = tx
        .query(
            "SELECT source_id, url_id, url, title, created_at, closed, reactions FROM threads \
             WHERE origin_no = $1 AND source_id = ANY ($2) AND fingerprint IS NOT NULL",
            &parameters![origin_no, asked.threads.iter().cloned().collect::<Vec<_>>()],
        )
        .await?;
    for row in rows {
        known.threads.insert(row.try_get(0)?, thread(&row)?);
    }
    let rows = tx
        .query(
            "SELECT key, name, email, link, avatar, moderator, as_of FROM authors \
             WHERE origin_no = $1 AND key = ANY ($2) AND fingerprint IS NOT NULL",
            &parameters![origin_no, asked.authors.iter().cloned().collect::<Vec<_>>()],
        )
        .await?;
    for row in rows {
        known.authors.insert(row.try_get(0)?, author(&row)?);
    }
    Ok(known)
}

fn rest(row: &Row) -> DbResult<StoredFields> {
    let shown = Signature { name: row.try_get(3)?, link: row.try_get(4)?, avatar: row.try_get(5)? };
    let signature = signature::signature(row.try_get(2)?, shown);
    Ok(StoredFields {
        author: signature::author(row.try_get(1)?, signature.as_ref()),
        signature,
        created_at: from_micros(row.try_get(6)?)?,
        edited_at: from_micros(row.try_get(7)?)?,
        details: details::read(row, 8)?,
    })
}

fn thread(row: &Row) -> DbResult<Thread> {
    Ok(Thread {
        source_id: row.try_get(0)?,
        url_id: row.try_get(1)?,
        url: row.try_get(2)?,
        title: row.try_get(3)?,
        created_at: from_micros(row.try_get(4)?)?,
        closed: row.try_get(5)?,
        reactions: of_json_list("list of reactions", row.try_get(6)?)?,
    })
}

fn author(row: &Row) -> DbResult<Author> {
    Ok(Author {
        key: row.try_get(0)?,
        name: row.try_get(1)?,
        email: row.try_get(2)?,
        link: row.try_get(3)?,
        avatar: row.try_get(4)?,
        moderator: row.try_get(5)?,
        as_of: from_micros(row.try_get(6)?)?,
    })
}
