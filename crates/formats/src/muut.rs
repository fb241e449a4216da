//! Muut (once Moot): one JSON object whose member `threads` holds, for each channel's path, an array of threads
//! `{"seed": {…}, "replies": […]}`.
//!
//! No public file is known; the shape is what the importer of a forum program reads. Its authors met damage in every
//! file: parentheses around it, brackets too many, commas too few. These are mended where strict reading meets them, and
//! nowhere else; see [`scan`].

mod framer;
mod page;
mod parts;
mod post;
mod scan;
mod survey;
#[cfg(test)]
mod tests;
mod text;

use rethread_model::{ImportOptions, Position, Reason, Refused};
use serde_json::Value;

use self::framer::MuutFramer;
use self::parts::{Part, Parts};
use self::post::Conversation;
use crate::format::{Format, FrameKind, FrameReader, Framed, Framer, Surveyor};
use crate::json::{Object, salvage};
use crate::notes::Notes;
use crate::reader::Portion;

/// The format of Muut's exports.
pub(crate) struct Muut;

/// The member of a slice's head that names the channel that the slice begins in.
const HEAD_PATH: &str = "path";

impl Format for Muut {
    fn framer(&self, head: Option<&Value>) -> Box<dyn Framer + Send> {
        Box::new(MuutFramer::new(head))
    }

    fn surveyor(&self) -> Box<dyn Surveyor> {
        Box::<survey::MuutSurveyor>::default()
    }

    fn reader<'a>(&self, head: &'a Value, options: &'a ImportOptions) -> Box<dyn FrameReader + Send + 'a> {
        let path = head.get(HEAD_PATH).and_then(Value::as_str).map(str::to_owned);
        Box::new(MuutReader { options, path })
    }
}

/// Reads threads, each with its seed and its replies.
struct MuutReader<'a> {
    options: &'a ImportOptions,
    /// The path of the channel at hand.
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
        if parts.seed.is_none() && parts.replies.is_empty() {
            let id = salvage(frame.bytes, "id").or_else(|| salvage(frame.bytes, "key"));
            let id = id.map(str::to_owned);
            portion.refused(Refused { reason: Reason::UnreadableRecord, source_id: id, is_reply: false }, frame.at);
            return;
        }
        let mut conversation = Conversation::new(self.path.as_deref(), self.options);
        if let Some(seed) = &parts.seed {
            let bytes = &frame.bytes[seed.range.clone()];
            let mut notes = Notes::default();
            match object(seed, bytes, &mut notes) {
                Ok(object) => conversation.seed(&object, bytes, notes, at(seed.range.start), portion),
                Err(reason) => conversation.lost_seed(reason, bytes, at(seed.range.start), portion),
            }
        }
        for reply in &parts.replies {
            let bytes = &frame.bytes[reply.range.clone()];
            let mut notes = Notes::default();
            match object(reply, bytes, &mut notes) {
                Ok(object) => conversation.reply(&object, bytes, notes, at(reply.range.start), portion),
                Err(reason) => conversation.lost_reply(reason, bytes, at(reply.range.start), portion),
            }
        }
        if let Some(place) = parts.mended {
            portion.finding(Reason::MendedFile, conversation.id(), at(place));
        }
    }
}

fn object<'b>(part: &Part, bytes: &'b [u8], notes: &mut Notes) -> Result<Object<'b>, Reason> {
    if part.is_too_deep {
        return Err(Reason::NestedTooDeeply);
    }
    Object::read(bytes, notes).map_err(|_| Reason::UnreadableRecord)
}
