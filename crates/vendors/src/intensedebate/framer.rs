//! Finds blogposts and comments.

use memchr::memchr_iter;
use rethread_model::Reason;
use rethread_syntax::xml::{Dialect, Ends, Extent, Grammar, Handover, LenientFramer, Namespaces, Rule, Shape};
use rethread_syntax::{FrameKind, Framer, Step};

/// The format has no namespaces.
pub(crate) static DIALECT: Dialect = Dialect {
    namespaces: Namespaces { prefix_of: |_| None, usual_prefixes: &[] },
    shapes: &[
        Shape { prefix: "", name: "comment", kind: FrameKind::Comment, extent: Extent::Whole },
        Shape { prefix: "", name: "blogpost", kind: FrameKind::Thread, extent: Extent::Beginning },
    ],
    lenient: |handover| Box::new(DebateFramer::resume(handover)),
};

/// Content of a blogpost that ends its beginning.
const AFTER_HEADER: Ends = Ends::Before(&["comments", "comment", "/blogpost"]);

/// Tags that show that a comment without an end tag has ended.
const AFTER_COMMENT: &[&str] = &["comment", "/comments", "blogpost", "/blogpost"];

const LOST_COMMENT_END: &[(&str, &[&str])] = &[("/comment", &["comment", "/comments", "/blogpost"])];

/// A blogpost is framed up to its comments, so that a large one can be cut between them.
///
/// `<url>` and `<name>` outside records are the remains of a blogpost or a comment whose start tag
/// is damaged; see [`super::post::Place::holds`]. The root may have any name: [`DebateFramer`]
/// finds its end.
static GRAMMAR: Grammar = Grammar {
    root: "",
    rules: &[
        Rule {
            tag: "comment",
            kind: FrameKind::Comment,
            ends: Ends::With("/comment"),
            interrupted_by: AFTER_COMMENT,
            lost_ends: LOST_COMMENT_END,
        },
        Rule {
            tag: "blogpost",
            kind: FrameKind::Thread,
            ends: AFTER_HEADER,
            interrupted_by: &["blogpost"],
            lost_ends: &[("comments", &["comment"]), ("comment", &["isAnon", "name"])],
        },
        Rule {
            tag: "/blogpost",
            kind: FrameKind::ThreadEnd,
            ends: Ends::WithStartTag,
            interrupted_by: &[],
            lost_ends: &[],
        },
        Rule {
            tag: "url",
            kind: FrameKind::Thread,
            ends: AFTER_HEADER,
            interrupted_by: &["blogpost"],
            lost_ends: &[("comments", &["comment"]), ("comment", &["isAnon", "name"])],
        },
        Rule {
            tag: "name",
            kind: FrameKind::Comment,
            ends: Ends::With("/comment"),
            interrupted_by: AFTER_COMMENT,
            lost_ends: LOST_COMMENT_END,
        },
    ],
    prefixed_heads: false,
};

/// The lenient XML framer, which also tracks whether the root, whatever its name, was closed.
#[derive(Debug)]
struct DebateFramer {
    inner: LenientFramer,
    /// The first element's name, unless it is a record's.
    root: Option<Vec<u8>>,
    is_begun: bool,
    is_closed: bool,
}

impl DebateFramer {
    fn resume(handover: &Handover) -> Self {
        let root = handover.root.as_ref().map(|root| root.as_bytes().to_vec());
        Self {
            inner: LenientFramer::resume(&GRAMMAR, handover),
            is_begun: root.is_some() || handover.is_root_closed,
            root: root.filter(|root| root != b"blogpost"),
            is_closed: handover.is_root_closed,
        }
    }

    /// Inspects bytes outside records, which contain whole tags.
    fn pass(&mut self, bytes: &[u8]) {
        for at in memchr_iter(b'<', bytes) {
            let tag = &bytes[at + 1..];
            let length = tag.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>');
            let Some(name) = length.map(|length| &tag[..length]) else { return };
            // The first start tag is the root's.
            if !self.is_begun && name.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_') {
                self.is_begun = true;
                self.root = Some(name.to_vec());
            }
            if name.strip_prefix(b"/").is_some_and(|name| self.root.as_deref() == Some(name)) {
                self.is_closed = true;
            }
        }
    }
}

impl Framer for DebateFramer {
    fn next(&mut self, window: &[u8], at_end: bool) -> Step {
        let step = self.inner.next(window, at_end);
        match step {
            Step::Frame(frame) => {
                self.pass(&window[..frame.start]);
                self.is_begun = true;
                // A file without a root ends with a blogpost.
                self.is_closed = self.root.is_none() && frame.kind == FrameKind::ThreadEnd;
                step
            }
            Step::Skip(length) => {
                self.pass(&window[..length]);
                step
            }
            Step::End { open, .. } => {
                let passed = open.map_or(window.len(), |(_, start)| start);
                self.pass(&window[..passed]);
                Step::End { closed: self.is_closed && open.is_none(), open }
            }
            Step::NeedMore { .. } | Step::Damaged { .. } => step,
        }
    }

    fn pass_over(&mut self) {
        self.inner.pass_over();
    }

    fn damage_of_open(&self) -> Option<Reason> {
        self.inner.damage_of_open()
    }
}
