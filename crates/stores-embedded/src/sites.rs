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
use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use crate::sqlite::{Database, DbResult, text};

const COLUMNS: &str = "id, domain, state, without_sync, account, answered_by, answered_at, asked_at, expires_at, \
                       revoked_at, heard_at, job";

/// See [`rethread_stores::SiteStore`].
#[derive(Debug)]
pub(crate) struct SqliteSites {
    database: Database,
}

impl SqliteSites {
    /// The sites in a database of comments.
    pub(crate) const fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl SiteLinks for SqliteSites {
    async fn ask(&self, ask: &LinkRequest) -> Result<Site> {
        let ask = ask.clone();
        self.database.write("cannot note that a site asks", move |tx| note(tx, &ask)).await
    }

    async fn find(&self, token: &Digest) -> Result<Option<Site>> {
        let token = *token;
        self.database.read("cannot look up a site", move |tx| by_token(tx, &token)).await
    }

    async fn answer(&self, token: &Digest, answer: &LinkDecision) -> Result<Option<Site>> {
        let (token, answer) = (*token, answer.clone());
        self.database.write("cannot answer a site", move |tx| answers::answer(tx, &token, &answer)).await
    }

    async fn sites(&self, account: &AccountId) -> Result<Vec<Site>> {
        let account = account.clone();
        self.database.read("cannot list sites", move |tx| of_account(tx, &account)).await
    }

    async fn begin_sync(&self, account: &AccountId, id: SiteId, last: Option<JobId>, job: JobId) -> Result<bool> {
        let account = account.clone();
        let begun = self.database.write("cannot begin a sync", move |tx| {
            Ok(tx.execute(
                "UPDATE sites SET job = ?4 WHERE account = ?1 AND id = ?2 AND state = 'linked' AND job IS ?3",
                params![account.as_str(), id.to_string(), last.map(|job| job.to_string()), job.to_string()],
            )?)
        });
        Ok(begun.await? > 0)
    }

    async fn revoke(&self, account: &AccountId, id: SiteId, at: Timestamp) -> Result<Option<Site>> {
        let account = account.clone();
        let revoked = self.database.write("cannot revoke a site", move |tx| {
            tx.execute(
                "UPDATE sites SET state = 'revoked', revoked_at = ?3 WHERE account = ?1 AND id = ?2 AND state = 'linked'",
                params![account.as_str(), id.to_string(), millis(at)],
            )?;
            let sql = format!("SELECT {COLUMNS} FROM sites WHERE account = ?1 AND id = ?2 AND state = 'revoked'");
            let found = tx
                .prepare_cached(&sql)?
                .query_row(params![account.as_str(), id.to_string()], |row| Ok(site(row)))
                .optional()?;
            found.transpose()
        });
        revoked.await
    }

    async fn touch(&self, id: SiteId, at: Timestamp) -> Result<()> {
        let noted = self.database.write("cannot note that a site was touch of", move |tx| {
            tx.execute(
                "UPDATE sites SET heard_at = ?2 WHERE id = ?1 AND (heard_at IS NULL OR heard_at <= ?2 - ?3)",
                params![id.to_string(), millis(at), HEARD_RESOLUTION_MS],
            )?;
            Ok(())
        });
        noted.await
    }
}

#[async_trait]
impl SiteCopies for SqliteSites {
    async fn copies_of(&self, id: SiteId, comments: &[CommentId]) -> Result<Vec<ToldCopy>> {
        let comments = comments.to_vec();
        let read =
            self.database.read("cannot read what a site was told", move |tx| copies::of_comments(tx, id, &comments));
        read.await
    }

    async fn copies(&self, id: SiteId, page: PageId) -> Result<Vec<ToldCopy>> {
        self.database.read("cannot read what a site was told", move |tx| copies::of_page(tx, id, page)).await
    }

    async fn told_pages(&self, id: SiteId, after: Option<PageId>, limit: u32) -> Result<Vec<PageId>> {
        self.database.read("cannot read what a site was told", move |tx| copies::pages(tx, id, after, limit)).await
    }

    async fn tell(&self, id: SiteId, copies: &[SiteCopy], at: Timestamp) -> Result<()> {
        let copies = copies.to_vec();
        self.database.write("cannot tell a site something", move |tx| copies::tell(tx, id, &copies, at)).await
    }

    async fn told(&self, id: SiteId, after_ms: i64, limit: u32) -> Result<Vec<ToldCopy>> {
        self.database.read("cannot read what a site was told", move |tx| copies::told(tx, id, after_ms, limit)).await
    }

    async fn look(&self, id: SiteId) -> Result<Option<String>> {
        self.database.read("cannot read how far a look was", move |tx| copies::look(tx, id)).await
    }

    async fn set_look(&self, id: SiteId, look: &str) -> Result<()> {
        let look = look.to_owned();
        let noted = self.database.write("cannot note how far a look is", move |tx| {
            tx.execute("UPDATE sites SET look = ?2 WHERE id = ?1", params![id.to_string(), look])?;
            Ok(())
        });
        noted.await
    }

    async fn adopt(&self, account: &AccountId, id: SiteId, origin: &Origin, kept: &[KeptCopy]) -> Result<()> {
        let (account, origin, kept) = (account.clone(), origin.clone(), kept.to_vec());
        let noted =
            self.database.write("cannot note a site's ids", move |tx| copies::adopt(tx, &account, id, &origin, &kept));
        noted.await
    }

    async fn adopted(
        &self,
        account: &AccountId,
        origin: &Origin,
        source_ids: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, CommentId>> {
        let (account, origin, source_ids) = (account.clone(), origin.clone(), source_ids.clone());
        let read = self
            .database
            .read("cannot look up a site's ids", move |tx| copies::adopted(tx, &account, &origin, &source_ids));
        read.await
    }
}

fn note(tx: &Transaction<'_>, ask: &LinkRequest) -> DbResult<Site> {
    tx.execute("DELETE FROM sites WHERE state IN ('asking', 'refused') AND expires_at <= ?1", [millis(ask.at)])?;
    match by_token(tx, &ask.token)? {
        Some(site) if site.state != SiteState::Asking => return Ok(site),
        Some(_) => {
            tx.execute(
                "UPDATE sites SET domain = ?2, without_sync = ?3 WHERE token_sha256 = ?1",
                params![ask.token.as_bytes(), ask.domain, ask.without_sync],
            )?;
        }
        None => {
            let asking: u32 =
                tx.query_row("SELECT count(*) FROM sites WHERE state = 'asking'", [], |row| row.get(0))?;
            if asking >= ask.most {
                return Err(Error::new(ErrorKind::Conflict, "too many sites ask to be linked").into());
            }
            tx.execute(
                "INSERT INTO sites (id, token_sha256, domain, state, without_sync, asked_at, expires_at) \
                 VALUES (?1, ?2, ?3, 'asking', ?4, ?5, ?6)",
                params![
                    ask.id.to_string(),
                    ask.token.as_bytes(),
                    ask.domain,
                    ask.without_sync,
                    millis(ask.at),
                    millis(ask.expires_at),
                ],
            )?;
        }
    }
    by_token(tx, &ask.token)?.ok_or_else(|| Error::new(ErrorKind::Internal, "a site is gone at once").into())
}

fn of_account(tx: &Transaction<'_>, account: &AccountId) -> DbResult<Vec<Site>> {
    let mut statement = tx.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM sites WHERE account = ?1 AND state IN ('linked', 'revoked') \
         ORDER BY answered_at DESC, id DESC"
    ))?;
    let mut rows = statement.query([account.as_str()])?;
    let mut sites = Vec::new();
    while let Some(row) = rows.next()? {
        sites.push(site(row)?);
    }
    Ok(sites)
}

fn by_token(tx: &Transaction<'_>, token: &Digest) -> DbResult<Option<Site>> {
    let mut statement = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM sites WHERE token_sha256 = ?1"))?;
    statement.query_row([token.as_bytes()], |row| Ok(site(row))).optional()?.transpose()
}

fn site(row: &Row<'_>) -> DbResult<Site> {
    let time = |index: usize| -> DbResult<Option<Timestamp>> {
        Ok(row.get::<_, Option<i64>>(index)?.map(from_millis).transpose()?)
    };
    let account: Option<String> = row.get(4)?;
    let job: Option<String> = row.get(11)?;
    Ok(Site {
        id: text_of("id of a site", text(row, 0)?)?,
        domain: row.get(1)?,
        state: word("state of a site", SiteState::from_word(text(row, 2)?))?,
        without_sync: row.get(3)?,
        account: account.map(|account| text_of("account", &account)).transpose()?,
        answered_by: row.get(5)?,
        answered_at: time(6)?,
        asked_at: from_millis(row.get(7)?)?,
        expires_at: from_millis(row.get(8)?)?,
        revoked_at: time(9)?,
        heard_at: time(10)?,
        job: job.map(|job| text_of("id of a job", &job)).transpose()?,
    })
}
