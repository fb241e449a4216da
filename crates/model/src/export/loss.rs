//! What an export wrote, and what its format could not hold.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an export wrote, and what its format could not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ExportTally {
    /// Pages with comments.
    pub pages: u64,
    /// Threads with comments.
    pub threads: u64,
    /// Comments.
    pub comments: u64,
    /// The number of pages, threads or comments (a loss states which) that lost something. Only
    /// actual losses are listed.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, u64>))]
    pub losses: BTreeMap<Loss, u64>,
}

impl ExportTally {
    /// Counts one page, thread or comment with this loss.
    pub fn lose(&mut self, loss: Loss) {
        *self.losses.entry(loss).or_default() += 1;
    }
}

macro_rules! losses {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal;)+) => {
        /// What a format could not hold. The closed list; docs/exports.md describes each for
        /// admins. A loss is counted only if there was something to lose: a comment without votes
        /// loses none.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Loss { $($(#[doc = $doc])+ $name,)+ }

        impl Loss {
            /// All, in display order.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word used in tallies.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// A sentence for people.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

losses! {
    /// Pages whose address is not in the file; it holds their key instead.
    Url = "url";
    /// Pages whose key is not in the file; it holds their address instead.
    UrlId = "url_id";
    /// Pages whose title is not in the file.
    PageTitle = "page_title";
    /// Threads whose system and site are not in the file.
    Origin = "origin";
    /// Threads that have another id in the file than at their vendor.
    ThreadId = "thread_id";
    /// Threads that the file merges with another thread of their page.
    MergedThread = "merged_thread";
    /// Threads whose address or title at their vendor differs from that of their page here.
    VendorPage = "vendor_page";
    /// Threads whose creation time is not in the file.
    ThreadCreatedAt = "thread_created_at";
    /// Threads closed to new comments, which the file does not say.
    ThreadClosed = "thread_closed";
    /// Threads whose reactions are not in the file.
    Reactions = "reactions";
    /// Comments that have another id in the file than at their vendor.
    SourceId = "source_id";
    /// Replies to a comment that is not here; in the file they are not replies.
    Parent = "parent";
    /// Comments whose author has another key in the file than at the vendor.
    AuthorKey = "author_key";
    /// Comments whose author's e-mail address is not in the file.
    Email = "email";
    /// Comments whose author's site is not in the file.
    AuthorLink = "author_link";
    /// Comments whose author's picture is not in the file.
    Avatar = "avatar";
    /// Comments by a moderator, which the file does not say.
    Moderator = "moderator";
    /// Comments whose time the format cannot represent; in the file they have none.
    CreatedAt = "created_at";
    /// Comments whose time has no fraction of a second in the file.
    Fraction = "fraction";
    /// Edited comments; the time of the edit is not in the file.
    EditedAt = "edited_at";
    /// Comments that wait for moderation, which the file does not say: an importer takes them for
    /// approved.
    Pending = "pending";
    /// Comments whose text is in the file as it is displayed, and not as it was typed.
    TypedText = "typed_text";
    /// Comments whose up and down votes are not in the file, or only their sum.
    Votes = "votes";
    /// Comments whose net votes are not in the file.
    Score = "score";
    /// Pinned comments, which the file does not say.
    Pinned = "pinned";
    /// Comments whose author's IP address is not in the file.
    Ip = "ip";
    /// Pages, threads or comments with control characters, which the file cannot hold; they were
    /// removed.
    ControlCharacters = "control_characters";
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word does not name a loss.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a loss of exports")]
pub struct UnknownLoss(pub String);

impl FromStr for Loss {
    type Err = UnknownLoss;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|loss| loss.as_str() == word).ok_or_else(|| UnknownLoss(word.to_owned()))
    }
}

impl Serialize for Loss {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Loss {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_is_read_as_it_was_written() {
        let mut tally = ExportTally { pages: 1, threads: 2, comments: 3, ..ExportTally::default() };
        for loss in Loss::ALL {
            tally.lose(*loss);
        }
        tally.lose(Loss::Votes);
        let json = serde_json::to_string(&tally).unwrap();
        assert!(json.contains("\"votes\":2") && json.contains("\"typed_text\":1"), "{json}");
        assert_eq!(serde_json::from_str::<ExportTally>(&json).unwrap(), tally);
        assert_eq!("vote".parse::<Loss>(), Err(UnknownLoss("vote".to_owned())));
    }
}
