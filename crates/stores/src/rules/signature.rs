//! How stores keep the signatures of comments.
//!
//! A comment shows its own signature, whatever name its author uses elsewhere and later. Most
//! comments of an author are signed alike, so the author's row contains one signature that never
//! changes, the *usual* one: that of the comment with which the row was created. Which comment that
//! is depends on the order of writing; what is shown does not. A comment's `signed_as_usual` says
//! where its signature is:
//!
//! - true: in its author's row (`usual_name`, `usual_link`, `usual_avatar`), and its own columns
//!   are empty;
//! - false: in its own columns (`signed_name`, `signed_link`, `signed_avatar`), as for all guests;
//! - null: it has none, and shows its author's current description, as its vendor does.

use rethread_model::{AuthorRef, Comment, Signature};
use sha2::{Digest, Sha256};

/// The name, link and picture that a comment shows, as columns of a query. `comments` is the alias
/// of the comment's row; its row of `authors` may be missing.
#[must_use]
pub fn shown_columns(comments: &str) -> String {
    let column = |field: &str| {
        format!(
            "CASE WHEN {comments}.signed_as_usual IS NULL THEN authors.{field} \
             WHEN {comments}.signed_as_usual THEN authors.usual_{field} ELSE {comments}.signed_{field} END"
        )
    };
    ["name", "link", "avatar"].map(column).join(", ")
}

/// A comment's signature in its stored form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoredSignature<'a> {
    /// `signed_as_usual`.
    pub is_usual: Option<bool>,
    /// Its own columns, if they are not empty.
    pub own: Option<&'a Signature>,
}

impl<'a> StoredSignature<'a> {
    /// For a comment and its author's usual signature; guests have none.
    #[must_use]
    pub fn of(comment: &'a Comment, usual: Option<&Signature>) -> Self {
        match (&comment.signature, &comment.author) {
            (None, _) | (_, AuthorRef::Nobody) => Self::default(),
            (Some(signature), AuthorRef::Known(_)) if Some(signature) == usual => {
                Self { is_usual: Some(true), own: None }
            }
            (Some(signature), _) => Self { is_usual: Some(false), own: Some(signature) },
        }
    }
}

/// The signature of a stored comment; `is_usual` is its `signed_as_usual`, `shown` is what it
/// shows.
#[must_use]
pub fn signature(is_usual: Option<bool>, shown: Signature) -> Option<Signature> {
    is_usual.map(|_| shown)
}

/// The author of a stored comment.
#[must_use]
pub fn author(key: Option<String>, signature: Option<&Signature>) -> AuthorRef {
    match (key, signature) {
        (Some(key), _) => AuthorRef::Known(key),
        (None, Some(signature)) if !signature.is_empty() => AuthorRef::Guest,
        (None, _) => AuthorRef::Nobody,
    }
}

/// An e-mail address that signs under more names than this in one file is a finding.
pub const NAMES_OF_ADDRESS: i64 = 3;

/// The e-mail address and the name that a comment was signed with, as hashes: what the ledger keeps
/// for counting names. `None` without an address or a name. Names that differ only in case or white
/// space are equal.
pub fn address_and_name(comment: &Comment) -> Option<(i64, i64)> {
    let AuthorRef::Known(key) = &comment.author else { return None };
    let address = key.strip_prefix("email:")?;
    let name = comment.signature.as_ref()?.name.as_deref()?;
    let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    (!words.is_empty()).then(|| (number(address), number(&words.join(" "))))
}

fn number(text: &str) -> i64 {
    let hash = Sha256::digest(text);
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(first)
}

/// Selects the first comment of each e-mail address that signed under more than
/// [`NAMES_OF_ADDRESS`] names: its part, its offset (the column `offset`) and its source id. Its
/// parameter is the import's number.
#[must_use]
pub fn shared_addresses(offset: &str, import_no: &str) -> String {
    let of_import = format!("ledger_no IN (SELECT no FROM ledgers WHERE import_no = {import_no})");
    format!(
        "SELECT part, {offset}, source_id FROM (\
           SELECT part, {offset}, source_id, \
             row_number() OVER (PARTITION BY address_hash ORDER BY part, {offset}) AS place \
           FROM ledger_comments WHERE {of_import} AND address_hash IN (\
             SELECT address_hash FROM ledger_comments WHERE {of_import} AND address_hash IS NOT NULL \
             GROUP BY address_hash HAVING count(DISTINCT name_hash) > {NAMES_OF_ADDRESS})) AS of_address \
         WHERE place = 1 ORDER BY part, {offset}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(author: AuthorRef, name: Option<&str>) -> Comment {
        Comment {
            author,
            signature: Some(Signature { name: name.map(str::to_owned), ..Signature::default() }),
            ..Comment::new("1", "t")
        }
    }

    fn ann() -> AuthorRef {
        AuthorRef::Known("email:ann@post.example".to_owned())
    }

    #[test]
    fn only_what_is_unusual_is_kept_with_the_comment() {
        let comment = signed(ann(), Some("Ann"));
        let usual = comment.signature.clone();
        let stored = StoredSignature { is_usual: Some(true), own: None };
        assert_eq!(StoredSignature::of(&comment, usual.as_ref()), stored);
        let other = signed(ann(), None);
        let stored = StoredSignature { is_usual: Some(false), own: other.signature.as_ref() };
        assert_eq!(StoredSignature::of(&other, usual.as_ref()), stored);
        let guest = signed(AuthorRef::Guest, Some("Ann"));
        let stored = StoredSignature { is_usual: Some(false), own: guest.signature.as_ref() };
        assert_eq!(StoredSignature::of(&guest, None), stored);
        let profile = Comment { signature: None, ..comment };
        assert_eq!(StoredSignature::of(&profile, usual.as_ref()), StoredSignature::default());
    }

    #[test]
    fn names_are_told_apart_by_their_words() {
        let of = |author, name| address_and_name(&signed(author, name));
        assert_eq!(of(ann(), Some("Ann Lee")), of(ann(), Some(" ann  LEE ")));
        assert_ne!(of(ann(), Some("Ann Lee")), of(ann(), Some("Annlee")));
        let [same, other] =
            ["ann@post.example", "ben@post.example"].map(|mail| AuthorRef::Known(format!("email:{mail}")));
        let address = |author| of(author, Some("Ann")).unwrap().0;
        assert!(address(ann()) == address(same) && address(ann()) != address(other));
        for author in [AuthorRef::Guest, AuthorRef::Known("user:7".to_owned())] {
            assert_eq!(of(author, Some("Ann")), None);
        }
        assert_eq!(of(ann(), None), None);
    }
}
