//! Completes records from a source that says less than an export file.
//!
//! A linked site omits many facts that the same site's export has: who is registered, people's own
//! sites, when a post was written. Omitted facts must not be deleted: each record is completed from
//! what is stored, so that a record without news equals the stored one.

use crate::{Author, AuthorRef, Comment, CommentDetails, Signature, Thread, Timestamp};

/// The stored fields of a comment that a linked site does not send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFields {
    /// The author.
    pub author: AuthorRef,
    /// See [`Comment::signature`].
    pub signature: Option<Signature>,
    /// See [`Comment::created_at`].
    pub created_at: Option<Timestamp>,
    /// See [`Comment::edited_at`].
    pub edited_at: Option<Timestamp>,
    /// See [`Comment::details`].
    pub details: CommentDetails,
}

impl Comment {
    /// This comment of an export with the stored votes: WordPress's exports have none, but its
    /// plugin sends them.
    #[must_use]
    pub fn with_votes(self, stored: &StoredFields) -> Self {
        let votes_up = self.details.votes_up.or(stored.details.votes_up);
        let votes_down = self.details.votes_down.or(stored.details.votes_down);
        Self { details: CommentDetails { votes_up, votes_down, ..self.details }, ..self }
    }

    /// This comment, with missing fields filled from the stored one.
    #[must_use]
    pub fn fill_from_store(self, stored: &StoredFields) -> Self {
        let (author, signature) =
            signed((self.author, self.signature), &(stored.author.clone(), stored.signature.clone()));
        Self {
            author,
            signature,
            created_at: self.created_at.or(stored.created_at),
            edited_at: stored.edited_at,
            details: self.details.fill_from_store(&stored.details),
            ..self
        }
    }
}

/// The author of a comment, and its signature.
type Signed = (AuthorRef, Option<Signature>);

/// A site identifies users that an export lists as registered only by their e-mail address, and
/// sends all people without their site and picture. The stored values are kept if it is still the
/// same person.
fn signed(said: Signed, stored: &Signed) -> Signed {
    let (author, signature) = said;
    let name = |signature: &Option<Signature>| signature.as_ref().and_then(|signature| signature.name.clone());
    let author = match (&author, &stored.0) {
        (AuthorRef::Known(_), AuthorRef::Known(key)) if key.starts_with("user:") => stored.0.clone(),
        (AuthorRef::Nobody, AuthorRef::Guest) if name(&stored.1).is_none() => AuthorRef::Guest,
        _ => author,
    };
    let is_same_person = match (&author, &stored.0) {
        (AuthorRef::Guest, AuthorRef::Guest) => name(&signature) == name(&stored.1),
        (author, stored) => author == stored,
    };
    match &stored.1 {
        Some(stored) if is_same_person => (author, Some(signature.unwrap_or_default().or(stored))),
        _ => (author, signature),
    }
}

impl Signature {
    /// This signature, with missing values taken from another.
    fn or(self, other: &Self) -> Self {
        Self {
            name: self.name.or_else(|| other.name.clone()),
            link: self.link.or_else(|| other.link.clone()),
            avatar: self.avatar.or_else(|| other.avatar.clone()),
        }
    }
}

impl Thread {
    /// This description, with missing fields filled from the stored one. A page with the same
    /// address stays where it is, whatever rules an earlier import applied.
    #[must_use]
    pub fn fill_from_store(self, stored: &Self) -> Self {
        let is_at_same_address = self.url.is_none() || self.url == stored.url;
        Self {
            url_id: if is_at_same_address { stored.url_id.clone() } else { self.url_id },
            url: self.url.or_else(|| stored.url.clone()),
            title: title(self.title, stored.title.clone()),
            created_at: self.created_at.or(stored.created_at),
            closed: stored.closed,
            reactions: stored.reactions.clone(),
            ..self
        }
    }
}

/// WordPress sends titles with typographic characters in place of typed ones, which its exports
/// contain.
fn title(said: Option<String>, stored: Option<String>) -> Option<String> {
    match (said, stored) {
        (Some(said), Some(stored)) if typed(&said) == typed(&stored) => Some(stored),
        (said, stored) => said.or(stored),
    }
}

/// Replaces typographic characters by typed ones (those that `wptexturize` inserts).
fn typed(text: &str) -> String {
    let mut typed = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{2018}' | '\u{2019}' | '\u{2032}' => typed.push('\''),
            '\u{201c}' | '\u{201d}' | '\u{2033}' | '"' => typed.push_str("''"),
            '\u{2013}' | '\u{2014}' | '-' => typed.extend((!typed.ends_with('-')).then_some('-')),
            '\u{2026}' => typed.push_str("..."),
            '\u{d7}' => typed.push('x'),
            '\u{2122}' => typed.push_str("(tm)"),
            other => typed.push(other),
        }
    }
    typed
}

impl Author {
    /// This description, with missing fields filled from the stored one.
    #[must_use]
    pub fn fill_from_store(self, stored: &Self) -> Self {
        Self {
            name: self.name.or_else(|| stored.name.clone()),
            email: self.email.or_else(|| stored.email.clone()),
            link: self.link.or_else(|| stored.link.clone()),
            avatar: self.avatar.or_else(|| stored.avatar.clone()),
            moderator: self.moderator.or(stored.moderator),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(author: AuthorRef, name: &str, link: Option<&str>) -> Signed {
        let signature = Signature { name: Some(name.to_owned()), link: link.map(str::to_owned), avatar: None };
        (author, Some(signature))
    }

    #[test]
    fn who_is_better_known_stays_so() {
        let user = || AuthorRef::Known("user:7".to_owned());
        let email = || AuthorRef::Known("email:a@b.example".to_owned());
        let (guest, link) = (|| AuthorRef::Guest, Some("ann.example"));
        assert_eq!(signed(by(email(), "Ann", None), &by(user(), "Ann", link)), by(user(), "Ann", link));
        assert_eq!(signed(by(guest(), "Ann", None), &by(guest(), "Ann", link)), by(guest(), "Ann", link));
        // The name has changed.
        assert_eq!(signed(by(email(), "Anna", None), &by(email(), "Ann", link)), by(email(), "Anna", link));
        // The person has changed.
        assert_eq!(signed(by(guest(), "Ben", None), &by(guest(), "Ann", link)), by(guest(), "Ben", None));
        assert_eq!(signed(by(email(), "Ann", None), &by(guest(), "Ann", link)), by(email(), "Ann", None));
        assert_eq!(signed(by(guest(), "Ann", None), &by(user(), "Ann", link)), by(guest(), "Ann", None));
        let nameless =
            (AuthorRef::Guest, Some(Signature { link: Some("x.example".to_owned()), ..Signature::default() }));
        assert_eq!(signed((AuthorRef::Nobody, None), &nameless), nameless);
    }

    #[test]
    fn a_title_is_as_it_was_typed() {
        let seen = |said: &str, stored: &str| title(Some(said.to_owned()), Some(stored.to_owned())).unwrap();
        let stored = "It's \"so\" -- 3x4... (tm)";
        assert_eq!(seen("It\u{2019}s \u{201c}so\u{201d} \u{2013} 3\u{d7}4\u{2026} \u{2122}", stored), stored);
        assert_eq!(seen("Its so", stored), "Its so");
    }

    #[test]
    fn a_page_moves_only_with_its_address() {
        let thread = |url: Option<&str>, url_id: &str| Thread {
            source_id: "7".to_owned(),
            url_id: url_id.to_owned(),
            url: url.map(str::to_owned),
            title: None,
            created_at: None,
            closed: false,
            reactions: Vec::new(),
        };
        let stored = Thread {
            title: Some("Hello".to_owned()),
            closed: true,
            created_at: Some(Timestamp::UNIX_EPOCH),
            ..thread(Some("https://a.example/7"), "mapped")
        };
        assert_eq!(thread(Some("https://a.example/7"), "a.example/7").fill_from_store(&stored), stored);
        assert_eq!(thread(None, "7").fill_from_store(&stored), stored);
        let elsewhere = thread(Some("https://a.example/new"), "a.example/new").fill_from_store(&stored);
        assert_eq!((elsewhere.url_id.as_str(), elsewhere.closed), ("a.example/new", true));
    }
}
