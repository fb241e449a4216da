//! Hyvor Talk: one JSON object with the arrays `comments`, `pages` and `users`; `website`, which
//! holds the site's secrets, is skipped unread, as are `rules` and `badges`.
//!
//! A comment embeds its page, its author and its parent (which embeds *its* parent, and so on).
//! Links are made by id and nothing recurses. Layouts that name the page and the parent by id, and
//! the author by name, are supported too.

mod comment;
mod page;
mod person;
mod prosemirror;
mod survey;

use std::collections::HashSet;

use rethread_model::{ImportOptions, PageKey, Reason, Refused, Thread, Vendor};
use rethread_syntax::json::{ArrayRule, Grammar, JsonFramer, JsonPrefix, Object, members, value};
use rethread_syntax::{FrameKind, Framed, Framer, Notes};
use serde_json::Value;

use crate::format::{FILE_HEAD, Format, FrameReader, Likeness, Surveyor};
use crate::info::{Question, Syntax, VendorInfo};
use crate::portion::Portion;

/// The format of Hyvor Talk's JSON exports. Its WordPress exports are WordPress's.
pub(crate) struct Hyvor;

static GRAMMAR: Grammar = Grammar {
    arrays: &[
        ArrayRule {
            name: "comments",
            kind: FrameKind::Comment,
            keys: &[
                "id",
                "comment_id",
                "created_at",
                "user",
                "page",
                "page_id",
                "page_identifier",
                "page_url",
                "body",
                "body_html",
                "content",
                "content_html",
                "markdown",
                "status",
                "parent",
                "parent_id",
                "ip_address",
                "is_featured",
                "is_loved",
                "is_edited",
                "flags_count",
                "upvotes",
                "downvotes",
            ],
        },
        ArrayRule {
            name: "pages",
            kind: FrameKind::Thread,
            keys: &["id", "created_at", "title", "identifier", "url", "is_closed", "comments_count", "reactions"],
        },
        ArrayRule {
            name: "users",
            kind: FrameKind::Author,
            keys: &["type", "id", "htid", "sso_id", "name", "title", "username", "email", "picture_url", "created_at"],
        },
    ],
    scalars: &[],
};

/// The key in the shared part of a slice's head which states that the file has the array `pages`.
const HEAD_PAGES: &str = "pages";

/// Keys of comments, two of which show that a file is Hyvor Talk's.
const MARKS: [&str; 8] =
    ["body_html", "content_html", "page_identifier", "page_url", "page_id", "htid", "picture_url", "upvotes"];

static INFO: VendorInfo = VendorInfo {
    vendor: Vendor::Hyvor,
    evidence: "arrays of Hyvor Talk",
    syntax: Syntax::Json,
    first_questions: &[],
    more_questions: &[Question::PageKey(PageKey::Identifier), Question::IpAddresses, Question::ExcludeSpam],
    products: &["Hyvor Talk"],
};

impl Format for Hyvor {
    fn info(&self) -> &'static VendorInfo {
        &INFO
    }

    fn looks_like_json(&self, prefix: &JsonPrefix<'_>) -> Option<Likeness> {
        let has = |name: &str| prefix.has(name);
        let is_website = has("website") && (has("comments") || prefix.holds("\"hyvor"));
        if is_website || has("rules") && has("badges") {
            return Some(Likeness::Certain);
        }
        // Layouts without the website are recognised by the shape of their comments.
        let is_shape = has("comments") && MARKS.iter().filter(|mark| prefix.mentions(mark)).count() >= 2;
        is_shape.then_some(Likeness::Possible)
    }

    fn has_own_keys(&self, prefix: &JsonPrefix<'_>) -> bool {
        prefix.has_key("comments") || prefix.has_key("website")
    }

    fn framer(&self, head: Option<&Value>) -> Box<dyn Framer + Send> {
        Box::new(JsonFramer::new(&GRAMMAR, head))
    }

    fn surveyor(&self) -> Box<dyn Surveyor> {
        Box::<survey::HyvorSurveyor>::default()
    }

    fn reader<'a>(&self, head: &'a Value, options: &'a ImportOptions) -> Box<dyn FrameReader + Send + 'a> {
        let has_pages = head.get(FILE_HEAD).is_some_and(|file| file.get(HEAD_PAGES).is_some());
        Box::new(HyvorReader { context: Context { options, has_pages }, threads: HashSet::new() })
    }
}

/// What a reader knows besides the current element.
#[derive(Debug)]
struct Context<'a> {
    options: &'a ImportOptions,
    has_pages: bool,
}

struct HyvorReader<'a> {
    context: Context<'a>,
    /// The threads that this slice's comments have already described.
    threads: HashSet<Thread>,
}

impl FrameReader for HyvorReader<'_> {
    fn read(&mut self, frame: Framed<'_>, portion: &mut Portion) {
        let mut notes = Notes::default();
        // Embedded parents may be nested to any depth: nested values are not built.
        let object = Object::read(frame.bytes, &mut notes).map_err(|_| Reason::UnreadableRecord);
        match (frame.kind, object) {
            (FrameKind::Comment, Ok(object)) => {
                // Nested values were skipped unread, and may identify the author.
                if std::str::from_utf8(frame.bytes).is_err() {
                    notes.add(Reason::InvalidUtf8);
                }
                let source = Source { object: &object, bytes: frame.bytes };
                comment::read(&source, notes, &self.context, &mut self.threads, frame.at, portion);
            }
            (FrameKind::Comment, Err(reason)) => portion.refused(refused(reason, frame.bytes), frame.at),
            (FrameKind::Author, Ok(object)) => person::read(&object, notes, frame.at, portion),
            (FrameKind::Thread, Ok(object)) => {
                let source = Source { object: &object, bytes: frame.bytes };
                page::read(&source, notes, &self.context, frame.at, portion);
            }
            (FrameKind::Author | FrameKind::Thread, Err(reason)) => portion.finding(reason, None, frame.at),
            (FrameKind::Head | FrameKind::ThreadEnd, _) => {}
        }
    }
}

/// An element: its scalars, and its bytes for nested values.
struct Source<'s> {
    object: &'s Object<'s>,
    bytes: &'s [u8],
}

impl Source<'_> {
    /// The object under the key. Repairs in it are reported where it occurs as a separate element.
    fn nested(&self, key: &str) -> Option<Object<'_>> {
        let bytes = value(self.bytes, key).filter(|value| value.starts_with(b"{"))?;
        Object::read(bytes, &mut Notes::default()).ok()
    }

    /// The value of the first key that has one.
    fn first(&self, keys: &[&str], notes: &mut Notes) -> Option<String> {
        first(self.object, keys, notes)
    }
}

/// The value of the first key that has one.
fn first(object: &Object<'_>, keys: &[&str], notes: &mut Notes) -> Option<String> {
    keys.iter().find_map(|key| object.value(key, notes)).map(std::borrow::Cow::into_owned)
}

/// A comment of which only the bytes are known, perhaps only the first ones.
fn refused(reason: Reason, bytes: &[u8]) -> Refused {
    let mut refused = Refused { reason, source_id: None, is_reply: false };
    for member in members(bytes) {
        let end = member.end.unwrap_or(bytes.len());
        let text = || std::str::from_utf8(bytes.get(member.start..end)?).ok().map(|text| text.trim_matches('"'));
        let is_id =
            |text: &&str| (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let known = || text().filter(is_id).filter(|text| *text != "null" && *text != "0");
        match &*member.key {
            b"id" | b"comment_id" if member.end.is_some() => refused.source_id = known().map(str::to_owned),
            b"parent" => refused.is_reply = bytes.get(member.start) == Some(&b'{') || known().is_some(),
            b"parent_id" => refused.is_reply |= known().is_some(),
            _ => {}
        }
    }
    refused
}
