//! WordPress's WXR: RSS 2.0 whose items carry comments. Also the dialect of it in which Disqus takes imports, and the
//! batches that a linked site sends by itself.

mod batch;
mod comment;
mod item;
mod stored_text;
mod survey;

use jiff::tz::TimeZone;
use rethread_model::{ImportOptions, Position, Reason};
use serde_json::Value;

use self::item::Item;
use crate::format::{Format, FrameKind, FrameReader, Framed, Framer, Surveyor};
use crate::reader::Portion;
use crate::record::{swallowed, text_of};
use crate::text::clean;
use crate::xml::{Ends, Grammar, Rule, XmlFramer, parse};

pub use batch::{BatchError, SentBatch, SentComment, batch_head, read_batch};
pub use stored_text::{html_for_wordpress, name_for_wordpress};

/// The format of WordPress's exports, and of batches: a slice's head says which. Batches are never planned.
pub(crate) struct WordPress;

/// An element of the channel that names the site.
const fn site(tag: &'static str, end: &'static str) -> Rule {
    Rule { tag, kind: FrameKind::Head, ends: Ends::With(end), interrupted_by: &["item", "/channel"], lost_ends: &[] }
}

/// An item is framed up to its first comment, so that an item with many comments can be cut between them. What follows
/// its comments is passed over.
static GRAMMAR: Grammar = Grammar {
    root: "rss",
    rules: &[
        Rule {
            tag: "wp:comment",
            kind: FrameKind::Comment,
            ends: Ends::With("/wp:comment"),
            interrupted_by: &["wp:comment", "/item", "item", "/channel"],
            lost_ends: &[("/wp:comment", &["wp:comment", "/item"])],
        },
        Rule {
            tag: "item",
            kind: FrameKind::Thread,
            ends: Ends::Before(&["wp:comment", "/item"]),
            interrupted_by: &["item", "/channel"],
            lost_ends: &[("/item", &["item", "/channel"]), ("wp:comment", &["wp:comment_id"])],
        },
        Rule {
            tag: "/item",
            kind: FrameKind::ThreadEnd,
            ends: Ends::WithStartTag,
            interrupted_by: &[],
            lost_ends: &[],
        },
        Rule { tag: "rss", kind: FrameKind::Head, ends: Ends::WithStartTag, interrupted_by: &[], lost_ends: &[] },
        site("wp:base_blog_url", "/wp:base_blog_url"),
        site("wp:base_site_url", "/wp:base_site_url"),
        site("link", "/link"),
    ],
    prefixed_heads: true,
};

impl Format for WordPress {
    fn framer(&self, head: Option<&Value>) -> Box<dyn Framer + Send> {
        if head.is_some_and(batch::is_batch) {
            return batch::framer();
        }
        Box::new(XmlFramer::new(&GRAMMAR))
    }

    fn surveyor(&self) -> Box<dyn Surveyor> {
        Box::<survey::WordPressSurveyor>::default()
    }

    fn reader<'a>(&self, head: &'a Value, options: &'a ImportOptions) -> Box<dyn FrameReader + Send + 'a> {
        if batch::is_batch(head) {
            return Box::new(batch::BatchReader::new(options));
        }
        let zone = options.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        let item = serde_json::from_value(head["item"].clone()).ok();
        Box::new(WordPressReader { options, zone, item, is_yielded: false })
    }
}

/// How comments begin.
const COMMENT_TAG: &str = "<wp:comment>";

/// Comments belong to the item around them.
struct WordPressReader<'a> {
    options: &'a ImportOptions,
    zone: Option<TimeZone>,
    item: Option<Item>,
    /// Whether the item was yielded as a thread; one without comments never is.
    is_yielded: bool,
}

impl FrameReader for WordPressReader<'_> {
    fn read(&mut self, frame: Framed<'_>, portion: &mut Portion) {
        match frame.kind {
            FrameKind::Thread => self.begin_item(&frame, portion),
            FrameKind::ThreadEnd => self.item = None,
            FrameKind::Comment => self.comment(&frame, portion),
            FrameKind::Head | FrameKind::Author => {}
        }
    }
}

impl WordPressReader<'_> {
    fn begin_item(&mut self, frame: &Framed<'_>, portion: &mut Portion) {
        let (cleaned, mut notes) = text_of(frame);
        self.is_yielded = false;
        let lost = swallowed(frame, COMMENT_TAG, &notes);
        match item::read(&cleaned.text, &mut notes) {
            Ok(item) => {
                portion.findings.extend(notes.into_findings(frame.at, item.as_ref().map(|item| item.id.as_str())));
                self.item = item;
            }
            Err(unreadable) => {
                self.item = None;
                portion.finding(unreadable.reason(), None, frame.at);
            }
        }
        self.refuse(&lost, frame, portion);
    }

    fn comment(&mut self, frame: &Framed<'_>, portion: &mut Portion) {
        let (cleaned, mut notes) = text_of(frame);
        let refusal = |reason, item| comment::refusal(reason, item, &cleaned.text);
        let Some(item) = &self.item else { return portion.refused(refusal(Reason::MissingThread, None), frame.at) };
        let element = match parse(&cleaned.text, &mut notes) {
            Ok(element) => element,
            Err(unreadable) => return portion.refused(refusal(unreadable.reason(), Some(&item.id)), frame.at),
        };
        if !std::mem::replace(&mut self.is_yielded, true) {
            portion.thread(item.thread(self.options.page_key, self.zone.as_ref()), frame.at);
        }
        let context = comment::Context { item: &item.id, options: self.options, zone: self.zone.as_ref() };
        let lost = swallowed(frame, COMMENT_TAG, &notes);
        comment::read(&element, notes, &context, frame.at, portion);
        self.refuse(&lost, frame, portion);
    }

    /// Tells of comments that lie in another frame and are lost.
    fn refuse(&self, lost: &[usize], frame: &Framed<'_>, portion: &mut Portion) {
        let item = self.item.as_ref().map(|item| item.id.as_str());
        for place in lost {
            let at = Position { offset: frame.at.offset + *place as u64, ..frame.at };
            let beginning = clean(&frame.bytes[*place..]).text;
            portion.refused(comment::refusal(Reason::UnreadableRecord, item, &beginning), at);
        }
    }
}

#[cfg(test)]
mod tests;
