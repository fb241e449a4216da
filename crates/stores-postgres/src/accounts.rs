//! Tokens in the database of the comments.

use async_trait::async_trait;
use rethread_model::{AccountId, Timestamp};
use rethread_stores::rules::tokens::USE_RESOLUTION_MS;
use rethread_stores::stored_value::{from_millis, millis, text_of};
use rethread_stores::{AccountStore, Error, ErrorKind, Result, SecretHash, Token, TokenId};
use tokio_postgres::Row;

use crate::postgres::{Database, DbResult, Failure, given, parameters, storable};

/// A session ends with its parent, whichever was stored first.
const SELECT: &str = "SELECT t.id, t.kind, t.parent, t.account, t.name, t.role, t.created_at, t.expires_at, \
                      coalesce(t.revoked_at, p.revoked_at), t.last_used_at, t.secret_sha256 \
                      FROM tokens t LEFT JOIN tokens p ON p.id = t.parent";

/// See [`rethread_stores::AccountStore`].
#[derive(Debug)]
pub(crate) struct PostgresAccounts {
    database: Database,
}

impl PostgresAccounts {
    /// The tokens in a database of comments.
    pub(crate) const fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl AccountStore for PostgresAccounts {
    async fn add(&self, token: &Token, secret: &SecretHash) -> Result<()> {
        let name = &*storable(&token.name);
        let added = self.database.write("cannot store a token", move |tx| async move {
            tx.execute(
                "INSERT INTO tokens (id, kind, parent, account, name, role, created_at, expires_at, revoked_at, \
                 last_used_at, secret_sha256) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                 ON CONFLICT DO NOTHING",
                &parameters![
                    token.id.as_str(),
                    token.kind.as_str(),
                    token.parent.as_ref().map(TokenId::as_str),
                    token.account.as_str(),
                    name,
                    token.role.as_str(),
                    millis(token.created_at),
                    token.expires_at.map(millis),
                    token.revoked_at.map(millis),
                    token.last_used_at.map(millis),
                    secret.as_bytes().as_slice()
                ],
            )
            .await
        });
        if added.await? == 0 {
            return Err(Error::new(ErrorKind::Conflict, "there is a token with this id already"));
        }
        Ok(())
    }

    async fn find(&self, id: &TokenId) -> Result<Option<(Token, SecretHash)>> {
        let found = self.database.read("cannot look up a token", move |tx| async move {
            let sql = format!("{SELECT} WHERE t.id = $1");
            tx.first(&sql, &parameters![id.as_str()]).await?.as_ref().map(token).transpose()
        });
        found.await
    }

    async fn tokens(&self, account: &AccountId) -> Result<Vec<Token>> {
        let listed = self.database.read("cannot list tokens", move |tx| async move {
            let sql = format!("{SELECT} WHERE t.account = $1 ORDER BY t.created_at, t.id");
            let rows = tx.query(&sql, &parameters![account.as_str()]).await?;
            rows.iter().map(|row| Ok(token(row)?.0)).collect()
        });
        listed.await
    }

    async fn revoke(&self, account: &AccountId, id: &TokenId, at: Timestamp) -> Result<bool> {
        let revoked = self.database.write("cannot revoke a token", move |tx| async move {
            tx.execute(
                "UPDATE tokens SET revoked_at = coalesce(revoked_at, $3) WHERE account = $1 AND id = $2",
                &parameters![account.as_str(), id.as_str(), millis(at)],
            )
            .await
        });
        Ok(revoked.await? > 0)
    }

    async fn redeem(&self, id: &TokenId, at: Timestamp) -> Result<bool> {
        let redeemed = self.database.write("cannot use up a link", move |tx| async move {
            tx.execute(
                "UPDATE tokens SET revoked_at = $2, last_used_at = $2 WHERE id = $1 AND kind = 'link' \
                 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
                &parameters![id.as_str(), millis(at)],
            )
            .await
        });
        Ok(redeemed.await? > 0)
    }

    async fn forget_expired(&self, account: &AccountId, before: Timestamp) -> Result<()> {
        let forgotten = self.database.write("cannot forget sessions", move |tx| async move {
            tx.execute(
                "DELETE FROM tokens WHERE account = $1 AND kind <> 'token' AND expires_at <= $2",
                &parameters![account.as_str(), millis(before)],
            )
            .await
        });
        forgotten.await.map(drop)
    }

    async fn touch(&self, id: &TokenId, at: Timestamp) -> Result<()> {
        let touched = self.database.write("cannot note the use of a token", move |tx| async move {
            tx.execute(
                "UPDATE tokens SET last_used_at = $2 \
                 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $2 - $3)",
                &parameters![id.as_str(), millis(at), USE_RESOLUTION_MS],
            )
            .await
        });
        touched.await.map(drop)
    }
}

fn token(row: &Row) -> DbResult<(Token, SecretHash)> {
    let time = |index: usize| -> DbResult<Option<Timestamp>> {
        Ok(row.try_get::<_, Option<i64>>(index)?.map(from_millis).transpose()?)
    };
    let parent: Option<&str> = row.try_get(2)?;
    let token = Token {
        id: text_of("token id", row.try_get(0)?)?,
        kind: text_of("kind of a token", row.try_get(1)?)?,
        parent: parent.map(|parent| text_of("token id", parent)).transpose()?,
        account: text_of("account", row.try_get(3)?)?,
        name: given(row.try_get(4)?),
        role: text_of("role", row.try_get(5)?)?,
        created_at: from_millis(row.try_get(6)?)?,
        expires_at: time(7)?,
        revoked_at: time(8)?,
        last_used_at: time(9)?,
    };
    let hash: &[u8] = row.try_get(10)?;
    let hash = hash.try_into().map_err(|_| Failure::unreadable("hash of a secret"))?;
    Ok((token, SecretHash::from_bytes(hash)))
}
