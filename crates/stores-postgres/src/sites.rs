//! Sites in the database of the comments.

mod answers;
mod copies;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use rethread_model::{AccountId, CommentId, Digest, JobId, Origin, PageId, SiteId, Timestamp};
use rethread_stores::rules::sites::HEARD_RESOLUTION_MS;
use rethread_stores::stored_value::{from_millis, millis, text_of, word};
use rethread_stores::{
    Error, ErrorKind, KeptCopy, LinkDecision, LinkRequest, Result, Site, SiteCopies, SiteCopy, SiteLinks, SiteState,
    ToldCopy,
};
use tokio_postgres::Row;

use crate::postgres::{Database, DbResult, Transaction, given, parameters, storable};

const COLUMNS: &str = "id, domain, state, without_sync, account, answered_by, answered_at, asked_at, expires_at, \
                       revoked_at, heard_at, job";

/// See [`rethread_stores::SiteStore`].
#[derive(Debug)]
pub(crate) struct PostgresSites {
    database: Database,
}

impl PostgresSites {
    /// The sites in a database of comments.
    pub(crate) const fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl SiteLinks for PostgresSites {
    async fn ask(&self, ask: &LinkRequest) -> Result<Site> {
        self.database.write("cannot note that a site asks", move |tx| async move { note(&tx, ask).await }).await
    }

    async fn find(&self, token: &Digest) -> Result<Option<Site>> {
        self.database.read("cannot look up a site", move |tx| async move { by_token(&tx, token).await }).await
    }

    async fn answer(&self, token: &Digest, answer: &LinkDecision) -> Result<Option<Site>> {
        let answered = self
            .database
            .write("cannot answer a site", move |tx| async move { answers::answer(&tx, token, answer).await });
        answered.await
    }

    async fn sites(&self, account: &AccountId) -> Result<Vec<Site>> {
        self.database.read("cannot list sites", move |tx| async move { of_account(&tx, account).await }).await
    }

    async fn begin_sync(&self, account: &AccountId, id: SiteId, last: Option<JobId>, job: JobId) -> Result<bool> {
        let begun = self.database.write("cannot begin a sync", move |tx| async move {
            tx.execute(
                "UPDATE sites SET job = $4 \
                 WHERE account = $1 AND id = $2 AND state = 'linked' AND job IS NOT DISTINCT FROM $3",
                &parameters![account.as_str(), *id.as_uuid(), last.map(|job| *job.as_uuid()), *job.as_uuid()],
            )
            .await
        });
        Ok(begun.await? > 0)
    }

    async fn revoke(&self, account: &AccountId, id: SiteId, at: Timestamp) -> Result<Option<Site>> {
        let revoked = self.database.write("cannot revoke a site", move |tx| async move {
            tx.execute(
                "UPDATE sites SET state = 'revoked', revoked_at = $3 WHERE account = $1 AND id = $2 AND state = 'linked'",
                &parameters![account.as_str(), *id.as_uuid(), millis(at)],
            )
            .await?;
            let sql = format!("SELECT {COLUMNS} FROM sites WHERE account = $1 AND id = $2 AND state = 'revoked'");
            tx.first(&sql, &parameters![account.as_str(), *id.as_uuid()]).await?.as_ref().map(site).transpose()
        });
        revoked.await
    }

    async fn touch(&self, id: SiteId, at: Timestamp) -> Result<()> {
        let noted = self.database.write("cannot note that a site was touch of", move |tx| async move {
            tx.execute(
                "UPDATE sites SET heard_at = $2 WHERE id = $1 AND (heard_at IS NULL OR heard_at <= $2 - $3)",
                &parameters![*id.as_uuid(), millis(at), HEARD_RESOLUTION_MS],
            )
            .await
        });
        noted.await.map(drop)
    }
}

#[async_trait]
impl SiteCopies for PostgresSites {
    async fn copies_of(&self, id: SiteId, comments: &[CommentId]) -> Result<Vec<ToldCopy>> {
        let read = self.database.read("cannot read what a site was told", move |tx| async move {
            copies::of_comments(&tx, id, comments).await
        });
        read.await
    }

    async fn copies(&self, id: SiteId, page: PageId) -> Result<Vec<ToldCopy>> {
        let read = self
            .database
            .read("cannot read what a site was told", move |tx| async move { copies::of_page(&tx, id, page).await });
        read.await
    }

    async fn told_pages(&self, id: SiteId, after: Option<PageId>, limit: u32) -> Result<Vec<PageId>> {
        let read = self.database.read("cannot read what a site was told", move |tx| async move {
            copies::pages(&tx, id, after, limit).await
        });
        read.await
    }

    async fn tell(&self, id: SiteId, copies: &[SiteCopy], at: Timestamp) -> Result<()> {
        let told = self
            .database
            .write("cannot tell a site something", move |tx| async move { copies::tell(&tx, id, copies, at).await });
        told.await
    }

    async fn told(&self, id: SiteId, after_ms: i64, limit: u32) -> Result<Vec<ToldCopy>> {
        let read = self.database.read("cannot read what a site was told", move |tx| async move {
            copies::told(&tx, id, after_ms, limit).await
        });
        read.await
    }

    async fn look(&self, id: SiteId) -> Result<Option<String>> {
        self.database.read("cannot read how far a look was", move |tx| async move { copies::look(&tx, id).await }).await
    }

    async fn set_look(&self, id: SiteId, look: &str) -> Result<()> {
        let noted = self.database.write("cannot note how far a look is", move |tx| async move {
            tx.execute("UPDATE sites SET look = $2 WHERE id = $1", &parameters![*id.as_uuid(), look]).await
        });
        noted.await.map(drop)
    }

    async fn adopt(&self, account: &AccountId, id: SiteId, origin: &Origin, kept: &[KeptCopy]) -> Result<()> {
        let noted = self.database.write("cannot note a site's ids", move |tx| async move {
            copies::adopt(&tx, account, id, origin, kept).await
        });
        noted.await
    }

    async fn adopted(
        &self,
        account: &AccountId,
        origin: &Origin,
        source_ids: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, CommentId>> {
        let read = self.database.read("cannot look up a site's ids", move |tx| async move {
            copies::adopted(&tx, account, origin, source_ids).await
        });
        read.await
    }
}

async fn note(tx: &Transaction, ask: &LinkRequest) -> DbResult<Site> {
    tx.execute(
        "DELETE FROM sites WHERE state IN ('asking', 'refused') AND expires_at <= $1",
        &parameters![millis(ask.at)],
    )
    .await?;
    let (token, domain) = (ask.token.as_bytes().as_slice(), &*storable(&ask.domain));
    match by_token(tx, &ask.token).await? {
        Some(site) if site.state != SiteState::Asking => return Ok(site),
        Some(_) => {
            tx.execute(
                "UPDATE sites SET domain = $2, without_sync = $3 WHERE token_sha256 = $1 AND state = 'asking'",
                &parameters![token, domain, ask.without_sync],
            )
            .await?;
        }
        None => {
            // Two concurrent requests may both see room: the limit bounds the table, it need not be
            // exact.
            let row = tx.first("SELECT count(*) FROM sites WHERE state = 'asking'", &parameters![]).await?;
            let asking: i64 = row.map_or(Ok(0), |row| row.try_get(0))?;
            if asking >= i64::from(ask.most) {
                return Err(Error::new(ErrorKind::Conflict, "too many sites ask to be linked").into());
            }
            tx.execute(
                "INSERT INTO sites (id, token_sha256, domain, state, without_sync, asked_at, expires_at) \
                 VALUES ($1, $2, $3, 'asking', $4, $5, $6) ON CONFLICT (token_sha256) DO NOTHING",
                &parameters![
                    *ask.id.as_uuid(),
                    token,
                    domain,
                    ask.without_sync,
                    millis(ask.at),
                    millis(ask.expires_at)
                ],
            )
            .await?;
        }
    }
    by_token(tx, &ask.token).await?.ok_or_else(|| Error::new(ErrorKind::Internal, "a site is gone at once").into())
}

async fn of_account(tx: &Transaction, account: &AccountId) -> DbResult<Vec<Site>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM sites WHERE account = $1 AND state IN ('linked', 'revoked') \
         ORDER BY answered_at DESC, id DESC"
    );
    tx.query(&sql, &parameters![account.as_str()]).await?.iter().map(site).collect()
}

async fn by_token(tx: &Transaction, token: &Digest) -> DbResult<Option<Site>> {
    let sql = format!("SELECT {COLUMNS} FROM sites WHERE token_sha256 = $1");
    tx.first(&sql, &parameters![token.as_bytes().as_slice()]).await?.as_ref().map(site).transpose()
}

fn site(row: &Row) -> DbResult<Site> {
    let time = |index: usize| -> DbResult<Option<Timestamp>> {
        Ok(row.try_get::<_, Option<i64>>(index)?.map(from_millis).transpose()?)
    };
    let account: Option<&str> = row.try_get(4)?;
    let by: Option<String> = row.try_get(5)?;
    let job: Option<uuid::Uuid> = row.try_get(11)?;
    Ok(Site {
        id: SiteId::from_uuid(row.try_get(0)?),
        domain: given(row.try_get(1)?),
        state: word("state of a site", SiteState::from_word(row.try_get(2)?))?,
        without_sync: row.try_get(3)?,
        account: account.map(|account| text_of("account", account)).transpose()?,
        answered_by: by.map(given),
        answered_at: time(6)?,
        asked_at: from_millis(row.try_get(7)?)?,
        expires_at: from_millis(row.try_get(8)?)?,
        revoked_at: time(9)?,
        heard_at: time(10)?,
        job: job.map(JobId::from_uuid),
    })
}
