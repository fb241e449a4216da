//! `IntenseDebate`: XML with a `<blogpost>` for each page, which contains its comments.
//!
//! No public file is known. The shape is the one that three independent importers read. The
//! exporter writes careless XML (the vendor's own importer reads it line by line), so nothing here
//! relies on a well-formed document. If it is not well-formed, records are found by their tags, and
//! ids are read from the bytes of a start tag, even if its quotes are damaged. The root may have
//! any name.

mod comment;
mod framer;
mod post;
mod survey;
mod tag;

use jiff::tz::TimeZone;
use memchr::memmem;
use rethread_model::{ImportOptions, PageKey, Position, Reason, Refused, Vendor};
use serde_json::Value;

pub(crate) use self::framer::DIALECT;
use rethread_syntax::text::clean;
use rethread_syntax::xml::{Scope, XmlFramer, XmlPrefix, read, read_open};
use rethread_syntax::{FrameKind, Framed, Framer, Notes};

use self::post::Place;
use self::tag::attribute;
use crate::format::{Format, FrameReader, Surveyor};
use crate::info::{Question, Syntax, VendorInfo};
use crate::portion::Portion;
use crate::record::{embedded_record_offsets, text_of};

/// The format of `IntenseDebate`'s exports.
pub(crate) struct IntenseDebate;

static INFO: VendorInfo = VendorInfo {
    vendor: Vendor::IntenseDebate,
    evidence: "elements blogpost and comment",
    syntax: Syntax::Xml,
    first_questions: &[],
    more_questions: &[Question::PageKey(PageKey::Identifier), Question::TimeZone, Question::IpAddresses],
    products: &["IntenseDebate"],
};

impl Format for IntenseDebate {
    fn info(&self) -> &'static VendorInfo {
        &INFO
    }

    fn looks_like_xml(&self, prefix: &XmlPrefix<'_>) -> bool {
        // Feeds may quote such elements.
        let is_feed = matches!(prefix.local_name(), "rss" | "feed");
        let has_post = prefix.holds("<blogpost") || prefix.name() == "blogpost";
        // Without a comment, nothing in a document identifies the vendor, except its root.
        let is_empty = || prefix.name() == "output" && prefix.is_empty_root();
        !is_feed && (has_post && prefix.holds("<comment") || is_empty())
    }

    fn has_xml_records(&self, document: &[u8]) -> bool {
        let holds = |needle: &str| memmem::find(document, needle.as_bytes()).is_some();
        holds("<blogpost") && holds("<comment id=")
    }

    fn xml_roots(&self) -> &'static [&'static str] {
        &["output", "blogpost"]
    }

    fn framer(&self, head: Option<&Value>) -> Box<dyn Framer + Send> {
        Box::new(XmlFramer::new(&DIALECT, head))
    }

    fn surveyor(&self) -> Box<dyn Surveyor> {
        Box::<survey::DebateSurveyor>::default()
    }

    fn reader<'a>(&self, head: &'a Value, options: &'a ImportOptions) -> Box<dyn FrameReader + Send + 'a> {
        let zone = options.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        Box::new(DebateReader { options, zone, place: Place::from_head(head), is_yielded: false })
    }
}

/// The start of a comment.
const COMMENT_TAG: &str = "<comment id=";

/// Reads comments, which belong to the blogpost around them.
struct DebateReader<'a> {
    options: &'a ImportOptions,
    zone: Option<TimeZone>,
    place: Place,
    /// Whether the blogpost was yielded as a thread; one without comments never is.
    is_yielded: bool,
}

impl FrameReader for DebateReader<'_> {
    fn read(&mut self, frame: Framed<'_>, portion: &mut Portion) {
        if !self.place.holds(&frame) {
            return;
        }
        match frame.kind {
            FrameKind::Thread => self.begin_post(&frame, portion),
            FrameKind::ThreadEnd => self.place = Place::Outside,
            FrameKind::Comment => self.comment(&frame, portion),
            FrameKind::Head | FrameKind::Author => {}
        }
    }
}

impl DebateReader<'_> {
    fn begin_post(&mut self, frame: &Framed<'_>, portion: &mut Portion) {
        let (cleaned, mut notes) = text_of(frame);
        self.is_yielded = false;
        let lost = embedded_record_offsets(frame, COMMENT_TAG, &notes);
        match post::read(&cleaned.text, frame.scope, &mut notes) {
            Ok(post) => {
                portion.findings.extend(notes.into_findings(frame.at, post.as_ref().map(|post| post.id.as_str())));
                self.place = Place::Inside(post);
            }
            Err(unreadable) => {
                self.place = Place::Inside(None);
                portion.finding(unreadable.reason(), None, frame.at);
            }
        }
        refuse(&lost, frame, portion);
    }

    fn comment(&mut self, frame: &Framed<'_>, portion: &mut Portion) {
        let (cleaned, mut notes) = text_of(frame);
        let Place::Inside(Some(post)) = &self.place else {
            return portion.refused(refused(Reason::NoThreadReference, frame.bytes, frame.scope), frame.at);
        };
        if !std::mem::replace(&mut self.is_yielded, true) {
            portion.thread(post.thread(self.options.page_key), frame.at);
        }
        match read(&cleaned.text, frame.scope, &mut notes) {
            Ok(element) => {
                let context = comment::Context { post: &post.id, options: self.options, zone: self.zone.as_ref() };
                let lost = embedded_record_offsets(frame, COMMENT_TAG, &notes);
                comment::read(frame, &element, notes, &context, portion);
                refuse(&lost, frame, portion);
            }
            Err(unreadable) => portion.refused(refused(unreadable.reason(), frame.bytes, frame.scope), frame.at),
        }
    }
}

/// Reports comments that lie in another frame and are lost.
fn refuse(lost: &[usize], frame: &Framed<'_>, portion: &mut Portion) {
    for place in lost {
        let at = Position { offset: frame.at.offset + *place as u64, ..frame.at };
        portion.refused(refused(Reason::UnreadableRecord, &frame.bytes[*place..], None), at);
    }
}

/// A comment of which only the bytes are known, perhaps only the first ones.
fn refused(reason: Reason, bytes: &[u8], scope: Option<Scope<'_>>) -> Refused {
    let cleaned = clean(bytes);
    let element = scope.and_then(|_| read_open(&cleaned.text, scope, &mut Notes::default()).ok());
    let (id, parent) = match &element {
        Some(element) => (element.attribute("id"), element.attribute("parentid")),
        None => (attribute(bytes, "id").value(), attribute(bytes, "parentid").value()),
    };
    Refused {
        reason,
        source_id: id.map(str::to_owned),
        is_reply: parent.is_some_and(|parent| parent != comment::NO_PARENT),
    }
}
