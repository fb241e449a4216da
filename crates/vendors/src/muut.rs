//! Muut (once Moot): one JSON object whose member `threads` holds, for each channel's path, an
//! array of threads `{"seed": {…}, "replies": […]}`.
//!
//! No public file is known. The shape is the one that the importer of a forum program reads. Its
//! authors found damage in every file: parentheses around it, extra brackets, missing commas.
//! Strict reading repairs these where it meets them, and nowhere else; see [`scan`].

mod entry;
mod framer;
mod page;
mod parts;
mod post;
mod scan;
mod survey;
mod text;

use rethread_model::{ImportOptions, PageKey, Position, Reason, Vendor};
use rethread_syntax::json::JsonPrefix;
use rethread_syntax::{FrameKind, Framed, Framer};
use serde_json::Value;

use self::entry::Entry;
use self::framer::MuutFramer;
use self::parts::{Part, Parts};
use self::post::Conversation;
use crate::format::{Format, FrameReader, Likeness, Surveyor};
use crate::info::{Question, Syntax, VendorInfo};
use crate::portion::Portion;

/// The format of Muut's exports.
pub(crate) struct Muut;

/// The member of a slice's head that names the channel that the slice begins in.
const HEAD_PATH: &str = "path";

static INFO: VendorInfo = VendorInfo {
    vendor: Vendor::Muut,
    evidence: "channels of threads with seed and replies",
    syntax: Syntax::Json,
    first_questions: &[Question::SiteUrl],
    more_questions: &[Question::PageKey(PageKey::Identifier)],
    products: &["Muut"],
};

impl Format for Muut {
    fn info(&self) -> &'static VendorInfo {
        &INFO
    }

    fn looks_like_json(&self, prefix: &JsonPrefix<'_>) -> Option<Likeness> {
        // Extra brackets hide `threads`.
        let is_one =
            prefix.has("threads") && prefix.has("categories") || prefix.mentions("seed") && prefix.mentions("replies");
        (prefix.is_object() && is_one).then_some(Likeness::Certain)
    }

    fn has_own_keys(&self, prefix: &JsonPrefix<'_>) -> bool {
        prefix.has_key("threads") || prefix.has_key("categories")
    }

    fn takes_user_lists(&self) -> bool {
        true
    }

    fn framer(&self, head: Option<&Value>) -> Box<dyn Framer + Send> {
        Box::new(MuutFramer::new(head))
    }

    fn surveyor(&self) -> Box<dyn Surveyor> {
        Box::<survey::MuutSurveyor>::default()
    }

    fn threads_only_lead(&self) -> bool {
        true
    }

    fn reader<'a>(&self, head: &'a Value, options: &'a ImportOptions) -> Box<dyn FrameReader + Send + 'a> {
        let path = head.get(HEAD_PATH).and_then(Value::as_str).map(str::to_owned);
        Box::new(MuutReader { options, path })
    }
}

/// Reads threads, each with its seed and its replies.
struct MuutReader<'a> {
    options: &'a ImportOptions,
    /// The path of the current channel.
    path: Option<String>,
}

impl FrameReader for MuutReader<'_> {
    fn read(&mut self, frame: Framed<'_>, portion: &mut Portion) {
        match frame.kind {
            FrameKind::Thread => self.path = page::path_of(frame.bytes),
            FrameKind::Comment => self.thread(&frame, portion),
            FrameKind::Head | FrameKind::ThreadEnd | FrameKind::Author => {}
        }
    }
}

impl MuutReader<'_> {
    fn thread(&self, frame: &Framed<'_>, portion: &mut Portion) {
        let parts = Parts::of(frame.bytes);
        let at = |place: usize| Position { offset: frame.at.offset + place as u64, ..frame.at };
        let mut conversation = Conversation::new(self.path.as_deref(), self.options);
        let entry = |part: &Part| Entry::read(&frame.bytes[part.range.clone()]);
        if let Some(part) = &parts.seed {
            match entry(part) {
                Ok(seed) => conversation.seed(seed, at(part.range.start), portion),
                Err(reason) => {
                    let bytes = &frame.bytes[part.range.clone()];
                    conversation.lost_seed(reason, bytes, at(part.range.start), portion);
                }
            }
        } else {
            let end = parts.replies.first().map_or(frame.bytes.len(), |part| part.range.start);
            let before_replies = &frame.bytes[..end];
            let was_there = ["\"date\"", "\"body\"", "\"author\""].iter().any(|key| holds(before_replies, key));
            if was_there || parts.replies.is_empty() {
                conversation.lost_seed(Reason::UnreadableRecord, before_replies, frame.at, portion);
            }
        }
        for part in &parts.replies {
            match entry(part) {
                Ok(reply) => conversation.reply(reply, at(part.range.start), portion),
                Err(reason) => {
                    let bytes = &frame.bytes[part.range.clone()];
                    conversation.lost_reply(reason, bytes, at(part.range.start), portion);
                }
            }
        }
        if let Some(place) = parts.mended {
            portion.finding(Reason::MendedFile, conversation.id(), at(place));
        }
    }
}

fn holds(bytes: &[u8], key: &str) -> bool {
    memchr::memmem::find(bytes, key.as_bytes()).is_some()
}
