use rethread_backends::{Token, TokenText};
use rethread_model::{AccountId, Role, Timestamp};
use rethread_runtime::Caller;
use serde::Serialize;

/// The tokens of an account.
#[derive(Debug, Serialize)]
pub(crate) struct TokensView {
    pub(crate) tokens: Vec<TokenView>,
}

/// A token without its secret.
#[derive(Debug, Serialize)]
pub(crate) struct TokenView {
    id: String,
    name: String,
    role: Role,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
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

/// A token that was just made, with its secret. Not to be shown in logs, hence without `Debug`.
#[derive(Serialize)]
pub(crate) struct NewTokenView {
    #[serde(flatten)]
    view: TokenView,
    token: String,
}

impl NewTokenView {
    pub(crate) fn of(token: Token, text: &TokenText) -> Self {
        Self { view: TokenView::from(token), token: text.expose().to_owned() }
    }
}

/// Whose session it is, and what requests that change something must send. Without `Debug`, as `csrf` is half a secret.
#[derive(Serialize)]
pub(crate) struct SessionView {
    account: AccountId,
    name: String,
    role: Role,
    expires_at: Option<Timestamp>,
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
