use std::fmt;

use rethread_backends::{Token, TokenId, TokenKind};
use rethread_model::{Principal, Timestamp};

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who it is.
    pub principal: Principal,
    /// What was shown. Holds no secret.
    pub credential: Credential,
    /// Until when it counts; `None` for ever.
    pub expires_at: Option<Timestamp>,
}

/// What a caller has shown, by what it is known in logs: `token:0123456789abcdef`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A token.
    Token(TokenId),
    /// A session of a browser.
    Session(TokenId),
    /// A link that opens a session.
    Link(TokenId),
    /// A token of the identity provider, by the first 16 hexadecimal digits of the SHA-256 of its subject, since the
    /// subject may be an e-mail address.
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
