//! The records that readers yield.

mod details;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use details::CommentDetails;

use self::details::Fingerprinted;
use crate::{Position, Reason};

/// A point in time, in UTC.
pub type Timestamp = jiff::Timestamp;

/// A value and its position in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// The position of its first byte.
    pub at: Position,
}

/// One record of an export file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A conversation. May be yielded several times with the same content.
    Thread(Thread),
    /// A known author. May be yielded several times; [`Author::as_of`] defines which description
    /// stays.
    Author(Author),
    /// A comment to store.
    Comment(Box<Comment>),
    /// A comment in the file that is not stored: counted, listed as a finding, and known as a
    /// parent.
    Refused(Refused),
}

/// A comment that is not stored, with the reason (its effect is `skipped` or `failed`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The reason.
    pub reason: Reason,
    /// The vendor's id, if it is readable.
    pub source_id: Option<String>,
    /// Whether the file names a parent for it.
    pub is_reply: bool,
}

/// A conversation as the vendor has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Thread {
    /// The vendor's id, unique within the origin.
    pub source_id: String,
    /// Key of the page that shows it; see [`crate::PageKey`]. Never empty.
    pub url_id: String,
    /// The page's address as the vendor has it.
    pub url: Option<String>,
    /// The page's title, plain text.
    pub title: Option<String>,
    /// When the vendor created it.
    pub created_at: Option<Timestamp>,
    /// Whether it was closed to new comments.
    pub closed: bool,
    /// Reactions to its page, by kind: each kind once, without zero counts. Empty if the file has
    /// none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

/// The count of one kind of reaction to a page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reaction {
    /// The vendor's name for it, such as `love`.
    pub kind: String,
    /// The count; never 0.
    pub count: u64,
}

impl Reaction {
    /// Sums reactions: one entry per kind, sorted by kind. Sums saturate at [`u64::MAX`].
    #[must_use]
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut counts = BTreeMap::<String, u64>::new();
        for Self { kind, count } in all {
            let sum = counts.entry(kind).or_default();
            *sum = sum.saturating_add(count);
        }
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(kind, count)| Self { kind, count }).collect()
    }
}

/// A person that the vendor identifies by a key or an e-mail address. What each comment shows of
/// its author is its [`Signature`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Author {
    /// Identity within the origin: `user:<the vendor's user key>`, or `email:<address in lower
    /// case>`.
    pub key: String,
    /// The newest name that is not empty.
    pub name: Option<String>,
    /// E-mail address; never an invented or empty one.
    pub email: Option<String>,
    /// The author's own site.
    pub link: Option<String>,
    /// Address of a picture, by reference.
    pub avatar: Option<String>,
    /// Whether the vendor marks them as a moderator; `None` if the file does not say.
    pub moderator: Option<bool>,
    /// The time of this description: that of the comment that carried it, or of joining. Of
    /// differing descriptions of one author, those with a name win over those without; among these
    /// the one with the greatest `as_of` stays, whatever the order of writing.
    pub as_of: Option<Timestamp>,
}

/// What a comment shows of its author, as signed at the time. It stays with the comment, whatever
/// the author's name is in other comments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Signature {
    /// Display name.
    pub name: Option<String>,
    /// The author's own site.
    pub link: Option<String>,
    /// Address of a picture, by reference.
    pub avatar: Option<String>,
}

impl Signature {
    /// Whether it shows nothing about the author.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.name.is_none() && self.link.is_none() && self.avatar.is_none()
    }
}

/// The author of a comment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorRef {
    /// The author with this [`Author::key`] in the same origin.
    Known(String),
    /// A person without a key and without an e-mail address. Belongs to this comment only, is never
    /// merged, and is described by its [`Comment::signature`].
    Guest,
    /// The file does not name the author, or must not (tombstones).
    Nobody,
}

/// The visibility of a comment. If several apply: deleted > spam > pending > approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Public.
    Approved,
    /// Waiting for a moderator.
    Pending,
    /// Spam.
    Spam,
    /// A tombstone: id, thread, parent and time, without text and author.
    Deleted,
}

impl Status {
    /// All, in order of precedence, lowest first.
    pub const ALL: [Self; 4] = [Self::Approved, Self::Pending, Self::Spam, Self::Deleted];

    /// The word used in stores and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Pending => "pending",
            Self::Spam => "spam",
            Self::Deleted => "deleted",
        }
    }

    /// The status with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// The markup language of a comment's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TextKind {
    /// HTML as the vendor stored it, not sanitised.
    Html,
    /// Markdown.
    Markdown,
    /// Plain text.
    Plain,
}

impl TextKind {
    /// The word used in stores and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Plain => "plain",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Html, Self::Markdown, Self::Plain].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// HTML that has passed the policy and may be shown to people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Declares `html` safe. Only the policy in `rethread-html`, and stores that return what
    /// they were given, may call this (a lint forbids it elsewhere).
    #[must_use]
    pub fn assume_sanitised(html: String) -> Self {
        Self(html)
    }

    /// The HTML.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The vendor's id, unique within the origin.
    pub source_id: String,
    /// [`Thread::source_id`] of its thread.
    pub thread: String,
    /// [`Comment::source_id`] of the comment that it answers.
    pub parent: Option<String>,
    /// Its author.
    pub author: AuthorRef,
    /// Its signature. `None` if the vendor shows the author's current profile, or if there is no
    /// author.
    pub signature: Option<Signature>,
    /// When it was written; `None` if the file does not say or the time is unreadable.
    pub created_at: Option<Timestamp>,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// Its visibility at the vendor.
    pub status: Status,
    /// The text as the vendor has it.
    pub text: String,
    /// The markup language of `text`.
    pub text_kind: TextKind,
    /// `text`, sanitised.
    pub html: SafeHtml,
    /// What else the vendor says about it.
    pub details: CommentDetails,
}

/// First 16 bytes of a SHA-256 over the source's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 16]);

impl Comment {
    /// An approved comment with these ids, and nothing else.
    #[must_use]
    pub fn new(source_id: impl Into<String>, thread: impl Into<String>) -> Self {
        Self {
            source_id: source_id.into(),
            thread: thread.into(),
            parent: None,
            author: AuthorRef::Nobody,
            signature: None,
            created_at: None,
            edited_at: None,
            status: Status::Approved,
            text: String::new(),
            text_kind: TextKind::Html,
            html: SafeHtml::default(),
            details: CommentDetails::default(),
        }
    }

    /// The comment as it may be stored: a deleted one keeps only its id, thread, parent and time,
    /// and the markup language of the text that it had.
    #[must_use]
    pub fn redacted(self) -> Self {
        if self.status != Status::Deleted {
            return self;
        }
        let Self { source_id, thread, parent, created_at, status, text_kind, .. } = self;
        Self { parent, created_at, status, text_kind, ..Self::new(source_id, thread) }
    }

    /// Detects changes at the source since an earlier import. Covers every field except `html`,
    /// which follows from them.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(&(
            (&self.source_id, &self.thread, &self.parent, &self.author, &self.signature),
            (self.created_at, self.edited_at, self.status, &self.text, self.text_kind),
            Fingerprinted(&self.details),
        ))
    }
}

impl Thread {
    /// Detects changes at the source since an earlier import.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(self)
    }
}

impl Author {
    /// Decides which of several descriptions stays: the greatest. A description without a name
    /// never replaces one with a name.
    #[must_use]
    pub const fn rank(&self) -> (bool, Option<Timestamp>) {
        (self.name.is_some(), self.as_of)
    }

    /// Detects changes of the description; does not cover `as_of`.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(&(&self.key, &self.name, &self.email, &self.link, &self.avatar, self.moderator))
    }
}

/// The JSON form is canonical enough: the code fixes the order of fields, and there are no maps.
fn fingerprint(fields: &impl Serialize) -> Fingerprint {
    let mut hash = Sha256::new();
    // Writing into a hash cannot fail, and all types serialise.
    let _ = serde_json::to_writer(HashWriter(&mut hash), fields);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Fingerprint(bytes)
}

struct HashWriter<'a>(&'a mut Sha256);

impl std::io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reaction(kind: &str, count: u64) -> Reaction {
        Reaction { kind: kind.to_owned(), count }
    }

    #[test]
    fn reactions_add_up_by_kind() {
        let all = [reaction("wow", 1), reaction("love", 2), reaction("sad", 0), reaction("wow", 3)];
        assert_eq!(Reaction::sum(all), [reaction("love", 2), reaction("wow", 4)]);
        assert_eq!(Reaction::sum([reaction("wow", u64::MAX), reaction("wow", 1)]), [reaction("wow", u64::MAX)]);
        assert_eq!(Reaction::sum([]), []);
    }

    /// Threads stored before reactions existed keep their fingerprint.
    #[test]
    fn reactions_are_part_of_a_thread_only_where_there_are_some() {
        let thread = |reactions| Thread {
            source_id: "t".to_owned(),
            url_id: "example.com/t".to_owned(),
            url: None,
            title: None,
            created_at: None,
            closed: false,
            reactions,
        };
        let plain = serde_json::to_string(&thread(Vec::new())).unwrap();
        assert!(!plain.contains("reactions"), "{plain}");
        assert_ne!(thread(Vec::new()).fingerprint(), thread(vec![reaction("wow", 1)]).fingerprint());
    }
}
