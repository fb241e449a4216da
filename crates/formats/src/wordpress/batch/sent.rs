//! What a batch says to the one who takes it, before its comments are read.

use rethread_model::{Checksum, SliceContent};
use serde::de::IgnoredAny;

use super::names::{Names, salvaged_id};
use super::{element, framer};
use crate::json::{Object, elements, value};
use crate::notes::Notes;
use crate::reader::Frames;

/// What a batch holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentBatch {
    /// How many comments the site believes are left after this batch.
    pub remaining: u64,
    /// How many elements `comments` has, whatever they are: never less than the comments here.
    pub count: usize,
    /// Those that say WordPress's number, in the order of the batch.
    pub comments: Vec<SentComment>,
    /// What its reader will find.
    pub content: SliceContent,
}

/// What a comment of a batch is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentComment {
    /// WordPress's number of it; by this the site wants to be told of it.
    pub external_id: String,
    /// [`Comment::source_id`](rethread_model::Comment::source_id), as [`read_slice`](crate::read_slice) yields it. `None` where
    /// it will be refused whatever the options: it lacks its post, or cannot be read.
    pub source_id: Option<String>,
    /// The id that the site was given for it at another time; never empty.
    pub known_as: Option<String>,
}

/// Why a body is no batch. The messages hold nothing of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The body is no JSON document.
    #[error("the body is not JSON")]
    NotJson,
    /// It is JSON of another kind.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// `comments` is there and neither an array nor `null`.
    #[error("`comments` is not an array")]
    CommentsNotAnArray,
    /// `countRemaining` is missing or no whole number.
    #[error("`countRemaining` is missing or not a number")]
    CountRemainingMissing,
}

/// Detection at a batch: the body of a request, `{"countRemaining": N, "comments": [ … ]}` (the plugin's integration protocol, as
/// of version 3.19). Without `comments`, or where that is `null`, it holds none.
///
/// Its comments are read as a slice with [`batch_head`](crate::batch_head), which finds the same ones in it, for both go by
/// the same frames.
pub fn read_batch(body: &[u8]) -> Result<SentBatch, BatchError> {
    serde_json::from_slice::<IgnoredAny>(body).map_err(|_| BatchError::NotJson)?;
    let document = body.trim_ascii_start();
    let envelope = Object::read(document, &mut Notes::default()).map_err(|_| BatchError::NotAnObject)?;
    let remaining = envelope.integer("countRemaining").ok_or(BatchError::CountRemainingMissing)?;
    let listed = match value(document, "comments") {
        None | Some(b"null") => 0,
        Some(array) if array.starts_with(b"[") => elements(array).count(),
        Some(_) => return Err(BatchError::CommentsNotAnArray),
    };
    let mut frames = Frames::new(framer(), body);
    let found = frames.by_ref().map(|frame| comment(&body[frame.start..frame.end]));
    let found: Vec<Option<SentComment>> = found.collect();
    Ok(SentBatch {
        remaining: u64::try_from(remaining).unwrap_or(0),
        // Of a body that nests arrays in the array, more may be framed than it lists.
        count: listed.max(found.len()),
        comments: found.into_iter().flatten().collect(),
        content: SliceContent { frames: frames.counts(), checksum: Checksum::of(body) },
    })
}

/// `None` where it does not say WordPress's number.
fn comment(bytes: &[u8]) -> Option<SentComment> {
    let mut notes = Notes::default();
    let Ok(object) = element(bytes, &mut notes) else {
        let external_id = salvaged_id(bytes)?.to_owned();
        return Some(SentComment { external_id, source_id: None, known_as: None });
    };
    let names = Names::of(&object, &mut notes);
    Some(SentComment {
        external_id: names.id.as_deref()?.to_owned(),
        source_id: names.ids().ok().map(|ids| ids.source_id),
        known_as: object.value("_id", &mut notes).map(std::borrow::Cow::into_owned),
    })
}
