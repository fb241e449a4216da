//! Tenants, and what each caller may access.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The tenant. Everything belongs to exactly one.
///
/// 1 to 64 characters of `a-z`, `0-9`, `-` and `_`, starting with a letter or digit, so that it is
/// safe in a path, a key and a log line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9][a-z0-9_-]{0,63}$"))]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

impl AccountId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that cannot be an account id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" cannot name an account: use 1 to 64 of a-z, 0-9, - and _, beginning with a letter or a digit")]
pub struct InvalidAccount(pub String);

impl FromStr for AccountId {
    type Err = InvalidAccount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let begins_well = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        let is_plain = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
        if begins_well && is_plain && text.len() <= 64 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidAccount(text.to_owned()))
        }
    }
}

impl TryFrom<String> for AccountId {
    type Error = InvalidAccount;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(account: AccountId) -> Self {
        account.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a caller may access. Every query takes one, so that no caller can forget the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Only items of this account; all others do not exist for the caller.
    Account(AccountId),
    /// Every account: Rethread's own processes, operators and internal services.
    All,
}

impl Reach {
    /// Whether the caller may see items of `account`.
    #[must_use]
    pub fn covers(&self, account: &AccountId) -> bool {
        match self {
            Self::Account(own) => own == account,
            Self::All => true,
        }
    }
}

/// What the holder of a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Imports, exports and watches jobs in one account.
    Admin,
    /// Sees the job states of all accounts, but no content.
    Operator,
    /// Internal service: reads job state over gRPC.
    Service,
}

impl Role {
    /// The word used on the command line and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Service => "service",
        }
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Admin, Self::Operator, Self::Service]
            .into_iter()
            .find(|role| role.as_str() == word)
            .ok_or_else(|| format!("\"{word}\" is not a role; use admin, operator or service"))
    }
}

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The name of the token; shown as the starter of a job.
    pub name: String,
    /// The account that the token belongs to.
    pub account: AccountId,
    /// What the caller may do.
    pub role: Role,
}

impl Principal {
    /// The accounts whose job states the caller may see.
    #[must_use]
    pub fn job_reach(&self) -> Reach {
        match self.role {
            Role::Admin => Reach::Account(self.account.clone()),
            Role::Operator | Role::Service => Reach::All,
        }
    }
}
