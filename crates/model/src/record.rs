//! What a reader yields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Position, Reason};

/// A moment in UTC.
pub type Timestamp = jiff::Timestamp;

/// Something and where in the file it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The thing.
    pub value: T,
    /// Its first byte.
    pub at: Position,
}

/// One record of an export file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A conversation. May be yielded several times with the same content.
    Thread(Thread),
    /// A known author. May be yielded several times; see [`Author::as_of`] for which one stays.
    Author(Author),
    /// A comment to be stored.
    Comment(Box<Comment>),
    /// A comment that the file holds and that is not stored: counted, listed as a finding, and known as a parent.
    Refused(Refused),
}

/// A comment that is not stored, with the reason (its effect is `skipped` or `failed`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub reason: Reason,
    /// The vendor's id, where it could be read.
    pub source_id: Option<String>,
    /// Whether the file gives it a parent.
    pub is_reply: bool,
}

/// A conversation as the vendor has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Thread {
    /// The vendor's id, unique within the origin.
    pub source_id: String,
    /// Key of the page it shows on; see [`crate::PageKey`]. Never empty.
    pub url_id: String,
    /// The page's address as the vendor has it.
    pub url: Option<String>,
    /// The page's title, plain text.
    pub title: Option<String>,
    /// When the vendor created it.
    pub created_at: Option<Timestamp>,
    /// Whether new comments were refused there.
    pub closed: bool,
    /// Reactions to its page, by kind: each kind once, none that was never given. Empty where the file has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

/// How often a page was reacted to in one way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reaction {
    /// The vendor's word for it, such as `love`.
    pub kind: String,
    /// How often; never 0.
    pub count: u64,
}

impl Reaction {
    /// Adds up counts: one entry for each kind that was given, by kind. Sums stop at [`u64::MAX`].
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

/// A person that the vendor knows by a key or an e-mail address: the identity behind comments. What each comment shows of
/// its author is its [`Signature`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Author {
    /// Identity within the origin: `user:<the vendor's user key>`, or `email:<address in lower case>`.
    pub key: String,
    /// Newest name that is one.
    pub name: Option<String>,
    /// E-mail address; never an invented or empty one.
    pub email: Option<String>,
    /// The author's own site.
    pub link: Option<String>,
    /// Address of a picture, by reference.
    pub avatar: Option<String>,
    /// Whether the vendor marks them as moderator; `None` where the file does not say.
    pub moderator: Option<bool>,
    /// What this description is as of: the time of the comment that carried it, or of joining. Among differing
    /// descriptions of one author one with a name goes before one without; of these the one with the greatest `as_of`
    /// stays, whatever the order they are written in.
    pub as_of: Option<Timestamp>,
}

/// What a comment shows of who wrote it, as it was signed then: stays with the comment, whatever the author is called in
/// other comments.
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
    /// Whether it shows nothing of anybody.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.name.is_none() && self.link.is_none() && self.avatar.is_none()
    }
}

/// Who wrote a comment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorRef {
    /// The author with this [`Author::key`] in the same origin.
    Known(String),
    /// Somebody without a key and without an e-mail address: belongs to this comment alone, is merged with nobody, and is
    /// known by its [`Comment::signature`].
    Guest,
    /// The file does not say, or must not (tombstones).
    Nobody,
}

/// What the public may see of a comment. Where several apply: deleted > spam > pending > approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Public.
    Approved,
    /// Waits for a moderator.
    Pending,
    /// Spam.
    Spam,
    /// A tombstone: id, thread, parent and time; neither text nor author.
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

/// What the text of a comment is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TextKind {
    /// HTML as the vendor had it, not sanitised.
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

/// HTML that went through the policy and may be shown to people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Declares `html` safe. Only the policy in `rethread-formats` and the stores that give back what they were given may
    /// call this (a lint forbids it elsewhere).
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
    /// Who wrote it.
    pub author: AuthorRef,
    /// What it is signed with. `None` where the vendor shows the author's profile as it is at present, and where there is
    /// no author.
    pub signature: Option<Signature>,
    /// When; `None` when the file does not say or says it unreadably.
    pub created_at: Option<Timestamp>,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// What the vendor shows of it.
    pub status: Status,
    /// The text as the vendor gave it.
    pub text: String,
    /// What `text` is written in.
    pub text_kind: TextKind,
    /// `text`, sanitised.
    pub html: SafeHtml,
    /// Votes for it.
    pub votes_up: Option<i64>,
    /// Votes against it, as a positive number.
    pub votes_down: Option<i64>,
    /// Net votes, where the vendor gives only those.
    pub score: Option<i64>,
    /// Whether it is pinned to the top of its thread.
    pub pinned: bool,
    /// The commenter's address; only when the admin asked for it.
    pub ip: Option<String>,
}

/// First 16 bytes of a SHA-256 over what the source said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 16]);

impl Comment {
    /// The comment as it may be stored: a deleted one keeps its id, thread, parent and time, and nothing else.
    #[must_use]
    pub fn redacted(self) -> Self {
        if self.status != Status::Deleted {
            return self;
        }
        Self {
            author: AuthorRef::Nobody,
            signature: None,
            edited_at: None,
            text: String::new(),
            html: SafeHtml::default(),
            votes_up: None,
            votes_down: None,
            score: None,
            pinned: false,
            ip: None,
            ..self
        }
    }

    /// Tells whether the source changed since an earlier import. Covers every field but `html`, which follows from them.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(&(
            (&self.source_id, &self.thread, &self.parent, &self.author, &self.signature),
            (self.created_at, self.edited_at, self.status, &self.text, self.text_kind),
            (self.votes_up, self.votes_down, self.score, self.pinned, &self.ip),
        ))
    }
}

impl Thread {
    /// Tells whether the source changed since an earlier import.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(self)
    }
}

impl Author {
    /// What decides which of several descriptions stays: the greatest. One without a name never takes the place of one with.
    #[must_use]
    pub const fn rank(&self) -> (bool, Option<Timestamp>) {
        (self.name.is_some(), self.as_of)
    }

    /// Tells whether the description changed; does not cover `as_of`.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(&(&self.key, &self.name, &self.email, &self.link, &self.avatar, self.moderator))
    }
}

/// The JSON form is canonical enough: field order is fixed by the code, and there are no maps.
fn fingerprint(fields: &impl Serialize) -> Fingerprint {
    let mut hash = Sha256::new();
    // Writing into a hash cannot fail, and none of the types has a failing serialisation.
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

    /// Threads that were stored before there were reactions are still known as the same.
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
