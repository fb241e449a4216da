//! Tokens: who may call.
//!
//! A token reads `rt_<id>_<secret>`: the id is 16 hexadecimal digits and finds the row, the secret is 43 characters of
//! unpadded base64url (256 random bits). Only a SHA-256 of the secret is stored (a slow hash protects guessable secrets;
//! this one cannot be guessed), and it is compared in constant time.
//!
//! Sessions of browsers are short-lived tokens of their own, so that whatever checks tokens checks them too. A link that
//! lets somebody sign in once reads `rl_<id>_<secret>` and is stored beside the tokens, but is none: it opens a session and
//! nothing else.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod session;
pub(crate) mod sqlite;
mod text;

use std::fmt::Debug;
use std::str::FromStr;

use async_trait::async_trait;
use jiff::ToSpan;
use rethread_model::{AccountId, Clock, Principal, Role, Timestamp};

use crate::{Error, Result};

pub use session::{create_link, create_session, redeem_link};
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

/// What a row among the tokens is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Made by a person for a person or a program.
    Token,
    /// Of a browser; ends with the token that it was opened with.
    Session,
    /// Opens a session once; lets nobody in by itself.
    Link,
}

impl TokenKind {
    /// The word in stores and lists.
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

/// A token as it is stored and listed: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id, which is no secret.
    pub id: TokenId,
    /// What it is.
    pub kind: TokenKind,
    /// Of a session: the token that it was opened with, if it was one.
    pub parent: Option<TokenId>,
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
    /// When somebody revoked it, or its parent; of a link also when it was used.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute or so.
    pub last_used_at: Option<Timestamp>,
}

impl Token {
    /// Who its holder is.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal { name: self.name.clone(), account: self.account.clone(), role: self.role }
    }

    /// Whether it may be used at `now`.
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
    /// A session whose parent is revoked comes as revoked, however soon after the parent's end it was added.
    async fn find(&self, id: &TokenId) -> Result<Option<(Token, SecretHash)>>;

    /// The tokens, sessions and links of an account, valid or not, oldest first.
    async fn tokens(&self, account: &AccountId) -> Result<Vec<Token>>;

    /// Revokes a token, and so its sessions, from `at` on; one that is revoked already stays as it is. `false` when the
    /// account has none with this id.
    async fn revoke(&self, account: &AccountId, id: &TokenId, at: Timestamp) -> Result<bool>;

    /// Uses a link up: `true` for exactly one caller, however many come at the same time, and only while it is valid at
    /// `at`. Its use is noted as its revocation.
    async fn redeem(&self, id: &TokenId, at: Timestamp) -> Result<bool>;

    /// Forgets the sessions and links of an account that expired at `before` or earlier; tokens stay, as a record.
    async fn forget_expired(&self, account: &AccountId, before: Timestamp) -> Result<()>;

    /// Notes that a token was used; writes nothing when the last use was noted less than a minute before `at`.
    async fn touch(&self, id: &TokenId, at: Timestamp) -> Result<()>;
}

/// Makes a token. Its text is not stored and cannot be had again.
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

/// Tells whose token or session `text` is.
pub async fn authenticate(store: &dyn AccountStore, clock: &dyn Clock, text: &str) -> Result<Token, TokenError> {
    let text = TokenText::parse(text).ok_or(TokenError::Malformed)?;
    let now = clock.now();
    let token = find_valid(store, &text, now, &[TokenKind::Token, TokenKind::Session]).await?;
    if is_use_unnoted(&token, now) {
        // Knowing when a token was last used is a convenience; failing to note it locks nobody out.
        if let Err(error) = store.touch(&token.id, now).await {
            tracing::warn!(token = %token.id, error = %error, "the use of a token could not be noted");
        }
    }
    Ok(token)
}

/// The token of `text`, if it is of one of these kinds and valid. The reasons to refuse are looked at in an order that
/// tells nothing to somebody who does not know the secret.
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
