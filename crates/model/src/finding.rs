//! What happened to records that were not imported unchanged.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A position in an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Position {
    /// The document in the upload: 0, or the index of the entry in a zip with several.
    pub part: u32,
    /// Byte offset in that document, after decompression and conversion to UTF-8.
    pub offset: u64,
}

/// What a finding means for the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Imported, after a repair that lost nothing or only what is named.
    Repaired,
    /// Left out on purpose.
    Skipped,
    /// Could not be imported.
    Failed,
}

impl Effect {
    /// The word used in receipts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Repaired => "repaired",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $effect:ident;)+) => {
        /// Why. The closed list; docs/formats.md describes each for admins.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason { $($(#[doc = $doc])+ $name,)+ }

        impl Reason {
            /// All reasons.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word used in receipts and findings.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// The effect on the record.
            #[must_use]
            pub const fn effect(self) -> Effect {
                match self { $(Self::$name => Effect::$effect,)+ }
            }

            /// A sentence for people.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

reasons! {
    /// The file begins with a byte order mark, which was skipped.
    ByteOrderMark = "byte_order_mark", Repaired;
    /// Other content precedes the document and was skipped.
    LeadingJunk = "leading_junk", Repaired;
    /// The document is not well-formed from here on; the rest was read leniently.
    NotWellFormed = "not_well_formed", Repaired;
    /// Another document follows the end of the document; its records of the same kind were read,
    /// the rest was skipped.
    SecondDocument = "second_document", Repaired;
    /// Other content follows the end of the document and was skipped.
    TrailingJunk = "trailing_junk", Repaired;
    /// The checksum of the archive does not match, so this record may be corrupt; it was imported
    /// because the import was asked to salvage.
    UnverifiedBytes = "unverified_bytes", Repaired;
    /// The document does not declare a namespace prefix that it uses; the prefix was read with its
    /// usual meaning.
    UndeclaredPrefix = "undeclared_prefix", Repaired;
    /// Control characters, which are not allowed in text, were removed.
    ControlCharacters = "control_characters", Repaired;
    /// Bytes that are not valid UTF-8 were replaced by U+FFFD.
    InvalidUtf8 = "invalid_utf8", Repaired;
    /// Bytes that are not valid in the file's encoding were replaced by U+FFFD; the position is
    /// that of the first one.
    InvalidEncoding = "invalid_encoding", Repaired;
    /// An ampersand that starts no entity was read literally.
    BareAmpersand = "bare_ampersand", Repaired;
    /// A CDATA section inside a CDATA section was read as text.
    NestedCdata = "nested_cdata", Repaired;
    /// A CDATA section without an end was closed at the end of its record.
    UnclosedCdata = "unclosed_cdata", Repaired;
    /// White space around a value was removed.
    PaddedValue = "padded_value", Repaired;
    /// Damaged markup inside the record was skipped.
    DamagedMarkup = "damaged_markup", Repaired;
    /// The date cannot be parsed; the comment was imported without one.
    UnreadableDate = "unreadable_date", Repaired;
    /// The date has no time zone and none was given; it was read as UTC.
    AssumedUtc = "assumed_utc", Repaired;
    /// The text is nested too deeply to be shown as it is; its HTML was flattened to text.
    FlattenedHtml = "flattened_html", Repaired;
    /// The comment's thread is not in the file; the comment was kept on a page named after the
    /// thread.
    ThreadNotInFile = "thread_not_in_file", Repaired;
    /// The parent comment is not in the file; the comment was placed at the top level of its
    /// thread.
    ParentNotInFile = "parent_not_in_file", Repaired;
    /// The parent comment was not imported; the comment was placed at the top level of its thread.
    ParentNotImported = "parent_not_imported", Repaired;
    /// The parent comment is on another thread; the comment was placed at the top level of its own
    /// thread.
    ParentElsewhere = "parent_elsewhere", Repaired;
    /// The comment replies to itself, directly or in a cycle; the cycle was cut here, and the
    /// comment was placed at the top level of its thread.
    ParentCycle = "parent_cycle", Repaired;
    /// The page was private or password-protected; the comment waits for moderation.
    PrivatePage = "private_page", Repaired;
    /// The page's address points to a test machine, a cache, a translator or a preview instead of
    /// the site; it was kept unchanged.
    PageElsewhere = "page_elsewhere", Repaired;
    /// In this file, more than three different names use the same e-mail address; this is the first
    /// of their comments. Each comment keeps its name, and all of them count as one author.
    SharedAddress = "shared_address", Repaired;
    /// The file ends before the newest comment of an earlier import: missing comments were created,
    /// and nothing was updated. To replace what is stored, import it again with the option to
    /// overwrite.
    OlderFile = "older_file", Repaired;
    /// The last import of this site used another page key, scheme or mapping table, so threads may
    /// move to other pages; to move them back, import again with the earlier options.
    OtherPageOptions = "other_page_options", Repaired;
    /// The file is damaged in a way that is common for this vendor's exports; it was repaired
    /// before it was read.
    MendedFile = "mended_file", Repaired;
    /// Reactions or fields of the record that cannot be stored here were dropped.
    FieldDropped = "field_dropped", Repaired;
    /// A comment with this id comes earlier in the file; the first one was imported.
    DuplicateId = "duplicate_id", Skipped;
    /// This is a linked site's copy of a comment that came from here.
    CameFromHere = "came_from_here", Skipped;
    /// This is a pingback or trackback; these are skipped unless you ask for them.
    Pingback = "pingback", Skipped;
    /// This is an internal note of the site, such as a shop's note on an order, and not a comment.
    InternalNote = "internal_note", Skipped;
    /// This is spam, which the import was asked to exclude.
    SpamExcluded = "spam_excluded", Skipped;
    /// The record is larger than the limit.
    RecordTooLarge = "record_too_large", Failed;
    /// The record is too damaged to be read.
    UnreadableRecord = "unreadable_record", Failed;
    /// The comment has no id, so a second import could not recognize it.
    NoId = "no_id", Failed;
    /// The comment does not say which thread it belongs to.
    NoThreadReference = "no_thread_reference", Failed;
    /// The linked site sent fewer comments than it announced; run the plugin's upload again to send
    /// all of them.
    SiteSentFewer = "site_sent_fewer", Failed;
    /// The record is nested more deeply than any export is.
    NestedTooDeeply = "nested_too_deeply", Failed;
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Reason {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        // Stores may contain the words used before these.
        let word = match word {
            "missing_id" => "no_id",
            "missing_thread" => "no_thread_reference",
            "parent_missing" => "parent_not_in_file",
            "thread_missing" => "thread_not_in_file",
            word => word,
        };
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.as_str() == word)
            .ok_or_else(|| format!("\"{word}\" is not a reason of a finding"))
    }
}

/// The words, with their meanings.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Reason {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let meanings: Vec<String> =
            Self::ALL.iter().map(|reason| format!("- `{reason}`: {}", reason.sentence())).collect();
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(Self::ALL.iter().map(|reason| reason.as_str())))
            .description(Some(format!("Why something was not imported plainly.\n\n{}", meanings.join("\n"))))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Reason {}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}

/// A record that was not imported unchanged, or a repair of the file outside records. Contains no
/// personal data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// Where the record (or the repaired position outside any record) begins.
    pub at: Position,
    /// The reason.
    pub reason: Reason,
    /// The vendor's id of the record, if it is readable.
    pub source_id: Option<String>,
}
