//! Commento, Commento++ and Comentario: one JSON object with the arrays `comments` and
//! `commenters`, and in Comentario's version 3 also `pages`.
//!
//! The version of an element is derived from its keys, not from the file's `version`, which may
//! follow it.

mod comment;
mod page;
mod person;
mod site;
mod survey;

use std::collections::HashSet;

use rethread_model::{ImportOptions, Origin, Reason, Refused, Vendor};
use rethread_syntax::json::{ArrayRule, Grammar, JsonFramer, JsonPrefix, Object, salvage};
use rethread_syntax::{FrameKind, Framed, Framer, Notes};
use serde_json::Value;

use crate::format::{Format, FrameReader, Likeness, Surveyor};
use crate::info::{Question, Syntax, VendorInfo};
use crate::portion::Portion;

/// The format of the exports of Commento and its descendants.
pub(crate) struct Commento;

static GRAMMAR: Grammar = Grammar {
    arrays: &[
        ArrayRule {
            name: "comments",
            kind: FrameKind::Comment,
            keys: &[
                "commentHex",
                "domain",
                "host",
                "url",
                "path",
                "commenterHex",
                "markdown",
                "html",
                "parentHex",
                "score",
                "state",
                "creationDate",
                "direction",
                "deleted",
                "id",
                "parentId",
                "pageId",
                "isSticky",
                "isApproved",
                "isPending",
                "isDeleted",
                "createdTime",
                "moderatedTime",
                "deletedTime",
                "editedTime",
                "userCreated",
                "userModerated",
                "userDeleted",
                "userEdited",
                "pendingReason",
                "authorName",
                "authorIP",
                "authorCountry",
            ],
        },
        ArrayRule {
            name: "commenters",
            kind: FrameKind::Author,
            keys: &[
                "commenterHex",
                "email",
                "name",
                "link",
                "photo",
                "provider",
                "joinDate",
                "isModerator",
                "deleted",
                "avatarUrl",
                "websiteUrl",
                "id",
                "hasAvatar",
                "isCommenter",
                "colourIndex",
                "createdTime",
                "federatedIdP",
                "federatedSso",
            ],
        },
        ArrayRule {
            name: "pages",
            kind: FrameKind::Thread,
            keys: &["id", "domainId", "path", "title", "isReadonly", "createdTime", "countComments", "countViews"],
        },
    ],
    scalars: &["version"],
};

/// The parent of top-level comments.
const ROOT: &str = "root";

/// The site's key in the shared part of a slice's head: a domain, or `scheme://host` if known.
const HEAD_SITE: &str = "site";

/// The key there for the other sites of the document. Commenters are known to all of them.
const HEAD_OTHERS: &str = "others";

static INFO: VendorInfo = VendorInfo {
    vendor: Vendor::Commento,
    evidence: "comments, commenters and a version as Commento writes them",
    syntax: Syntax::Json,
    first_questions: &[Question::Scheme],
    more_questions: &[Question::ExcludeSpam],
    products: &["Commento", "Commento++", "Comentario"],
};

impl Format for Commento {
    fn info(&self) -> &'static VendorInfo {
        &INFO
    }

    fn looks_like_json(&self, prefix: &JsonPrefix<'_>) -> Option<Likeness> {
        let has = |name: &str| prefix.has(name);
        // The version may be the only key.
        let is_version = || prefix.has_only("version") && matches!(prefix.first_value(), Some(b'0'..=b'9' | b'"'));
        let is_one = has("commenters") || has("version") && (has("comments") || has("pages")) || is_version();
        (is_one || has("comments") && prefix.mentions("commentHex")).then_some(Likeness::Likely)
    }

    fn has_own_keys(&self, prefix: &JsonPrefix<'_>) -> bool {
        ["commenters", "comments", "version"].into_iter().any(|key| prefix.has_key(key))
    }

    fn framer(&self, head: Option<&Value>) -> Box<dyn Framer + Send> {
        Box::new(JsonFramer::new(&GRAMMAR, head))
    }

    fn surveyor(&self) -> Box<dyn Surveyor> {
        Box::<survey::CommentoSurveyor>::default()
    }

    fn reader<'a>(&self, head: &'a Value, options: &'a ImportOptions) -> Box<dyn FrameReader + Send + 'a> {
        let file = &head[crate::format::FILE_HEAD];
        let site = file[HEAD_SITE].as_str();
        let base = site.or(options.site_url.as_deref()).map(|site| site::base_of(site, options.scheme));
        let own = site.map(|site| Origin::new(site::host_of(site)));
        let others = file[HEAD_OTHERS].as_array().into_iter().flatten().filter_map(Value::as_str).map(Origin::new);
        let context = Context { options, base, own, others: others.collect() };
        Box::new(CommentoReader { context, threads: HashSet::new() })
    }
}

/// What a reader knows besides the current element.
#[derive(Debug)]
struct Context<'a> {
    options: &'a ImportOptions,
    /// `scheme://host` of the document's own site, from the first comment that names one. Pages of
    /// version 3 do not name it, and all comments of a page must agree.
    base: Option<String>,
    /// The document's own site.
    own: Option<Origin>,
    /// Other sites named in its comments.
    others: Vec<Origin>,
}

struct CommentoReader<'a> {
    context: Context<'a>,
    /// The sites and paths whose threads this slice has already yielded (version 1, where only
    /// comments name them).
    threads: HashSet<(Option<Origin>, String)>,
}

impl FrameReader for CommentoReader<'_> {
    fn read(&mut self, frame: Framed<'_>, portion: &mut Portion) {
        let mut notes = Notes::default();
        // The object reader reports damage that framing found, because it may be able to repair it.
        let object = Object::read(frame.bytes, &mut notes).map_err(|_| Reason::UnreadableRecord);
        match (frame.kind, object) {
            (FrameKind::Comment, Ok(object)) => {
                comment::read(&object, notes, &self.context, &mut self.threads, frame.at, portion);
            }
            (FrameKind::Comment, Err(reason)) => portion.refused(refused(reason, frame.bytes), frame.at),
            (FrameKind::Author, Ok(object)) => {
                if !self.context.others.is_empty() {
                    portion.origins.extend(self.context.own.iter().chain(&self.context.others).cloned());
                }
                person::read(&object, notes, frame.at, portion);
            }
            (FrameKind::Thread, Ok(object)) => page::read(&object, notes, &self.context, frame.at, portion),
            (FrameKind::Author | FrameKind::Thread, Err(reason)) => {
                let id = salvage(frame.bytes, "commenterHex").or_else(|| salvage(frame.bytes, "id"));
                portion.finding(reason, id, frame.at);
            }
            (FrameKind::Head | FrameKind::ThreadEnd, _) => {}
        }
    }
}

/// A comment of which only the bytes are known, perhaps only the first ones.
fn refused(reason: Reason, bytes: &[u8]) -> Refused {
    let id = salvage(bytes, "commentHex").or_else(|| salvage(bytes, "id"));
    let parent = salvage(bytes, "parentHex").filter(|parent| *parent != ROOT).or_else(|| salvage(bytes, "parentId"));
    Refused { reason, source_id: id.map(str::to_owned), is_reply: parent.is_some_and(|parent| !is_zero(parent)) }
}

/// Comentario's null value: a UUID or a hex id of zeros.
fn is_zero(id: &str) -> bool {
    id.bytes().all(|byte| matches!(byte, b'0' | b'-'))
}

/// A value, unless it is the word that JavaScript writes for none.
fn known(value: std::borrow::Cow<'_, str>) -> Option<String> {
    (value != "undefined").then(|| value.into_owned())
}

/// The time under the key. An unreadable time is noted and left out; Go's zero time means none.
fn time(object: &Object<'_>, key: &str, notes: &mut Notes) -> Option<rethread_model::Timestamp> {
    let text = object.value(key, notes)?;
    let time = rethread_syntax::time::parse_utc(&text);
    if time.is_none() && !text.starts_with("0001-01-01") {
        notes.add(Reason::UnreadableDate);
    }
    time
}
