//! Tokens: authentication of callers.
//!
//! A token has the form `rt_<id>_<secret>`. The id is 16 hexadecimal digits and is used to look up
//! the row. The secret is 43 characters of unpadded base64url (256 random bits). Only its SHA-256
//! is stored, and it is compared in constant time. A slow hash protects guessable secrets; this one
//! cannot be guessed.
//!
//! Browser sessions are short-lived tokens, so every token check covers them too. A one-time
//! sign-in link has the form `rl_<id>_<secret>` and is stored alongside the tokens, but it is not a
//! token: it can only open a session.

mod session;
mod text;

use std::fmt::Debug;
use std::str::FromStr;

use async_trait::async_trait;
use jiff::ToSpan;
use rethread_model::{AccountId, Clock, Principal, Role, Timestamp};

use crate::rules::tokens::USE_RESOLUTION_MS;
use crate::{Error, Result};

pub use session::{create_link, create_session, redeem_link};
pub use text::{InvalidTokenId, SecretHash, TokenId, TokenText};

/// The parameters of a new token.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The account it belongs to.
    pub account: AccountId,
    /// A name for people, such as `ann`; shown as the one who started a job.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it expires; `None` for never.
    pub expires_at: Option<Timestamp>,
}

/// The kind of a row in the table of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Created by a person for a person or a program.
    Token,
    /// A browser session; ends with the token that opened it.
    Session,
    /// Opens a session once; does not authenticate requests.
    Link,
}

impl TokenKind {
    /// The word used in stores and lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Session => "session",
            Self::Link => "link",
        }
    }
}

impl FromStr for TokenKind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = [Self::Token, Self::Session, Self::Link].into_iter().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| format!("\"{word}\" is not a kind of token"))
    }
}

/// A token as stored and listed: everything except the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id, which is not secret.
    pub id: TokenId,
    /// Its kind.
    pub kind: TokenKind,
    /// For a session: the token that opened it, if it was a token.
    pub parent: Option<TokenId>,
    /// The account it belongs to.
    pub account: AccountId,
    /// A name for people.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it stops being valid.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, directly or through its parent; for a link also when it was used.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to about a minute.
    pub last_used_at: Option<Timestamp>,
}

impl Token {
    /// The principal it authenticates.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal { name: self.name.clone(), account: self.account.clone(), role: self.role }
    }

    /// Whether it is valid at `now`.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.usable(now).is_ok()
    }

    fn usable(&self, now: Timestamp) -> Result<(), TokenError> {
        if self.revoked_at.is_some() {
            return Err(TokenError::Revoked);
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(TokenError::Expired);
        }
        Ok(())
    }
}

/// Why a token was refused. All variants except [`TokenError::Backend`] have the same message: an
/// outsider must not learn which tokens exist. [`TokenError::reason`] is for logs.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It does not have the form `rt_<id>_<secret>`.
    #[error("the token is not valid")]
    Malformed,
    /// No token has this id, or the secret is wrong.
    #[error("the token is not valid")]
    Unknown,
    /// It has expired.
    #[error("the token is not valid")]
    Expired,
    /// It was revoked.
    #[error("the token is not valid")]
    Revoked,
    /// The lookup failed.
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

/// Stores tokens, alongside the comments.
#[async_trait]
pub trait AccountStore: Send + Sync + Debug {
    /// Stores a new token. Fails with [`crate::ErrorKind::Conflict`] when its id is taken.
    async fn add(&self, token: &Token, secret: &SecretHash) -> Result<()>;

    /// Returns a token, valid or not, and the hash of its secret. The one lookup that is not by
    /// account: it finds the account. A session whose parent is revoked is returned as revoked,
    /// even if it was added after the parent was revoked.
    async fn find(&self, id: &TokenId) -> Result<Option<(Token, SecretHash)>>;

    /// Returns the tokens, sessions and links of an account, valid or not, oldest first.
    async fn tokens(&self, account: &AccountId) -> Result<Vec<Token>>;

    /// Revokes a token and its sessions from `at` on; one that is already revoked keeps its time.
    /// Returns `false` when the account has no token with this id.
    async fn revoke(&self, account: &AccountId, id: &TokenId, at: Timestamp) -> Result<bool>;

    /// Uses up a link: returns `true` to exactly one of any number of concurrent callers, and only
    /// if the link is valid at `at`. The use is stored as its revocation.
    async fn redeem(&self, id: &TokenId, at: Timestamp) -> Result<bool>;

    /// Deletes the sessions and links of an account that expired at `before` or earlier. Tokens are
    /// kept as a record.
    async fn forget_expired(&self, account: &AccountId, before: Timestamp) -> Result<()>;

    /// Records that a token was used; writes nothing when the last recorded use is less than a
    /// minute before `at`.
    async fn touch(&self, id: &TokenId, at: Timestamp) -> Result<()>;
}

/// Creates a token. Its text is not stored and cannot be recovered.
pub async fn create_token(store: &dyn AccountStore, clock: &dyn Clock, new: NewToken) -> Result<(Token, TokenText)> {
    add(store, clock, new, TokenKind::Token, None).await
}

async fn add(
    store: &dyn AccountStore,
    clock: &dyn Clock,
    new: NewToken,
    kind: TokenKind,
    parent: Option<TokenId>,
) -> Result<(Token, TokenText)> {
    let (id, text) = TokenText::random(kind)?;
    let token = Token {
        id,
        kind,
        parent,
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

/// Returns the token or session that `text` stands for.
pub async fn authenticate(store: &dyn AccountStore, clock: &dyn Clock, text: &str) -> Result<Token, TokenError> {
    let text = TokenText::parse(text).ok_or(TokenError::Malformed)?;
    let now = clock.now();
    let token = find_valid(store, &text, now, &[TokenKind::Token, TokenKind::Session]).await?;
    if is_use_unnoted(&token, now) {
        // The time of the last use is informational: failing to record it must not reject the
        // request.
        if let Err(error) = store.touch(&token.id, now).await {
            tracing::warn!(token = %token.id, error = %error, "the use of a token could not be noted");
        }
    }
    Ok(token)
}

/// Returns the token of `text` if it is valid and of one of these kinds. The checks run in an order
/// that reveals nothing to a caller that does not know the secret.
async fn find_valid(
    store: &dyn AccountStore,
    text: &TokenText,
    now: Timestamp,
    kinds: &[TokenKind],
) -> Result<Token, TokenError> {
    let (token, stored) = store.find(&text.id()).await?.ok_or(TokenError::Unknown)?;
    if !stored.is_of(text) || !kinds.contains(&token.kind) {
        return Err(TokenError::Unknown);
    }
    token.usable(now)?;
    Ok(token)
}

fn is_use_unnoted(token: &Token, now: Timestamp) -> bool {
    let since = now.checked_sub(USE_RESOLUTION_MS.milliseconds()).unwrap_or(Timestamp::MIN);
    token.last_used_at.is_none_or(|last| last <= since)
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
