use std::fmt;

use rethread_model::{Principal, Timestamp};
use rethread_stores::{Token, TokenId, TokenKind};

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The identity of the caller.
    pub principal: Principal,
    /// The credential that was presented. Contains no secret.
    pub credential: Credential,
    /// When the credential expires; `None` means never.
    pub expires_at: Option<Timestamp>,
}

/// A credential by the id that appears in logs: `token:0123456789abcdef`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A token.
    Token(TokenId),
    /// A browser session.
    Session(TokenId),
    /// A sign-in link.
    Link(TokenId),
    /// A token of the identity provider, identified by the first 16 hexadecimal digits of the
    /// SHA-256 of its subject, since the subject may be an e-mail address.
    Jwt(String),
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => write!(f, "token:{id}"),
            Self::Session(id) => write!(f, "session:{id}"),
            Self::Link(id) => write!(f, "link:{id}"),
            Self::Jwt(subject) => write!(f, "jwt:{subject}"),
        }
    }
}

impl From<Token> for Caller {
    fn from(token: Token) -> Self {
        let credential = match token.kind {
            TokenKind::Token => Credential::Token(token.id.clone()),
            TokenKind::Session => Credential::Session(token.id.clone()),
            TokenKind::Link => Credential::Link(token.id.clone()),
        };
        Self { principal: token.principal(), credential, expires_at: token.expires_at }
    }
}
