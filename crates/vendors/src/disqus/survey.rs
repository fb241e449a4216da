//! Surveys a Disqus file.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rethread_model::{Finding, JobError, Origin, Position, Reason, Refused, Timestamp};
use rethread_syntax::text::clean;
use rethread_syntax::xml::{declares, read, read_open};
use rethread_syntax::{FrameKind, Framed, Notes};
use serde_json::{Value, json};

use super::fields::{forum_of, reference};
use super::{HEAD_FORUMS, post};
use crate::dates;
use crate::evidence::count;
use crate::format::{Survey, Surveyor};
use crate::sites::{DocumentSites, Links};

/// Determines the forums, and counts.
#[derive(Debug, Default)]
pub(super) struct DisqusSurveyor {
    sites: DocumentSites,
    /// The forums of threads outside the document's first forum, by thread id.
    elsewhere: HashMap<String, Origin>,
    links: Links,
    /// For each slice, the threads of other forums that its posts belong to.
    slices: Vec<BTreeMap<Origin, BTreeSet<String>>>,
    threads: u64,
    posts: u64,
    is_prefix_declared: bool,
    undeclared: Option<Position>,
}

impl DisqusSurveyor {
    fn see_thread(&mut self, frame: &Framed<'_>) {
        self.threads += 1;
        let cleaned = clean(frame.bytes);
        let mut notes = Notes::default();
        let Ok(element) = read(&cleaned.text, frame.scope, &mut notes) else { return };
        if let Some(link) = element.scalar("link", &mut notes) {
            self.links.see(link);
        }
        let Some(forum) = forum_of(&element) else { return };
        let id = element.attribute("dsq:id").or_else(|| element.scalar("id", &mut notes));
        if *self.sites.own.get_or_insert_with(|| forum.clone()) != forum
            && let Some(id) = id
        {
            self.elsewhere.insert(id.to_owned(), forum);
        }
    }

    fn see_post(&mut self, frame: &Framed<'_>) {
        self.posts += 1;
        if self.sites.own.is_none() {
            // Some posts name it too.
            self.sites.own = forum(frame);
        }
        let elsewhere = if self.elsewhere.is_empty() { None } else { self.forum_of_post(frame) };
        let Some((thread, forum)) = elsewhere else {
            self.sites.comments += 1;
            return;
        };
        self.sites.add_other(&forum);
        if let Some(slice) = self.slices.last_mut() {
            slice.entry(forum).or_default().insert(thread);
        }
    }

    /// The thread of a post and its forum, if that is not the document's first one.
    fn forum_of_post(&self, frame: &Framed<'_>) -> Option<(String, Origin)> {
        let cleaned = clean(frame.bytes);
        let element = read(&cleaned.text, frame.scope, &mut Notes::default()).ok()?;
        let thread = reference(&element, "thread")?;
        Some((thread.to_owned(), self.elsewhere.get(thread)?.clone()))
    }
}

impl Surveyor for DisqusSurveyor {
    fn head(&mut self) -> Value {
        self.slices.push(BTreeMap::new());
        Value::Null
    }

    fn see(&mut self, frame: Framed<'_>) {
        let Framed { kind, bytes, at, .. } = frame;
        if kind == FrameKind::Head && is_root(&frame) {
            self.is_prefix_declared = declares(&clean(bytes).text, "dsq");
            return;
        }
        let is_prefix_unknown = !self.is_prefix_declared && self.undeclared.is_none();
        if is_prefix_unknown && frame.scope.is_none() && memchr::memmem::find(bytes, b" dsq:").is_some() {
            self.undeclared = Some(at);
        }
        match kind {
            FrameKind::Thread => self.see_thread(&frame),
            FrameKind::Comment => self.see_post(&frame),
            FrameKind::Head if self.sites.own.is_none() => self.sites.own = forum(&frame),
            FrameKind::Head | FrameKind::ThreadEnd | FrameKind::Author => {}
        }
    }

    fn refuse(&mut self, beginning: Framed<'_>) -> Option<Refused> {
        (beginning.kind == FrameKind::Comment).then(|| {
            self.sites.comments += 1;
            post::refusal(Reason::RecordTooLarge, &clean(beginning.bytes).text, beginning.scope)
        })
    }

    fn slice_heads(&mut self) -> Vec<Value> {
        let head = |forums: &BTreeMap<Origin, BTreeSet<String>>| {
            if forums.is_empty() { Value::Null } else { json!({ HEAD_FORUMS: forums }) }
        };
        self.slices.iter().map(head).collect()
    }

    fn time_of(&self, comment: &[u8]) -> Option<Timestamp> {
        dates::in_elements(comment, &["createdAt"])
    }

    fn end_of_document(&mut self) -> DocumentSites {
        self.elsewhere.clear();
        let linked = std::mem::take(&mut self.links).most();
        DocumentSites { linked, ..std::mem::take(&mut self.sites) }
    }

    fn finish(self: Box<Self>) -> Result<Survey, JobError> {
        let undeclared = self.undeclared.map(|at| Finding { at, reason: Reason::UndeclaredPrefix, source_id: None });
        Ok(Survey {
            evidence: format!("root element disqus, {}, {}", count(self.threads, "thread"), count(self.posts, "post")),
            findings: undeclared.into_iter().collect(),
        })
    }
}

/// The forum of a category or of a post.
fn forum(frame: &Framed<'_>) -> Option<Origin> {
    let cleaned = clean(frame.bytes);
    forum_of(&read(&cleaned.text, frame.scope, &mut Notes::default()).ok()?)
}

/// Whether the frame is the root's start tag.
fn is_root(frame: &Framed<'_>) -> bool {
    let cleaned = clean(frame.bytes);
    read_open(&cleaned.text, frame.scope, &mut Notes::default()).is_ok_and(|element| element.is("disqus"))
}
