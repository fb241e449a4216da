use rethread_model::{AccountId, Role, Timestamp};
use rethread_runtime::Caller;
use rethread_stores::{Token, TokenText};
use serde::Serialize;
use utoipa::ToSchema;

/// The tokens of an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tokens)]
pub(crate) struct TokensView {
    /// Oldest first, valid or not.
    pub(crate) tokens: Vec<TokenView>,
}

/// A token without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenView {
    /// The part of the token that is not secret.
    id: String,
    /// Displayed as the person who started a job.
    name: String,
    /// What the token permits.
    role: Role,
    /// When the token was created.
    created_at: Timestamp,
    /// When the token expires; null if never.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// When the token was revoked.
    #[schema(required)]
    revoked_at: Option<Timestamp>,
    /// When the token was last used, accurate to a minute.
    #[schema(required)]
    last_used_at: Option<Timestamp>,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name,
            role: token.role,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            last_used_at: token.last_used_at,
        }
    }
}

/// A newly created token, with its secret.
// Must not appear in logs, hence no `Debug`.
#[derive(Serialize, ToSchema)]
#[schema(as = NewToken)]
pub(crate) struct NewTokenView {
    #[serde(flatten)]
    view: TokenView,
    /// The token itself; it is returned only in this response.
    token: String,
}

impl NewTokenView {
    pub(crate) fn of(token: Token, text: &TokenText) -> Self {
        Self { view: TokenView::from(token), token: text.expose().to_owned() }
    }
}

/// The owner of a session, and the value that requests must send to change something.
// No `Debug`, since `csrf` is as sensitive as half a secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// The account whose jobs and pages the session shows.
    account: AccountId,
    /// Name of the token that opened the session.
    name: String,
    /// What the session permits.
    role: Role,
    /// When the session expires.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// The value of `x-csrf-token` for requests that change something.
    csrf: String,
}

impl SessionView {
    pub(crate) fn of(caller: &Caller, csrf: String) -> Self {
        Self {
            account: caller.principal.account.clone(),
            name: caller.principal.name.clone(),
            role: caller.principal.role,
            expires_at: caller.expires_at,
            csrf,
        }
    }
}
