//! Disqus: `<disqus>` with categories, then threads, then posts.

mod fields;
mod post;
mod survey;
mod thread;

use std::collections::HashMap;

use memchr::memmem;
use rethread_model::{ImportOptions, Origin, PageKey, Position, Reason, Vendor};
use rethread_syntax::text::clean;
use rethread_syntax::xml::{
    Dialect, Ends, Extent, Grammar, LenientFramer, Namespaces, Rule, Shape, XmlFramer, XmlPrefix, read,
};
use rethread_syntax::{FrameKind, Framed, Framer};
use serde_json::Value;

use self::fields::{forum_of, reference};
use crate::format::{Format, FrameReader, SLICE_HEAD, Surveyor};
use crate::info::{Question, Syntax, VendorInfo};
use crate::portion::Portion;
use crate::record::{embedded_record_offsets, text_of};

pub use self::post::avatar;

/// The format of Disqus's exports.
pub struct Disqus;

/// The names in a Disqus document.
static DIALECT: Dialect = Dialect {
    namespaces: Namespaces {
        prefix_of: |namespace| match namespace {
            "disqus.com" => Some(""),
            "disqus.com/disqus-internals" => Some("dsq"),
            _ => None,
        },
        usual_prefixes: &["dsq"],
    },
    shapes: &[
        Shape { prefix: "", name: "post", kind: FrameKind::Comment, extent: Extent::Whole },
        Shape { prefix: "", name: "thread", kind: FrameKind::Thread, extent: Extent::Whole },
        Shape { prefix: "", name: "category", kind: FrameKind::Head, extent: Extent::Whole },
        Shape { prefix: "", name: "disqus", kind: FrameKind::Head, extent: Extent::StartTag },
    ],
    lenient: |handover| Box::new(LenientFramer::resume(&GRAMMAR, handover)),
};

static GRAMMAR: Grammar = Grammar {
    root: "disqus",
    rules: &[
        Rule {
            tag: "post",
            kind: FrameKind::Comment,
            ends: Ends::With("/post"),
            interrupted_by: &["post"],
            lost_ends: &[("/post", &["post", "thread", "/disqus"])],
        },
        Rule {
            tag: "thread",
            kind: FrameKind::Thread,
            ends: Ends::With("/thread"),
            interrupted_by: &["thread", "post"],
            lost_ends: &[("/thread", &["thread", "post", "/disqus"])],
        },
        Rule {
            tag: "category",
            kind: FrameKind::Head,
            ends: Ends::With("/category"),
            interrupted_by: &["category", "thread", "post"],
            lost_ends: &[("/category", &["category", "thread", "post", "/disqus"])],
        },
        Rule { tag: "disqus", kind: FrameKind::Head, ends: Ends::WithStartTag, interrupted_by: &[], lost_ends: &[] },
    ],
    prefixed_heads: false,
};

static INFO: VendorInfo = VendorInfo {
    vendor: Vendor::Disqus,
    evidence: "root element disqus",
    syntax: Syntax::Xml,
    first_questions: &[],
    more_questions: &[Question::PageKey(PageKey::Identifier), Question::ExcludeSpam],
    products: &["Disqus"],
};

impl Format for Disqus {
    fn info(&self) -> &'static VendorInfo {
        &INFO
    }

    fn looks_like_xml(&self, prefix: &XmlPrefix<'_>) -> bool {
        prefix.local_name() == "disqus"
    }

    fn has_xml_records(&self, document: &[u8]) -> bool {
        memmem::find(document, b"<post dsq:id=").is_some()
    }

    fn xml_roots(&self) -> &'static [&'static str] {
        &["disqus"]
    }

    fn framer(&self, head: Option<&Value>) -> Box<dyn Framer + Send> {
        Box::new(XmlFramer::new(&DIALECT, head))
    }

    fn surveyor(&self) -> Box<dyn Surveyor> {
        Box::<survey::DisqusSurveyor>::default()
    }

    fn reader<'a>(&self, head: &'a Value, options: &'a ImportOptions) -> Box<dyn FrameReader + Send + 'a> {
        Box::new(DisqusReader { options, elsewhere: forums_of_threads(head) })
    }
}

/// The key in the slice's own part of its head for threads of forums other than the document's
/// first one: an object of arrays of thread ids, by forum.
const HEAD_FORUMS: &str = "forums";

fn forums_of_threads(head: &Value) -> HashMap<&str, Origin> {
    let forums = head[SLICE_HEAD][HEAD_FORUMS].as_object();
    let pairs = forums.into_iter().flatten().flat_map(|(forum, threads)| {
        let threads = threads.as_array().into_iter().flatten().filter_map(Value::as_str);
        threads.map(move |thread| (thread, Origin::new(forum.as_str())))
    });
    pairs.collect()
}

/// Posts name their thread, so the reader keeps no state of the slice.
struct DisqusReader<'a> {
    options: &'a ImportOptions,
    elsewhere: HashMap<&'a str, Origin>,
}

impl FrameReader for DisqusReader<'_> {
    fn read(&mut self, frame: Framed<'_>, portion: &mut Portion) {
        let (cleaned, mut notes) = text_of(&frame);
        let element = match frame.kind {
            FrameKind::Thread | FrameKind::Comment => read(&cleaned.text, frame.scope, &mut notes),
            FrameKind::Head | FrameKind::ThreadEnd | FrameKind::Author => return,
        };
        match (frame.kind, element) {
            (FrameKind::Thread, Ok(element)) => {
                portion.origins.extend(forum_of(&element));
                thread::read(&element, notes, self.options, frame.at, portion);
            }
            (FrameKind::Thread, Err(unreadable)) => portion.finding(unreadable.reason(), None, frame.at),
            (_, Ok(element)) => {
                let lost = embedded_record_offsets(&frame, "<post dsq:id=\"", &notes);
                let thread = reference(&element, "thread");
                portion.origins.extend(thread.and_then(|thread| self.elsewhere.get(thread)).cloned());
                post::read(&element, notes, self.options, frame.at, portion);
                for place in lost {
                    let at = Position { offset: frame.at.offset + place as u64, ..frame.at };
                    let beginning = clean(&frame.bytes[place..]).text;
                    portion.refused(post::refusal(Reason::UnreadableRecord, &beginning, None), at);
                }
            }
            (_, Err(unreadable)) => {
                portion.refused(post::refusal(unreadable.reason(), &cleaned.text, frame.scope), frame.at);
            }
        }
    }
}
