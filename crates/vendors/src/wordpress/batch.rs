//! The batches in which a linked site sends its comments (the plugin's integration protocol, as of
//! version 3.19).
//!
//! ```json
//! {"countRemaining": 141, "comments": [     {"externalId": "7", "externalParentId": null, "urlId":
//! "3",      "url": "https://blog.example.org/?p=3", "pageTitle": "A post",      "commenterName":
//! "Ann", "commenterEmail": "ann@example.org", "comment": "Bare\nnewlines",      "date":
//! "2020-01-02 00:00:00", "votesUp": 0, "votesDown": 0, "isSpam": false, "approved": true}]}
//! ```
//!
//! A comment gives the same records as in the site's own export, as far as a batch contains the
//! data. It neither distinguishes pingbacks from comments, nor has a commenter's site, user id and
//! IP address.

mod comment;
mod names;
mod sent;

use std::borrow::Cow;
use std::collections::HashSet;

use rethread_model::{ImportOptions, Position, Reason, Refused, Status, Thread};
use rethread_syntax::json::{ArrayRule, Grammar, JsonFramer, Object};
use rethread_syntax::{FrameKind, Framed, Framer, Notes};
use serde_json::{Value, json};

use self::names::Names;
use crate::format::FrameReader;
use crate::portion::Portion;

pub use sent::{BatchError, SentBatch, SentComment, read_batch};

static GRAMMAR: Grammar = Grammar {
    arrays: &[ArrayRule {
        name: "comments",
        kind: FrameKind::Comment,
        keys: &[
            "externalId",
            "externalParentId",
            "_id",
            "tenantId",
            "urlId",
            "url",
            "pageTitle",
            "userId",
            "commenterName",
            "commenterEmail",
            "comment",
            "date",
            "votes",
            "votesUp",
            "votesDown",
            "verified",
            "isSpam",
            "approved",
            "avatarSrc",
            "hasImages",
            "hasLinks",
        ],
    }],
    scalars: &[],
};

/// The member of a slice's head which marks the slice as a batch.
const HEAD_BATCH: &str = "batch";

/// The head of a slice that is a batch: the whole body of a request, as received. Its vendor is
/// WordPress.
#[must_use]
pub fn batch_head() -> Value {
    json!({ HEAD_BATCH: true })
}

/// Whether a slice with this head is a batch.
pub(super) fn is_batch(head: &Value) -> bool {
    head[HEAD_BATCH] == Value::Bool(true)
}

/// A batch is a whole document, although it comes as a slice.
pub(super) fn framer() -> Box<dyn Framer + Send> {
    Box::new(JsonFramer::new(&GRAMMAR, None))
}

/// Reads one element of `comments`. The object reader reports damage that framing found, because it
/// may be able to repair it.
fn element<'b>(bytes: &'b [u8], notes: &mut Notes) -> Result<Object<'b>, Reason> {
    Object::read(bytes, notes).map_err(|_| Reason::UnreadableRecord)
}

/// Reads a batch. Each comment carries its post.
pub(super) struct BatchReader<'a> {
    options: &'a ImportOptions,
    /// The threads that this batch's comments have already described.
    threads: HashSet<Thread>,
}

impl<'a> BatchReader<'a> {
    pub(super) fn new(options: &'a ImportOptions) -> Self {
        Self { options, threads: HashSet::new() }
    }

    fn comment(&mut self, object: &Object<'_>, mut notes: Notes, at: Position, portion: &mut Portion) {
        let names = Names::of(object, &mut notes);
        if let Some(post) = &names.post {
            self.yield_thread(comment::thread(object, post, self.options, &mut notes), at, portion);
        }
        let is_reply = names.parent.is_some();
        let refuse = |reason, source_id| Refused { reason, source_id, is_reply };
        let ids = match names.ids() {
            Ok(ids) => ids,
            Err(reason) => return portion.refused(refuse(reason, names.id.map(Cow::into_owned)), at),
        };
        if comment::status(object) == Status::Spam && self.options.exclude_spam {
            return portion.refused(refuse(Reason::SpamExcluded, Some(ids.source_id)), at);
        }
        comment::read(object, ids, notes, at, portion);
    }

    fn yield_thread(&mut self, thread: Thread, at: Position, portion: &mut Portion) {
        if !self.threads.contains(&thread) {
            self.threads.insert(thread.clone());
            portion.thread(thread, at);
        }
    }
}

impl FrameReader for BatchReader<'_> {
    fn read(&mut self, frame: Framed<'_>, portion: &mut Portion) {
        if frame.kind != FrameKind::Comment {
            return;
        }
        let mut notes = Notes::default();
        match element(frame.bytes, &mut notes) {
            Ok(object) => self.comment(&object, notes, frame.at, portion),
            Err(reason) => portion.refused(names::unreadable(reason, frame.bytes), frame.at),
        }
    }
}
