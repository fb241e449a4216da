//! Looks up the ids that a linked site mentions.

use rethread_model::{Author, Signature, StoredFields, Thread};
use rethread_stores::rules::{comment_details, signature};
use rethread_stores::stored_value::{from_micros, of_json_list};
use rethread_stores::{LookupKeys, StoredRecords, Target};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use super::{details, import, ledgers, origins};
use crate::sqlite::{DbResult, optional_text};

/// See [`rethread_stores::ImportStore::known`].
pub(super) fn known(tx: &Transaction<'_>, target: &Target, asked: &LookupKeys) -> DbResult<StoredRecords> {
    let mut known = StoredRecords::default();
    let ledger_no = match import::number(tx, &target.scope.account, target.job)? {
        Some(import_no) => ledgers::find(tx, import_no, &target.scope.origin)?,
        None => None,
    };
    if let Some(ledger_no) = ledger_no {
        let mut statement =
            tx.prepare_cached("SELECT 1 FROM ledger_comments WHERE ledger_no = ?1 AND source_id = ?2")?;
        for source_id in &asked.comments {
            if statement.exists(params![ledger_no, source_id])? {
                known.brought.insert(source_id.clone());
            }
        }
    }
    let Some(origin_no) = origins::find(tx, &target.scope)? else { return Ok(known) };
    let mut statement = tx.prepare_cached(&format!(
        "SELECT authors.key, signed_as_usual, {}, comments.created_at, edited_at, {} \
         FROM comments LEFT JOIN authors ON authors.no = comments.author_no \
         WHERE comments.origin_no = ?1 AND comments.source_id = ?2",
        signature::shown_columns("comments"),
        comment_details::selected("comments")
    ))?;
    for source_id in &asked.comments {
        let found = statement.query_row(params![origin_no, source_id], |row| Ok(rest(row))).optional()?;
        known.comments.extend(found.transpose()?.map(|rest| (source_id.clone(), rest)));
    }
    let mut statement = tx.prepare_cached(
        "SELECT url_id, url, title, created_at, closed, reactions FROM threads \
         WHERE origin_no = ?1 AND source_id = ?2 AND fingerprint IS NOT NULL",
    )?;
    for source_id in &asked.threads {
        let found = statement.query_row(params![origin_no, source_id], |row| Ok(thread(source_id, row))).optional()?;
        known.threads.extend(found.transpose()?.map(|thread| (source_id.clone(), thread)));
    }
    let mut statement = tx.prepare_cached(
        "SELECT name, email, link, avatar, moderator, as_of FROM authors \
         WHERE origin_no = ?1 AND key = ?2 AND fingerprint IS NOT NULL",
    )?;
    for key in &asked.authors {
        let found = statement.query_row(params![origin_no, key], |row| Ok(author(key, row))).optional()?;
        known.authors.extend(found.transpose()?.map(|author| (key.clone(), author)));
    }
    Ok(known)
}

fn rest(row: &Row<'_>) -> DbResult<StoredFields> {
    let shown = Signature { name: row.get(2)?, link: row.get(3)?, avatar: row.get(4)? };
    let signature = signature::signature(row.get(1)?, shown);
    Ok(StoredFields {
        author: signature::author(row.get(0)?, signature.as_ref()),
        signature,
        created_at: from_micros(row.get(5)?)?,
        edited_at: from_micros(row.get(6)?)?,
        details: details::read(row, 7)?,
    })
}

fn thread(source_id: &str, row: &Row<'_>) -> DbResult<Thread> {
    Ok(Thread {
        source_id: source_id.to_owned(),
        url_id: row.get(0)?,
        url: row.get(1)?,
        title: row.get(2)?,
        created_at: from_micros(row.get(3)?)?,
        closed: row.get(4)?,
        reactions: of_json_list("list of reactions", optional_text(row, 5)?)?,
    })
}

fn author(key: &str, row: &Row<'_>) -> DbResult<Author> {
    Ok(Author {
        key: key.to_owned(),
        name: row.get(0)?,
        email: row.get(1)?,
        link: row.get(2)?,
        avatar: row.get(3)?,
        moderator: row.get(4)?,
        as_of: from_micros(row.get(5)?)?,
    })
}
