//! WordPress's WXR: RSS 2.0 whose items carry comments. Also the WXR dialect that Disqus imports,
//! and the batches that a linked site sends automatically.

mod batch;
mod comment;
mod detection;
mod item;
mod stored_text;
mod survey;

use jiff::tz::TimeZone;
use memchr::memmem;
use rethread_model::{ImportOptions, Origin, PageKey, Position, Reason, Vendor, page_key};
use rethread_syntax::text::clean;
use rethread_syntax::xml::{
    Dialect, Ends, Extent, Grammar, LenientFramer, Namespaces, Rule, Shape, XmlFramer, XmlPrefix, read,
};
use rethread_syntax::{FrameKind, Framed, Framer};
use serde_json::Value;

use self::item::Item;
use crate::format::{Format, FrameReader, Surveyor};
use crate::info::{Question, Syntax, VendorInfo};
use crate::origin::host;
use crate::portion::Portion;
use crate::record::{embedded_record_offsets, text_of};

pub use batch::{BatchError, SentBatch, SentComment, batch_head, read_batch};
pub use stored_text::{html_for_wordpress, name_for_wordpress};

/// The format of WordPress's exports, and of batches: a slice's head states which. Batches are
/// never planned.
pub struct WordPress;

/// The names in a WXR document.
static DIALECT: Dialect = Dialect {
    namespaces: Namespaces { prefix_of, usual_prefixes: &["wp", "dsq"] },
    shapes: &[
        Shape { prefix: "wp", name: "comment", kind: FrameKind::Comment, extent: Extent::Whole },
        Shape { prefix: "", name: "item", kind: FrameKind::Thread, extent: Extent::Beginning },
        Shape { prefix: "", name: "rss", kind: FrameKind::Head, extent: Extent::StartTag },
        Shape { prefix: "wp", name: "base_blog_url", kind: FrameKind::Head, extent: Extent::Whole },
        Shape { prefix: "wp", name: "base_site_url", kind: FrameKind::Head, extent: Extent::Whole },
        Shape { prefix: "", name: "link", kind: FrameKind::Head, extent: Extent::Whole },
    ],
    lenient: |handover| Box::new(LenientFramer::resume(&GRAMMAR, handover)),
};

/// The usual prefixes of the namespaces of a WXR file and of the dialect that Disqus imports. The
/// name of WordPress's namespace includes its version (1.0 to 1.3 so far, and none in hand-made
/// files).
fn prefix_of(namespace: &str) -> Option<&'static str> {
    let export = namespace.strip_prefix("wordpress.org/export");
    if let Some(version) = export.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        let (version, prefix) =
            version.strip_suffix("/excerpt").map_or((version, "wp"), |version| (version, "excerpt"));
        let is_version = version.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'/'));
        return is_version.then_some(prefix);
    }
    match namespace {
        "purl.org/rss/1.0/modules/content" => Some("content"),
        "purl.org/dc/elements/1.1" => Some("dc"),
        "disqus.com" => Some("dsq"),
        _ => None,
    }
}

/// An element of the channel that names the site.
const fn site(tag: &'static str, end: &'static str) -> Rule {
    Rule { tag, kind: FrameKind::Head, ends: Ends::With(end), interrupted_by: &["item", "/channel"], lost_ends: &[] }
}

/// An item is framed up to its first comment, so that a large item can be cut between its comments.
/// Anything after its comments is skipped.
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

static INFO: VendorInfo = VendorInfo {
    vendor: Vendor::WordPress,
    evidence: "root element rss with wp: elements",
    syntax: Syntax::Xml,
    first_questions: &[],
    more_questions: &[
        Question::PageKey(PageKey::Identifier),
        Question::TimeZone,
        Question::Pingbacks,
        Question::IpAddresses,
        Question::ExcludeSpam,
    ],
    products: &["WordPress"],
};

impl Format for WordPress {
    fn info(&self) -> &'static VendorInfo {
        &INFO
    }

    fn looks_like_xml(&self, prefix: &XmlPrefix<'_>) -> bool {
        detection::is_export(prefix)
    }

    fn has_xml_records(&self, document: &[u8]) -> bool {
        memmem::find(document, b"<wp:comment_id>").is_some()
    }

    fn xml_roots(&self) -> &'static [&'static str] {
        &["rss"]
    }

    /// A site may live below a path.
    fn site_of(&self, url: &str) -> Option<Origin> {
        host(url).map(|_| Origin::new(page_key(url)))
    }

    /// The address at which WordPress shows every post.
    fn address_of_page(&self, site: &Origin, url_id: &str) -> Option<String> {
        let is_number = !url_id.is_empty() && url_id.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| format!("https://{site}/?p={url_id}"))
    }

    fn framer(&self, head: Option<&Value>) -> Box<dyn Framer + Send> {
        if head.is_some_and(batch::is_batch) {
            return batch::framer();
        }
        Box::new(XmlFramer::new(&DIALECT, head))
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

/// The start of a comment.
const COMMENT_TAG: &str = "<wp:comment>";

/// Reads comments, which belong to the item around them.
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
        let lost = embedded_record_offsets(frame, COMMENT_TAG, &notes);
        match item::read(&cleaned.text, frame.scope, &mut notes) {
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
        let refusal = |reason, item| comment::refusal(reason, item, &cleaned.text, frame.scope);
        let Some(item) = &self.item else { return portion.refused(refusal(Reason::NoThreadReference, None), frame.at) };
        let element = match read(&cleaned.text, frame.scope, &mut notes) {
            Ok(element) => element,
            Err(unreadable) => return portion.refused(refusal(unreadable.reason(), Some(&item.id)), frame.at),
        };
        if !std::mem::replace(&mut self.is_yielded, true) {
            portion.thread(item.thread(self.options.page_key, self.zone.as_ref()), frame.at);
        }
        let context = comment::Context { item, options: self.options, zone: self.zone.as_ref() };
        let lost = embedded_record_offsets(frame, COMMENT_TAG, &notes);
        comment::read(&element, notes, &context, frame.at, portion);
        self.refuse(&lost, frame, portion);
    }

    /// Reports comments that lie in another frame and are lost.
    fn refuse(&self, lost: &[usize], frame: &Framed<'_>, portion: &mut Portion) {
        let item = self.item.as_ref().map(|item| item.id.as_str());
        for place in lost {
            let at = Position { offset: frame.at.offset + *place as u64, ..frame.at };
            let beginning = clean(&frame.bytes[*place..]).text;
            portion.refused(comment::refusal(Reason::UnreadableRecord, item, &beginning, None), at);
        }
    }
}
