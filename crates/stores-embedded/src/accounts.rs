//! Tokens in the database of the comments.

use async_trait::async_trait;
use rethread_model::{AccountId, Timestamp};
use rethread_stores::rules::tokens::USE_RESOLUTION_MS;
use rethread_stores::stored_value::{from_millis, millis, text_of};
use rethread_stores::{AccountStore, Error, ErrorKind, Result, SecretHash, Token, TokenId};
use rusqlite::{OptionalExtension, Row, params};

use crate::sqlite::{Database, DbResult, text};

/// A session ends with its parent, whichever was stored first.
const SELECT: &str = "SELECT t.id, t.kind, t.parent, t.account, t.name, t.role, t.created_at, t.expires_at, \
                      ifnull(t.revoked_at, p.revoked_at), t.last_used_at, t.secret_sha256 \
                      FROM tokens t LEFT JOIN tokens p ON p.id = t.parent";

/// See [`rethread_stores::AccountStore`].
#[derive(Debug)]
pub(crate) struct SqliteAccounts {
    database: Database,
}

impl SqliteAccounts {
    /// The tokens in a database of comments.
    pub(crate) const fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl AccountStore for SqliteAccounts {
    async fn add(&self, token: &Token, secret: &SecretHash) -> Result<()> {
        let (token, secret) = (token.clone(), *secret.as_bytes());
        let added = self.database.write("cannot store a token", move |tx| {
            Ok(tx.execute(
                "INSERT INTO tokens (id, kind, parent, account, name, role, created_at, expires_at, revoked_at, \
                 last_used_at, secret_sha256) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
                 ON CONFLICT DO NOTHING",
                params![
                    token.id.as_str(),
                    token.kind.as_str(),
                    token.parent.as_ref().map(TokenId::as_str),
                    token.account.as_str(),
                    token.name,
                    token.role.as_str(),
                    millis(token.created_at),
                    token.expires_at.map(millis),
                    token.revoked_at.map(millis),
                    token.last_used_at.map(millis),
                    secret,
                ],
            )?)
        });
        if added.await? == 0 {
            return Err(Error::new(ErrorKind::Conflict, "there is a token with this id already"));
        }
        Ok(())
    }

    async fn find(&self, id: &TokenId) -> Result<Option<(Token, SecretHash)>> {
        let id = id.clone();
        let found = self.database.read("cannot look up a token", move |tx| {
            let query = format!("{SELECT} WHERE t.id = ?1");
            let row = tx.prepare_cached(&query)?.query_row([id.as_str()], |row| Ok(token(row))).optional()?;
            row.transpose()
        });
        found.await
    }

    async fn tokens(&self, account: &AccountId) -> Result<Vec<Token>> {
        let account = account.clone();
        let listed = self.database.read("cannot list tokens", move |tx| {
            let query = format!("{SELECT} WHERE t.account = ?1 ORDER BY t.created_at, t.id");
            let mut statement = tx.prepare_cached(&query)?;
            let mut rows = statement.query([account.as_str()])?;
            let mut tokens = Vec::new();
            while let Some(row) = rows.next()? {
                tokens.push(token(row)?.0);
            }
            Ok(tokens)
        });
        listed.await
    }

    async fn revoke(&self, account: &AccountId, id: &TokenId, at: Timestamp) -> Result<bool> {
        let (account, id) = (account.clone(), id.clone());
        let revoked = self.database.write("cannot revoke a token", move |tx| {
            Ok(tx.execute(
                "UPDATE tokens SET revoked_at = ifnull(revoked_at, ?3) WHERE account = ?1 AND id = ?2",
                params![account.as_str(), id.as_str(), millis(at)],
            )?)
        });
        Ok(revoked.await? > 0)
    }

    async fn redeem(&self, id: &TokenId, at: Timestamp) -> Result<bool> {
        let id = id.clone();
        let redeemed = self.database.write("cannot use up a link", move |tx| {
            Ok(tx.execute(
                "UPDATE tokens SET revoked_at = ?2, last_used_at = ?2 WHERE id = ?1 AND kind = 'link' \
                 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)",
                params![id.as_str(), millis(at)],
            )?)
        });
        Ok(redeemed.await? > 0)
    }

    async fn forget_expired(&self, account: &AccountId, before: Timestamp) -> Result<()> {
        let account = account.clone();
        let forgotten = self.database.write("cannot forget sessions", move |tx| {
            tx.execute(
                "DELETE FROM tokens WHERE account = ?1 AND kind <> 'token' AND expires_at <= ?2",
                params![account.as_str(), millis(before)],
            )?;
            Ok(())
        });
        forgotten.await
    }

    async fn touch(&self, id: &TokenId, at: Timestamp) -> Result<()> {
        let id = id.clone();
        let touched = self.database.write("cannot note the use of a token", move |tx| {
            tx.execute(
                "UPDATE tokens SET last_used_at = ?2 \
                 WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at <= ?2 - ?3)",
                params![id.as_str(), millis(at), USE_RESOLUTION_MS],
            )?;
            Ok(())
        });
        touched.await
    }
}

fn token(row: &Row<'_>) -> DbResult<(Token, SecretHash)> {
    let time = |index: usize| -> DbResult<Option<Timestamp>> {
        Ok(row.get::<_, Option<i64>>(index)?.map(from_millis).transpose()?)
    };
    let parent: Option<String> = row.get(2)?;
    let token = Token {
        id: text_of("token id", text(row, 0)?)?,
        kind: text_of("kind of a token", text(row, 1)?)?,
        parent: parent.map(|parent| text_of("token id", &parent)).transpose()?,
        account: text_of("account", text(row, 3)?)?,
        name: row.get(4)?,
        role: text_of("role", text(row, 5)?)?,
        created_at: from_millis(row.get(6)?)?,
        expires_at: time(7)?,
        revoked_at: time(8)?,
        last_used_at: time(9)?,
    };
    Ok((token, SecretHash::from_bytes(row.get(10)?)))
}
