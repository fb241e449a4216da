//! The text of a token, and the form in which it is stored.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::TokenKind;
use crate::{Error, ErrorKind, Result};

const ID_DIGITS: usize = 16;
const SECRET_BYTES: usize = 32;

/// Both prefixes have the same length, so the secret starts at the same offset.
const PREFIX: &str = "rt_";
const LINK_PREFIX: &str = "rl_";

/// The part of a token that identifies it: 16 lower-case hexadecimal digits. Not secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenId(String);

impl TokenId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is not a token id. The message does not repeat the text, because people paste whole
/// tokens here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the id of a token: it is the 16 digits between rt_ and the second underscore")]
pub struct InvalidTokenId;

impl FromStr for TokenId {
    type Err = InvalidTokenId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == ID_DIGITS && text.bytes().all(is_digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidTokenId)
        }
    }
}

/// A whole token with its secret. Shown once, to its creator.
#[derive(Clone)]
pub struct TokenText {
    id: TokenId,
    whole: SecretString,
}

impl TokenText {
    /// A new token, from the system's randomness.
    pub(super) fn random(kind: TokenKind) -> Result<(TokenId, Self)> {
        let mut bytes = [0; ID_DIGITS / 2 + SECRET_BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::new(ErrorKind::Internal, "the system gives no randomness").because(error))?;
        let (id, secret) = bytes.split_at(ID_DIGITS / 2);
        let id = TokenId(id.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(hexadecimal).collect());
        let prefix = match kind {
            TokenKind::Token | TokenKind::Session => PREFIX,
            TokenKind::Link => LINK_PREFIX,
        };
        let whole = format!("{prefix}{id}_{}", URL_SAFE_NO_PAD.encode(secret));
        Ok((id.clone(), Self { id, whole: whole.into() }))
    }

    /// Parses a token from a caller; `None` when it does not have the form `rt_<id>_<secret>`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::parse_after(PREFIX, text)
    }

    /// Parses a link from a caller; `None` when it does not have the form `rl_<id>_<secret>`.
    pub(super) fn parse_link(text: &str) -> Option<Self> {
        Self::parse_after(LINK_PREFIX, text)
    }

    fn parse_after(prefix: &str, text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(prefix)?.split_once('_')?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?;
        let id = id.parse().ok()?;
        (secret.len() == SECRET_BYTES).then(|| Self { id, whole: text.into() })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> TokenId {
        self.id.clone()
    }

    /// The whole text, to be shown or sent and never logged.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.whole.expose_secret()
    }

    pub(super) fn secret_hash(&self) -> SecretHash {
        let secret = &self.expose()[PREFIX.len() + ID_DIGITS + 1..];
        SecretHash(Sha256::digest(secret).into())
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenText({}_[secret])", self.id)
    }
}

fn hexadecimal(digit: u8) -> Option<char> {
    char::from_digit(u32::from(digit), 16)
}

/// The SHA-256 of a token's secret, as stored.
#[derive(Clone)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// A hash read from a store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash, to be stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares in constant time.
    pub(super) fn is_of(&self, text: &TokenText) -> bool {
        self.0.ct_eq(&text.secret_hash().0).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_as_documented_and_parses_back() {
        let (id, text) = TokenText::random(TokenKind::Token).unwrap();
        assert_eq!(text.expose().len(), 3 + 16 + 1 + 43);
        assert!(text.expose().starts_with(&format!("rt_{id}_")));
        let parsed = TokenText::parse(text.expose()).unwrap();
        assert_eq!(parsed.id(), id);
        assert!(text.secret_hash().is_of(&parsed));
    }

    #[test]
    fn a_link_is_no_token_and_a_token_no_link() {
        let (id, link) = TokenText::random(TokenKind::Link).unwrap();
        assert!(link.expose().starts_with(&format!("rl_{id}_")));
        assert!(TokenText::parse(link.expose()).is_none());
        let parsed = TokenText::parse_link(link.expose()).unwrap();
        assert!(link.secret_hash().is_of(&parsed));
        let (_, session) = TokenText::random(TokenKind::Session).unwrap();
        assert!(TokenText::parse(session.expose()).is_some() && TokenText::parse_link(session.expose()).is_none());
    }

    #[test]
    fn a_secret_with_an_underscore_is_taken_whole() {
        let whole = format!("rt_0123456789abcdef_{}", "_".repeat(42) + "8");
        assert_eq!(TokenText::parse(&whole).unwrap().expose(), whole);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let (_, good) = TokenText::random(TokenKind::Token).unwrap();
        let longer = format!("{}A", good.expose());
        let other_prefix = good.expose().replacen("rt_", "xx_", 1);
        for bad in ["", "rt_", "rt__", "rt_0123456789abcdef_", "Bearer x", &longer, &other_prefix] {
            assert!(TokenText::parse(bad).is_none(), "{bad}");
        }
        assert!("0123456789ABCDEF".parse::<TokenId>().is_err());
    }

    #[test]
    fn the_secret_is_in_no_debug_output() {
        let (_, text) = TokenText::random(TokenKind::Token).unwrap();
        let secret = &text.expose()[20..];
        assert!(!format!("{text:?} {:?}", text.secret_hash()).contains(secret));
    }
}
