//! Just-Comments: JSON (an array, an object with the array `comments` or `Items`, or JSON Lines) or
//! a CSV table.
//!
//! No export file of this system is known; the names are those of its server and its widget. So the
//! reader is lenient about the container and classifies each record by its keys.

mod comment;
mod csv;
mod framer;
mod page;
mod survey;
mod tree;

use std::collections::HashSet;

use rethread_model::{ImportOptions, PageKey, Reason, Refused, Thread, Vendor};
use rethread_syntax::json::{ArrayRule, Grammar, JsonPrefix, Object, ROOT, salvage};
use rethread_syntax::{FrameKind, Framed, Framer, Notes};
use serde_json::Value;

use crate::format::{Format, FrameReader, Likeness, Surveyor};
use crate::info::{Question, Syntax, VendorInfo};
use crate::portion::Portion;

/// The format of Just-Comments's exports.
pub(crate) struct JustComments;

/// Every comment has the first key.
const KEYS: &[&str] = &[
    "commentId",
    "itemId",
    "originalItemId",
    "itemProtocol",
    "itemPort",
    "pageUrl",
    "pageTitle",
    "message",
    "htmlMessage",
    "htmlContent",
    "parentId",
    "replyTo",
    "userId",
    "username",
    "userEmail",
    "userPic",
    "userUrl",
    "website",
    "loginProvider",
    "createdAt",
    "commentUrl",
    "hidden",
    "reactions",
    "rating",
    "locale",
];

static GRAMMAR: Grammar = Grammar {
    arrays: &[
        ArrayRule { name: "comments", kind: FrameKind::Comment, keys: KEYS },
        ArrayRule { name: "Items", kind: FrameKind::Comment, keys: KEYS },
        ArrayRule { name: ROOT, kind: FrameKind::Comment, keys: KEYS },
    ],
    scalars: &[],
};

static INFO: VendorInfo = VendorInfo {
    vendor: Vendor::JustComments,
    evidence: "comments with the ids and page addresses of Just-Comments",
    syntax: Syntax::Json,
    first_questions: &[Question::PageKey(PageKey::Item)],
    more_questions: &[],
    products: &["Just-Comments"],
};

impl Format for JustComments {
    fn info(&self) -> &'static VendorInfo {
        &INFO
    }

    fn looks_like_json(&self, prefix: &JsonPrefix<'_>) -> Option<Likeness> {
        let has_page = || prefix.record_has("pageUrl") || prefix.record_has("itemId");
        (prefix.record_has("commentId") && has_page()).then_some(Likeness::Possible)
    }

    fn has_own_keys(&self, prefix: &JsonPrefix<'_>) -> bool {
        prefix.record_has_key("commentId")
    }

    fn looks_like_table(&self, document: &[u8]) -> bool {
        csv::is_header(document)
    }

    fn table_column(&self) -> Option<&'static str> {
        Some("commentId")
    }

    fn framer(&self, head: Option<&Value>) -> Box<dyn Framer + Send> {
        Box::new(framer::JustFramer::new(head))
    }

    fn surveyor(&self) -> Box<dyn Surveyor> {
        Box::<survey::JustSurveyor>::default()
    }

    fn reader<'a>(&self, head: &'a Value, options: &'a ImportOptions) -> Box<dyn FrameReader + Send + 'a> {
        Box::new(JustReader { table: csv::Table::of(head), options, threads: HashSet::new() })
    }
}

struct JustReader<'a> {
    /// Set in a slice of a CSV file.
    table: Option<csv::Table>,
    options: &'a ImportOptions,
    /// The threads that this slice has already yielded.
    threads: HashSet<Thread>,
}

impl FrameReader for JustReader<'_> {
    fn read(&mut self, frame: Framed<'_>, portion: &mut Portion) {
        if frame.kind != FrameKind::Comment {
            return;
        }
        let mut context = comment::Context { options: self.options, threads: &mut self.threads };
        if let Some(table) = &self.table {
            if frame.damage.is_some() {
                return portion.refused(table.refused(Reason::UnreadableRecord, frame.bytes), frame.at);
            }
            let mut notes = Notes::default();
            let texts = table.texts(frame.bytes, &mut notes);
            return comment::read(&Object::of_texts(texts), None, notes, &mut context, frame.at, portion);
        }
        // The object reader reports damage that framing found, because it may be able to repair it.
        tree::read(frame.bytes, &mut context, frame.at, portion);
    }
}

/// A JSON comment of which only the bytes are known, perhaps only the first ones.
fn refused(reason: Reason, bytes: &[u8]) -> Refused {
    let is_reply = salvage(bytes, "replyTo").or_else(|| salvage(bytes, "parentId")).is_some();
    Refused { reason, source_id: salvage(bytes, "commentId").map(str::to_owned), is_reply }
}
