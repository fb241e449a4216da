use rethread_backends::{Token, TokenText};
use rethread_model::{AccountId, Role, Timestamp};
use rethread_runtime::Caller;
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
    /// Stands in the token itself.
    id: String,
    /// Shown as who started a job.
    name: String,
    /// What it may do.
    role: Role,
    /// When it was made.
    created_at: Timestamp,
    /// When it ends by itself; null if never.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[schema(required)]
    revoked_at: Option<Timestamp>,
    /// When it was last shown, true to a minute.
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

/// A token that was just made, with its secret.
// Not to be shown in logs, hence without `Debug`.
#[derive(Serialize, ToSchema)]
#[schema(as = NewToken)]
pub(crate) struct NewTokenView {
    #[serde(flatten)]
    view: TokenView,
    /// The token itself; it is in this answer and nowhere else.
    token: String,
}

impl NewTokenView {
    pub(crate) fn of(token: Token, text: &TokenText) -> Self {
        Self { view: TokenView::from(token), token: text.expose().to_owned() }
    }
}

/// Whose session it is, and what requests that change something must send.
// Without `Debug`, as `csrf` is half a secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// Whose jobs and pages it shows.
    account: AccountId,
    /// Name of the token that it was opened with.
    name: String,
    /// What it may do.
    role: Role,
    /// When it ends by itself.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// What requests that change something send as `x-csrf-token`.
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
