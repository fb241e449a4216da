//! The table of authors.

use std::collections::{BTreeMap, HashMap};

use rethread_model::{Author, Fingerprint, JobId, Signature};
use rethread_stores::rules::description::AuthorRank;
use rethread_stores::stored_value::{fingerprint, micros};
use uuid::Uuid;

use crate::postgres::{DbResult, Failure, Transaction, parameters};

/// A stored author.
pub(super) struct StoredAuthor {
    pub(super) no: i64,
    /// See [`rethread_stores::rules::signature`].
    pub(super) usual: Signature,
    rank: AuthorRank,
}

/// An author row to write.
struct Row<'a> {
    key: &'a str,
    description: Option<&'a (Fingerprint, Author)>,
    /// The usual signature, for a new author.
    usual: Option<&'a Signature>,
}

/// On conflict, do nothing: then inserting new authors locks no row of a known one, so the two
/// kinds of writers never wait for each other.
const IF_NEW: &str = "DO NOTHING";
/// Or compare the [`AuthorRank`] again, with the row locked.
const IF_HIGHER: &str = "DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email, link = EXCLUDED.link, \
     avatar = EXCLUDED.avatar, moderator = EXCLUDED.moderator, as_of = EXCLUDED.as_of, \
     described_by = EXCLUDED.described_by, fingerprint = EXCLUDED.fingerprint \
     WHERE EXCLUDED.fingerprint IS NOT NULL AND \
       (authors.name IS NOT NULL, coalesce(authors.as_of, -9223372036854775808), \
        coalesce(authors.described_by, '00000000-0000-0000-0000-000000000000'), coalesce(authors.fingerprint, '')) \
       < (EXCLUDED.name IS NOT NULL, coalesce(EXCLUDED.as_of, -9223372036854775808), EXCLUDED.described_by, EXCLUDED.fingerprint)";

/// Appended to [`IF_HIGHER`] when descriptions from other imports must not be updated.
const AND_NOT_ANOTHERS: &str = " AND (authors.described_by IS NULL OR authors.described_by = EXCLUDED.described_by)";

/// The descriptions of a batch, by key.
pub(super) type Descriptions = BTreeMap<String, (Fingerprint, Author)>;

/// The authors of a batch.
pub(super) struct Authors<'a> {
    origin_no: i64,
    job: JobId,
    /// Whether descriptions from other imports may be updated.
    updates: bool,
    /// By key.
    pub(super) stored: BTreeMap<String, StoredAuthor>,
    /// Descriptions that rank above the stored ones.
    newer: Vec<Row<'a>>,
}

impl<'a> Authors<'a> {
    /// Finds authors, of whom only the key may be known yet. New ones are inserted with their
    /// descriptions, and with these signatures as their usual ones.
    pub(super) async fn put(
        tx: &Transaction,
        origin_no: i64,
        (job, updates): (JobId, bool),
        keys: &[&'a str],
        descriptions: &'a Descriptions,
        signatures: &HashMap<&str, &Signature>,
    ) -> DbResult<Self> {
        let mut authors = Self { origin_no, job, updates, stored: BTreeMap::new(), newer: Vec::new() };
        authors.find(tx, keys).await?;
        let missing: Vec<Row<'_>> = keys
            .iter()
            .filter(|key| !authors.stored.contains_key(**key))
            .map(|key| Row { key, description: descriptions.get(*key), usual: signatures.get(key).copied() })
            .collect();
        authors.add(tx, &missing).await?;
        let raced: Vec<&str> = keys.iter().copied().filter(|key| !authors.stored.contains_key(*key)).collect();
        if !raced.is_empty() {
            // Another transaction inserted them in between.
            authors.find(tx, &raced).await?;
        }
        for (key, description) in descriptions {
            let rank = authors.rank(description);
            if authors.stored.get(key).is_some_and(|stored| !stored.rank.is_kept(rank, updates)) {
                authors.newer.push(Row { key, description: Some(description), usual: None });
            }
        }
        if keys.iter().all(|key| authors.stored.contains_key(*key)) { Ok(authors) } else { Err(Failure::Raced) }
    }

    /// Writes the descriptions that rank above the stored ones. A frequent author has a new one in
    /// many batches, so this comes last: others wait for such a row only until the end of the
    /// transaction.
    pub(super) async fn describe(&self, tx: &Transaction) -> DbResult<()> {
        let condition = if self.updates { "" } else { AND_NOT_ANOTHERS };
        self.write(tx, &self.newer, &format!("{IF_HIGHER}{condition}")).await.map(drop)
    }

    fn rank(&self, (fingerprint, author): &(Fingerprint, Author)) -> AuthorRank {
        AuthorRank::of(self.job, *fingerprint, author)
    }

    async fn find(&mut self, tx: &Transaction, keys: &[&str]) -> DbResult<()> {
        let rows = tx
            .query(
                "SELECT key, no, usual_name, usual_link, usual_avatar, name IS NOT NULL, as_of, described_by, fingerprint \
                 FROM authors WHERE origin_no = $1 AND key = ANY ($2)",
                &parameters![self.origin_no, keys.to_vec()],
            )
            .await?;
        for row in rows {
            let usual = Signature { name: row.try_get(2)?, link: row.try_get(3)?, avatar: row.try_get(4)? };
            let print: Option<&[u8]> = row.try_get(8)?;
            let rank = AuthorRank {
                is_named: row.try_get(5)?,
                as_of: row.try_get(6)?,
                described_by: row.try_get::<_, Option<Uuid>>(7)?.map(Uuid::into_bytes),
                fingerprint: print.map(fingerprint).transpose()?.map(|print| print.0),
            };
            self.stored.insert(row.try_get(0)?, StoredAuthor { no: row.try_get(1)?, usual, rank });
        }
        Ok(())
    }

    /// Inserts those that do not exist yet.
    async fn add(&mut self, tx: &Transaction, rows: &[Row<'_>]) -> DbResult<()> {
        let mut nos = self.write(tx, rows, IF_NEW).await?;
        for row in rows {
            let Some(no) = nos.remove(row.key) else { continue };
            let rank = row.description.map(|description| self.rank(description)).unwrap_or_default();
            let usual = row.usual.cloned().unwrap_or_default();
            self.stored.insert(row.key.to_owned(), StoredAuthor { no, usual, rank });
        }
        Ok(())
    }

    /// Returns the numbers of the written rows. Writes in order of keys, so that two transactions
    /// never deadlock.
    async fn write(&self, tx: &Transaction, rows: &[Row<'_>], otherwise: &str) -> DbResult<BTreeMap<String, i64>> {
        if rows.is_empty() {
            return Ok(BTreeMap::new());
        }
        let keys: Vec<&str> = rows.iter().map(|row| row.key).collect();
        let of = |field: fn(&Author) -> Option<&str>| -> Vec<Option<&str>> {
            rows.iter().map(|row| row.description.and_then(|(_, author)| field(author))).collect()
        };
        let usual = |field: fn(&Signature) -> Option<&str>| -> Vec<Option<&str>> {
            rows.iter().map(|row| row.usual.and_then(field)).collect()
        };
        let moderators: Vec<Option<bool>> =
            rows.iter().map(|row| row.description.and_then(|(_, author)| author.moderator)).collect();
        let times: Vec<Option<i64>> =
            rows.iter().map(|row| row.description.and_then(|(_, author)| micros(author.as_of))).collect();
        let fingerprints: Vec<Option<&[u8]>> =
            rows.iter().map(|row| row.description.map(|(fingerprint, _)| fingerprint.0.as_slice())).collect();
        let rows = tx
            .query(
                &format!(
                    "INSERT INTO authors (origin_no, key, name, email, link, avatar, moderator, as_of, described_by, \
                   fingerprint, usual_name, usual_link, usual_avatar) \
                 SELECT $1, key, name, email, link, avatar, moderator, as_of, \
                   CASE WHEN fingerprint IS NULL THEN NULL ELSE $2::uuid END, fingerprint, usual_name, usual_link, \
                   usual_avatar \
                 FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::bigint[], \
                   $10::bytea[], $11::text[], $12::text[], $13::text[]) AS new (key, name, email, link, avatar, \
                   moderator, as_of, fingerprint, usual_name, usual_link, usual_avatar) \
                 ORDER BY key COLLATE \"C\" \
                 ON CONFLICT (origin_no, key) {otherwise} RETURNING key, no"
                ),
                &parameters![
                    self.origin_no,
                    *self.job.as_uuid(),
                    keys,
                    of(|author| author.name.as_deref()),
                    of(|author| author.email.as_deref()),
                    of(|author| author.link.as_deref()),
                    of(|author| author.avatar.as_deref()),
                    moderators,
                    times,
                    fingerprints,
                    usual(|signature| signature.name.as_deref()),
                    usual(|signature| signature.link.as_deref()),
                    usual(|signature| signature.avatar.as_deref())
                ],
            )
            .await?;
        rows.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}
