//! Browser sessions, and the links that open them.

use jiff::ToSpan;
use rethread_model::{Clock, Timestamp};

use super::{AccountStore, NewToken, Token, TokenError, TokenId, TokenKind, TokenText, add, find_valid};
use crate::Result;

/// Creates a link that opens a session once, with the account, name and role of `new`. Its text,
/// `rl_<id>_<secret>`, is not stored and cannot be recovered.
pub async fn create_link(store: &dyn AccountStore, clock: &dyn Clock, new: NewToken) -> Result<(Token, TokenText)> {
    add(store, clock, new, TokenKind::Link, None).await
}

/// Opens a session. It is revoked along with `parent`, the token that was presented, if there is
/// one. Its text has the form of a token.
///
/// Also deletes the sessions and links of the account that ended at least a day ago.
pub async fn create_session(
    store: &dyn AccountStore,
    clock: &dyn Clock,
    new: NewToken,
    parent: Option<TokenId>,
) -> Result<(Token, TokenText)> {
    let day_ago = clock.now().checked_sub(24.hours()).unwrap_or(Timestamp::MIN);
    // Rows that stay longer do no harm.
    if let Err(error) = store.forget_expired(&new.account, day_ago).await {
        tracing::warn!(account = %new.account, error = %error, "sessions that ended could not be forgotten");
    }
    add(store, clock, new, TokenKind::Session, parent).await
}

/// Uses up a link and returns it. Of several concurrent requests with one link, one succeeds.
pub async fn redeem_link(store: &dyn AccountStore, clock: &dyn Clock, text: &str) -> Result<Token, TokenError> {
    let text = TokenText::parse_link(text).ok_or(TokenError::Malformed)?;
    let now = clock.now();
    let link = find_valid(store, &text, now, &[TokenKind::Link]).await?;
    if store.redeem(&link.id, now).await? { Ok(link) } else { Err(TokenError::Revoked) }
}
