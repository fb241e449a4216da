//! Tokens: who may call.
//!
//! A token reads `rt_<id>_<secret>`: the id is 16 hexadecimal digits and finds the row, the secret is 43 characters of
//! unpadded base64url (256 random bits). Only a SHA-256 of the secret is stored (a slow hash protects guessable secrets;
//! this one cannot be guessed), and it is compared in constant time.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod sqlite;
mod text;

use std::fmt::Debug;

use async_trait::async_trait;
use jiff::ToSpan;
use rethread_model::{AccountId, Clock, Principal, Role, Timestamp};

use crate::{Error, Result};

pub use text::{InvalidTokenId, SecretHash, TokenId, TokenText};

/// What a new token begins with.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Whose it is.
    pub account: AccountId,
    /// For people, such as `ann`; shown as who started a job.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it stops being valid; `None` for never.
    pub expires_at: Option<Timestamp>,
}

/// A token as it is stored and listed: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id, which is no secret.
    pub id: TokenId,
    /// Whose it is.
    pub account: AccountId,
    /// For people.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops being valid.
    pub expires_at: Option<Timestamp>,
    /// When somebody revoked it.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute or so.
    pub last_used_at: Option<Timestamp>,
}

/// Why a token lets nobody in. All reasons but [`TokenError::Backend`] read the same: an outsider must not learn which
/// tokens exist. [`TokenError::reason`] is for logs.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It does not read `rt_<id>_<secret>`.
    #[error("the token is not valid")]
    Malformed,
    /// There is none with this id, or the secret is another.
    #[error("the token is not valid")]
    Unknown,
    /// Its time is over.
    #[error("the token is not valid")]
    Expired,
    /// Somebody revoked it.
    #[error("the token is not valid")]
    Revoked,
    /// It could not be looked up.
    #[error("tokens cannot be checked at the moment")]
    Backend(#[from] Error),
}

impl TokenError {
    /// A word for logs and metrics.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Backend(_) => "backend",
        }
    }
}

/// Stores tokens, beside the comments.
#[async_trait]
pub trait AccountStore: Send + Sync + Debug {
    /// Stores a new token. Fails with [`crate::ErrorKind::Conflict`] when its id is taken.
    async fn add(&self, token: &Token, secret: &SecretHash) -> Result<()>;

    /// A token, valid or not, and the hash of its secret. The one look-up that is not by account: it finds the account.
    async fn find(&self, id: &TokenId) -> Result<Option<(Token, SecretHash)>>;

    /// The tokens of an account, valid or not, oldest first.
    async fn tokens(&self, account: &AccountId) -> Result<Vec<Token>>;

    /// Revokes a token from `at` on; one that is revoked already stays as it is. `false` when the account has none with
    /// this id.
    async fn revoke(&self, account: &AccountId, id: &TokenId, at: Timestamp) -> Result<bool>;

    /// Notes that a token was used; writes nothing when the last use was noted less than a minute before `at`.
    async fn touch(&self, id: &TokenId, at: Timestamp) -> Result<()>;
}

/// Makes a token. Its text is not stored and cannot be had again.
pub async fn create_token(store: &dyn AccountStore, clock: &dyn Clock, new: NewToken) -> Result<(Token, TokenText)> {
    let (id, text) = TokenText::random()?;
    let token = Token {
        id,
        account: new.account,
        name: new.name,
        role: new.role,
        created_at: clock.now(),
        expires_at: new.expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    store.add(&token, &text.secret_hash()).await?;
    Ok((token, text))
}

/// Tells who calls with the token `text`. The reasons to refuse are looked at in an order that tells nothing to somebody
/// who does not know the secret.
pub async fn authenticate(store: &dyn AccountStore, clock: &dyn Clock, text: &str) -> Result<Principal, TokenError> {
    let text = TokenText::parse(text).ok_or(TokenError::Malformed)?;
    let (token, stored) = store.find(&text.id()).await?.ok_or(TokenError::Unknown)?;
    if !stored.is_of(&text) {
        return Err(TokenError::Unknown);
    }
    if token.revoked_at.is_some() {
        return Err(TokenError::Revoked);
    }
    let now = clock.now();
    if token.expires_at.is_some_and(|end| end <= now) {
        return Err(TokenError::Expired);
    }
    if is_use_unnoted(&token, now) {
        // Knowing when a token was last used is a convenience; failing to note it locks nobody out.
        if let Err(error) = store.touch(&token.id, now).await {
            tracing::warn!(token = %token.id, error = %error, "the use of a token could not be noted");
        }
    }
    Ok(Principal { name: token.name, account: token.account, role: token.role })
}

fn is_use_unnoted(token: &Token, now: Timestamp) -> bool {
    let minute_ago = now.checked_sub(1.minute()).unwrap_or(Timestamp::MIN);
    token.last_used_at.is_none_or(|last| last <= minute_ago)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outsiders_cannot_tell_why_a_token_is_refused() {
        let refusals = [TokenError::Malformed, TokenError::Unknown, TokenError::Expired, TokenError::Revoked];
        for refusal in &refusals {
            assert_eq!(refusal.to_string(), "the token is not valid");
        }
        let mut reasons: Vec<_> = refusals.iter().map(TokenError::reason).collect();
        reasons.dedup();
        assert_eq!(reasons.len(), refusals.len());
    }
}
