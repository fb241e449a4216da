//! Writes commenters.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use rethread_model::{Author, AuthorId, ExportedAuthor, ExportedComment, Fingerprint, Vendor};
use rethread_syntax::text::without_forbidden;
use rethread_vendors::INVALID;
use serde::Serialize;

use super::comment::{NO_TIME, is_named};
use super::place::{hex, kept};

/// The id for all people of whom nothing is known.
pub(super) const ANONYMOUS: &str = "anonymous";

/// The name for people without one; Commento refuses commenters without a name.
pub(super) const NAMELESS: &str = "Anonymous";

/// Commento's word for an unknown value.
const UNDEFINED: &str = "undefined";

/// A commenter, with the fields in Commento's order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Commenter {
    #[serde(rename = "commenterHex")]
    id: String,
    email: String,
    name: String,
    link: String,
    photo: String,
    provider: &'static str,
    join_date: &'static str,
    is_moderator: bool,
}

/// The author of a comment, as the file represents them.
#[derive(Debug)]
pub(super) struct Who {
    /// The commenter's id: Commento's own, or a computed one.
    pub hex: Cow<'static, str>,
    /// Whether the vendor's key of the author is missing from the file. An e-mail address used as a
    /// key is kept.
    pub loses_key: bool,
    /// Whether the author's address is in the file only under another name.
    pub loses_email: bool,
}

/// The commenters of a file. An author becomes one commenter for each signature, because a
/// commenter has one name. The first one requested is the author's own, with their key and address.
#[derive(Debug, Default)]
pub(super) struct Commenters {
    own: HashMap<AuthorId, Fingerprint>,
    written: HashSet<Fingerprint>,
}

impl Commenters {
    /// The author of the comment. Must be called in the order of the comments.
    pub(super) fn who(&mut self, vendor: Vendor, comment: &ExportedComment) -> Who {
        let is_own = self.is_own(&comment.author);
        let (loses_key, loses_email) = match &comment.author {
            ExportedAuthor::Known { key, email, .. } => {
                let is_kept = is_own && own_hex(vendor, key).is_some();
                (key.starts_with("user:") && !is_kept, !is_own && email.is_some())
            }
            ExportedAuthor::Guest { .. } | ExportedAuthor::Nobody => (false, false),
        };
        Who { hex: hex_of(vendor, comment, is_own), loses_key, loses_email }
    }

    /// The author of the comment, if they are not in the file yet: a person known to the vendor, or
    /// a named guest, who is a commenter of this comment only. Otherwise `None`.
    pub(super) fn new_one(&mut self, vendor: Vendor, comment: &ExportedComment) -> Option<Commenter> {
        let is_new = signed(&comment.author).is_none_or(|(_, signature)| self.written.insert(signature));
        let is_own = self.is_own(&comment.author);
        is_new.then(|| Commenter::of(comment, &hex_of(vendor, comment, is_own), is_own)).flatten()
    }

    fn is_own(&mut self, author: &ExportedAuthor) -> bool {
        signed(author).is_none_or(|(id, signature)| *self.own.entry(id).or_insert(signature) == signature)
    }
}

impl Commenter {
    fn of(comment: &ExportedComment, id: &str, is_own: bool) -> Option<Self> {
        let commenter =
            |email: Option<&String>, name: &Option<String>, link: &Option<String>, photo: &Option<String>| {
                let invented = || format!("{id}@commenter{INVALID}");
                Self {
                    email: email.map_or_else(invented, |email| clean(email)),
                    name: clean(name.as_deref().unwrap_or(NAMELESS)),
                    link: clean(link.as_deref().unwrap_or(UNDEFINED)),
                    photo: clean(photo.as_deref().unwrap_or(UNDEFINED)),
                    id: id.to_owned(),
                    provider: "commento",
                    join_date: NO_TIME,
                    is_moderator: false,
                }
            };
        match &comment.author {
            ExportedAuthor::Known { name, email, link, avatar, moderator, .. } => {
                let email = email.as_ref().filter(|_| is_own);
                Some(Self { is_moderator: *moderator == Some(true), ..commenter(email, name, link, avatar) })
            }
            ExportedAuthor::Guest { name, link, avatar } if is_named(&comment.author) => {
                Some(Self { provider: "anon", ..commenter(None, name, link, avatar) })
            }
            ExportedAuthor::Guest { .. } | ExportedAuthor::Nobody => None,
        }
    }
}

/// The id and the signature of an author known to the vendor, which together identify one
/// commenter.
fn signed(author: &ExportedAuthor) -> Option<(AuthorId, Fingerprint)> {
    let ExportedAuthor::Known { id, name, link, avatar, .. } = author else { return None };
    let signature = Author {
        key: id.to_string(),
        name: name.clone(),
        email: None,
        link: link.clone(),
        avatar: avatar.clone(),
        moderator: None,
        as_of: None,
    };
    Some((*id, signature.fingerprint()))
}

fn clean(text: &str) -> String {
    without_forbidden(Cow::Borrowed(text)).0.into_owned()
}

fn hex_of(vendor: Vendor, comment: &ExportedComment, is_own: bool) -> Cow<'static, str> {
    let author = &comment.author;
    match (author, signed(author)) {
        (ExportedAuthor::Known { id, key, .. }, _) if is_own => {
            Cow::Owned(own_hex(vendor, key).unwrap_or_else(|| hex(id.as_uuid().as_u128())))
        }
        (_, Some((_, Fingerprint(signature)))) => Cow::Owned(hex(u128::from_be_bytes(signature))),
        _ if is_named(author) => Cow::Owned(hex(comment.id.as_uuid().as_u128())),
        _ => Cow::Borrowed(ANONYMOUS),
    }
}

fn own_hex(vendor: Vendor, key: &str) -> Option<String> {
    kept(vendor, key.strip_prefix("user:")?)
}
