use std::sync::Arc;

use jiff::SignedDuration;
use rethread_model::{Clock, Role, Timestamp};
use rethread_stores::{AccountStore, NewToken, TokenError, TokenText, authenticate, create_session, redeem_link};

use super::jwt::Jwt;
use super::{Caller, Credential};
use crate::{AuthConfig, ConfigError, Context};

/// Identifies callers by one of Rethread's tokens, a session's token, or a signed token of the
/// identity provider. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Authenticator {
    accounts: Arc<dyn AccountStore>,
    clock: Arc<dyn Clock>,
    session_ttl: SignedDuration,
    jwt: Option<Arc<Jwt>>,
}

/// Why a caller was not authenticated. All rejections look the same to the caller, so that they do
/// not reveal which tokens exist; the reason is for logs.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The credential is not valid.
    #[error("the token is not valid")]
    Refused {
        /// A word for logs.
        reason: &'static str,
    },
    /// Tokens could not be looked up.
    #[error("tokens cannot be checked at the moment")]
    Store(#[source] rethread_stores::Error),
    /// The identity provider's keys could not be read. This was already logged.
    #[error("tokens of the identity provider cannot be checked at the moment")]
    Keys,
}

impl From<TokenError> for AuthError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Backend(error) => Self::Store(error),
            refusal => Self::Refused { reason: refusal.reason() },
        }
    }
}

impl From<rethread_stores::Error> for AuthError {
    fn from(error: rethread_stores::Error) -> Self {
        Self::Store(error)
    }
}

/// The credential that opens a session.
#[derive(Clone, Copy)]
pub enum SignIn<'a> {
    /// A token, issued by Rethread or by the identity provider.
    Token(&'a str),
    /// A sign-in link, `rl_…`.
    Link(&'a str),
}

/// A newly opened session.
#[derive(Debug)]
pub struct OpenedSession {
    /// The owner of the session, and its expiry.
    pub caller: Caller,
    /// The credential that opened it.
    pub with: Credential,
    /// Its secret, for the cookie only.
    pub text: TokenText,
}

impl Authenticator {
    /// Reads the identity provider's keys if they are in a file; connects to nothing. Fails when
    /// the file cannot be read.
    pub fn new(context: &Context, config: &AuthConfig) -> Result<Self, ConfigError> {
        let jwt = config.jwt.as_ref().map(|jwt| Jwt::new(jwt, Arc::clone(&context.clock))).transpose()?;
        Ok(Self {
            accounts: Arc::clone(&context.backends.accounts),
            clock: Arc::clone(&context.clock),
            session_ttl: SignedDuration::try_from(config.session_ttl).unwrap_or(SignedDuration::MAX),
            jwt: jwt.map(Arc::new),
        })
    }

    /// Identifies the caller by the bearer token `text`.
    pub async fn authenticate(&self, text: &str) -> Result<Caller, AuthError> {
        match &self.jwt {
            Some(jwt) if Jwt::is_like(text) => jwt.verify(text).await,
            _ => Ok(authenticate(self.accounts.as_ref(), self.clock.as_ref(), text).await?.into()),
        }
    }

    /// Opens a session for an admin or an operator. The session expires no later than the
    /// credential that opens it, and ends when its token is revoked. A session cannot open another
    /// one, or it could be extended forever.
    pub async fn open_session(&self, with: SignIn<'_>) -> Result<OpenedSession, AuthError> {
        let (accounts, clock) = (self.accounts.as_ref(), self.clock.as_ref());
        let (shown, latest_end) = match with {
            SignIn::Token(text) => {
                let shown = self.authenticate(text).await?;
                let end = shown.expires_at;
                (shown, end)
            }
            // A link's expiry only limits the time to use it.
            SignIn::Link(text) => (Caller::from(redeem_link(accounts, clock, text).await?), None),
        };
        let parent = match &shown.credential {
            Credential::Token(id) => Some(id.clone()),
            Credential::Link(_) | Credential::Jwt(_) => None,
            Credential::Session(_) => return Err(AuthError::Refused { reason: "session" }),
        };
        if shown.principal.role == Role::Service {
            return Err(AuthError::Refused { reason: "role" });
        }
        let usual_end = clock.now().checked_add(self.session_ttl).unwrap_or(Timestamp::MAX);
        let new = NewToken {
            account: shown.principal.account,
            name: shown.principal.name,
            role: shown.principal.role,
            expires_at: Some(latest_end.map_or(usual_end, |end| end.min(usual_end))),
        };
        let (session, text) = create_session(accounts, clock, new, parent).await?;
        Ok(OpenedSession { caller: session.into(), with: shown.credential, text })
    }
}

#[cfg(test)]
mod tests;
