//! Inspects a batch when it is received, before its comments are read.

use rethread_model::{Checksum, SliceContent};
use rethread_syntax::json::{Object, elements, value};
use rethread_syntax::{Frames, Notes};
use serde::de::IgnoredAny;

use super::names::{Names, salvaged_id};
use super::{element, framer};

/// The content of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentBatch {
    /// How many comments remain after this batch, according to the site.
    pub remaining: u64,
    /// The number of elements in `comments`, of any kind: never less than the number of comments
    /// found.
    pub count: usize,
    /// The comments that have WordPress's number, in the order of the batch.
    pub comments: Vec<SentComment>,
    /// What its reader will find.
    pub content: SliceContent,
}

/// A comment of a batch, by its ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentComment {
    /// WordPress's number, by which the site wants the comment reported.
    pub external_id: String,
    /// [`Comment::source_id`](rethread_model::Comment::source_id), as
    /// `read_slice` of `rethread-formats` yields it. `None` if the comment will be refused whatever
    /// the options, because its post is missing or it is unreadable.
    pub source_id: Option<String>,
    /// The id that the site received for it earlier; never empty.
    pub known_as: Option<String>,
}

/// Why a body is not a batch. The messages contain nothing from the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The body is not a JSON document.
    #[error("the body is not JSON")]
    NotJson,
    /// It is JSON, but not an object.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// `comments` exists and is neither an array nor `null`.
    #[error("`comments` is not an array")]
    CommentsNotAnArray,
    /// `countRemaining` is missing or not a whole number.
    #[error("`countRemaining` is missing or not a number")]
    CountRemainingMissing,
}

/// Inspects a batch: the body of a request, `{"countRemaining": N, "comments": [ … ]}` (the
/// plugin's integration protocol, as of version 3.19). Without `comments`, or if it is `null`, the
/// batch is empty.
///
/// Its comments are read as a slice with [`batch_head`](crate::wordpress::batch_head). Both use the
/// same frames and so find the same comments.
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
        // If the array contains nested arrays, framing may find more elements than the array lists.
        count: listed.max(found.len()),
        comments: found.into_iter().flatten().collect(),
        content: SliceContent { frames: frames.counts(), checksum: Checksum::of(body) },
    })
}

/// `None` if it does not have WordPress's number.
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
