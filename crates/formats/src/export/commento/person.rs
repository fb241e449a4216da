//! Commenters.

use std::borrow::Cow;

use rethread_model::{ExportedAuthor, ExportedComment, Vendor};
use serde::Serialize;

use super::comment::{NO_TIME, is_named};
use super::place::{hex, kept};
use crate::identity::INVENTED;
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

impl Commenter {
    /// Who wrote the comment: somebody whom the vendor knows, or a guest by a name, who is a commenter of this comment
    /// alone. `None` for everybody else.
    pub(super) fn of(vendor: Vendor, comment: &ExportedComment) -> Option<Self> {
        let id = hex_of(vendor, comment).into_owned();
        let commenter =
            |email: &Option<String>, name: &Option<String>, link: &Option<String>, photo: &Option<String>| {
                let invented = || format!("{id}@commenter{INVENTED}");
                Self {
                    email: email.as_deref().map_or_else(invented, clean),
                    name: clean(name.as_deref().unwrap_or(NAMELESS)),
                    link: clean(link.as_deref().unwrap_or(UNDEFINED)),
                    photo: clean(photo.as_deref().unwrap_or(UNDEFINED)),
                    id: id.clone(),
                    provider: "commento",
                    join_date: NO_TIME,
                    is_moderator: false,
                }
            };
        match &comment.author {
            ExportedAuthor::Known { name, email, link, avatar, moderator, .. } => {
                Some(Self { is_moderator: *moderator == Some(true), ..commenter(email, name, link, avatar) })
            }
            ExportedAuthor::Guest { name, link } if is_named(&comment.author) => {
                Some(Self { provider: "anon", ..commenter(&None, name, link, &None) })
            }
            ExportedAuthor::Guest { .. } | ExportedAuthor::Nobody => None,
        }
    }
}

fn clean(text: &str) -> String {
    without_forbidden(Cow::Borrowed(text)).0.into_owned()
}

/// The id of the comment's author: Commento's own, or a computed one.
pub(super) fn hex_of(vendor: Vendor, comment: &ExportedComment) -> Cow<'static, str> {
    match &comment.author {
        ExportedAuthor::Known { id, key, .. } => {
            Cow::Owned(own_hex(vendor, key).unwrap_or_else(|| hex(id.as_uuid().as_u128())))
        }
        author if is_named(author) => Cow::Owned(hex(comment.id.as_uuid().as_u128())),
        ExportedAuthor::Guest { .. } | ExportedAuthor::Nobody => Cow::Borrowed(ANONYMOUS),
    }
}

/// Whether the vendor's key of the author is not in the file. An e-mail address is.
pub(super) fn loses_key(vendor: Vendor, author: &ExportedAuthor) -> bool {
    matches!(author, ExportedAuthor::Known { key, .. } if key.starts_with("user:") && own_hex(vendor, key).is_none())
}

fn own_hex(vendor: Vendor, key: &str) -> Option<String> {
    kept(vendor, key.strip_prefix("user:")?)
}
