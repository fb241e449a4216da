//! Commenters.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use rethread_model::{Author, AuthorId, ExportedAuthor, ExportedComment, Fingerprint, Vendor};
use serde::Serialize;

use super::comment::{NO_TIME, is_named};
use super::place::{hex, kept};
use crate::invented::INVALID;
use crate::text::without_forbidden;

/// Stands for everybody of whom nothing is known.
pub(super) const ANONYMOUS: &str = "anonymous";

/// The name of those who have none; Commento refuses commenters without.
pub(super) const NAMELESS: &str = "Anonymous";

/// What Commento writes where it knows nothing.
const UNDEFINED: &str = "undefined";

/// A commenter, with the fields in the order in which Commento writes them.
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

/// Who wrote a comment, as the file says it.
#[derive(Debug)]
pub(super) struct Who {
    /// The id of the commenter: Commento's own, or a computed one.
    pub hex: Cow<'static, str>,
    /// Whether the vendor's key of the author is not in the file. An e-mail address is.
    pub loses_key: bool,
    /// Whether the author's address is in the file with another name alone.
    pub loses_email: bool,
}

/// The commenters of a file. An author is one for each signature, since a commenter has one name. The first one that is
/// asked for is the author's own, with their key and address.
#[derive(Debug, Default)]
pub(super) struct Commenters {
    own: HashMap<AuthorId, Fingerprint>,
    written: HashSet<Fingerprint>,
}

impl Commenters {
    /// Who wrote the comment. To be asked in the order of the comments.
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

    /// Who wrote the comment, if the file does not have them yet: somebody whom the vendor knows, or a guest by a name, who
    /// is a commenter of this comment alone. `None` for everybody else.
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

/// Whom the vendor knows, and what that one is called on the comment, told apart from everybody else's.
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
