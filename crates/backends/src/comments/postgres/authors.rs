//! The table of authors.

use std::collections::BTreeMap;

use rethread_model::{Author, Fingerprint, JobId};
use uuid::Uuid;

use crate::postgres::{Failure, Outcome, Transaction, micros, parameters};

/// What decides which description stays: its time, then the newer import, then its fingerprint. All `None` until an
/// author is described.
type Rank = (Option<i64>, Option<Uuid>, Option<Vec<u8>>);

/// What is done where an author is there already. Nothing: then no row of an author that is known is locked while new ones
/// are written, so that whoever does one of the two never waits for whoever does the other.
const IF_NEW: &str = "DO NOTHING";
/// Or what was read before is compared once more, with the row locked.
const IF_HIGHER: &str = "DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email, link = EXCLUDED.link, \
     avatar = EXCLUDED.avatar, moderator = EXCLUDED.moderator, as_of = EXCLUDED.as_of, \
     described_by = EXCLUDED.described_by, fingerprint = EXCLUDED.fingerprint \
     WHERE EXCLUDED.fingerprint IS NOT NULL AND \
       (coalesce(authors.as_of, -9223372036854775808), \
        coalesce(authors.described_by, '00000000-0000-0000-0000-000000000000'), coalesce(authors.fingerprint, '')) \
       < (coalesce(EXCLUDED.as_of, -9223372036854775808), EXCLUDED.described_by, EXCLUDED.fingerprint)";

/// The descriptions of a batch, by key.
pub(super) type Descriptions = BTreeMap<String, (Fingerprint, Author)>;

/// The authors of a batch.
pub(super) struct Authors<'a> {
    origin_no: i64,
    job: Uuid,
    /// Numbers by key.
    pub(super) nos: BTreeMap<String, i64>,
    /// Descriptions that rank above the stored ones.
    newer: Vec<(&'a str, Option<&'a (Fingerprint, Author)>)>,
}

impl<'a> Authors<'a> {
    /// The numbers of authors, of whom perhaps nothing but the key is known yet. Those that are new are written with their
    /// descriptions.
    pub(super) async fn put(
        tx: &Transaction,
        origin_no: i64,
        job: JobId,
        keys: &[&'a str],
        descriptions: &'a Descriptions,
    ) -> Outcome<Self> {
        let mut authors = Self { origin_no, job: *job.as_uuid(), nos: BTreeMap::new(), newer: Vec::new() };
        let mut ranks = authors.find(tx, keys).await?;
        let described = |key: &&'a str| (*key, descriptions.get(*key));
        let missing: Vec<_> = keys.iter().filter(|key| !ranks.contains_key(**key)).map(described).collect();
        let written = authors.write(tx, &missing, IF_NEW).await?;
        let raced: Vec<&str> = missing.iter().map(|(key, _)| *key).filter(|key| !written.contains_key(*key)).collect();
        if !raced.is_empty() {
            // Others noted them while this transaction was about to.
            ranks.extend(authors.find(tx, &raced).await?);
        }
        for (key, (no, rank)) in &ranks {
            authors.nos.insert(key.clone(), *no);
            if let Some((key, described)) = descriptions.get_key_value(key)
                && *rank < authors.rank(described)
            {
                authors.newer.push((key, Some(described)));
            }
        }
        authors.nos.extend(written);
        if keys.iter().all(|key| authors.nos.contains_key(*key)) { Ok(authors) } else { Err(Failure::Raced) }
    }

    /// Writes the descriptions that rank above the stored ones. Who comments much has a new one in many batches: this is
    /// done last, so that others wait for such a row no longer than for the end of the transaction.
    pub(super) async fn describe(&self, tx: &Transaction) -> Outcome<()> {
        self.write(tx, &self.newer, IF_HIGHER).await.map(drop)
    }

    fn rank(&self, (fingerprint, author): &(Fingerprint, Author)) -> Rank {
        (micros(author.as_of), Some(self.job), Some(fingerprint.0.to_vec()))
    }

    async fn find(&self, tx: &Transaction, keys: &[&str]) -> Outcome<BTreeMap<String, (i64, Rank)>> {
        let rows = tx
            .query(
                "SELECT key, no, as_of, described_by, fingerprint FROM authors WHERE origin_no = $1 AND key = ANY ($2)",
                &parameters![self.origin_no, keys.to_vec()],
            )
            .await?;
        let found = rows
            .into_iter()
            .map(|row| Ok((row.try_get(0)?, (row.try_get(1)?, (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?)))));
        found.collect()
    }

    /// The numbers of those that were written. In order of keys, so that two transactions never wait for each other.
    async fn write(
        &self,
        tx: &Transaction,
        authors: &[(&str, Option<&(Fingerprint, Author)>)],
        otherwise: &str,
    ) -> Outcome<BTreeMap<String, i64>> {
        if authors.is_empty() {
            return Ok(BTreeMap::new());
        }
        let keys: Vec<&str> = authors.iter().map(|(key, _)| *key).collect();
        let of = |field: fn(&Author) -> Option<&str>| -> Vec<Option<&str>> {
            authors.iter().map(|(_, described)| described.and_then(|(_, author)| field(author))).collect()
        };
        let moderators: Vec<Option<bool>> =
            authors.iter().map(|(_, described)| described.and_then(|(_, author)| author.moderator)).collect();
        let times: Vec<Option<i64>> =
            authors.iter().map(|(_, described)| described.and_then(|(_, author)| micros(author.as_of))).collect();
        let fingerprints: Vec<Option<&[u8]>> =
            authors.iter().map(|(_, described)| described.map(|(fingerprint, _)| fingerprint.0.as_slice())).collect();
        let rows = tx
            .query(
                &format!(
                    "INSERT INTO authors (origin_no, key, name, email, link, avatar, moderator, as_of, described_by, \
                   fingerprint) \
                 SELECT $1, key, name, email, link, avatar, moderator, as_of, \
                   CASE WHEN fingerprint IS NULL THEN NULL ELSE $2::uuid END, fingerprint \
                 FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::bigint[], \
                   $10::bytea[]) AS new (key, name, email, link, avatar, moderator, as_of, fingerprint) \
                 ORDER BY key COLLATE \"C\" \
                 ON CONFLICT (origin_no, key) {otherwise} RETURNING key, no"
                ),
                &parameters![
                    self.origin_no,
                    self.job,
                    keys,
                    of(|author| author.name.as_deref()),
                    of(|author| author.email.as_deref()),
                    of(|author| author.link.as_deref()),
                    of(|author| author.avatar.as_deref()),
                    moderators,
                    times,
                    fingerprints
                ],
            )
            .await?;
        rows.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}
