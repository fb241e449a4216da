//! Surveys an `IntenseDebate` file.

use rethread_model::{JobError, Origin, Reason, Refused, Timestamp};
use rethread_syntax::text::clean;
use rethread_syntax::{FrameKind, Framed, Notes};
use serde_json::Value;

use super::post::{self, Place};
use super::refused;
use super::tag::attribute;
use crate::dates;
use crate::evidence::count;
use crate::format::{Survey, Surveyor};
use crate::origin::Oldest;
use crate::sites::DocumentSites;

/// Tracks the current blogpost, for a slice that begins inside it, and counts comments.
#[derive(Debug, Default)]
pub(super) struct DebateSurveyor {
    place: Place,
    /// The site, from its oldest comment (ids grow with time), or from a page without comments.
    site: Oldest<u64>,
    posts: u64,
    comments: u64,
    /// Comments in the current document.
    comments_here: u64,
}

impl DebateSurveyor {
    fn begin_post(&mut self, frame: &Framed<'_>) {
        self.posts += 1;
        let text = clean(frame.bytes).text;
        let post = post::read(&text, frame.scope, &mut Notes::default()).ok().flatten();
        if let Some(url) = post.as_ref().and_then(|post| post.url.as_deref()) {
            self.site.see(url, u64::MAX);
        }
        self.place = Place::Inside(post);
    }

    fn see_comment(&mut self, bytes: &[u8]) {
        self.comments += 1;
        self.comments_here += 1;
        let id = attribute(bytes, "id").value().and_then(|id| id.parse().ok());
        if let (Place::Inside(Some(post)), Some(id)) = (&self.place, id)
            && let Some(url) = &post.url
        {
            self.site.see(url, id);
        }
    }
}

impl Surveyor for DebateSurveyor {
    fn head(&mut self) -> Value {
        self.place.clone().into_head()
    }

    fn see(&mut self, frame: Framed<'_>) {
        if !self.place.holds(&frame) {
            return;
        }
        match frame.kind {
            FrameKind::Thread => self.begin_post(&frame),
            FrameKind::ThreadEnd => self.place = Place::Outside,
            FrameKind::Comment => self.see_comment(frame.bytes),
            FrameKind::Head | FrameKind::Author => {}
        }
    }

    fn refuse(&mut self, beginning: Framed<'_>) -> Option<Refused> {
        if !self.place.holds(&beginning) {
            return None;
        }
        match beginning.kind {
            FrameKind::Thread => self.place = Place::Inside(None),
            FrameKind::Comment => {
                self.comments += 1;
                self.comments_here += 1;
                return Some(refused(Reason::RecordTooLarge, beginning.bytes, beginning.scope));
            }
            FrameKind::ThreadEnd | FrameKind::Head | FrameKind::Author => {}
        }
        None
    }

    fn time_of(&self, comment: &[u8]) -> Option<Timestamp> {
        dates::in_elements(comment, &["gmt", "date"])
    }

    fn end_of_document(&mut self) -> DocumentSites {
        self.place = Place::Outside;
        DocumentSites {
            own: std::mem::take(&mut self.site).into_host().map(Origin::new),
            comments: std::mem::take(&mut self.comments_here),
            ..DocumentSites::default()
        }
    }

    fn finish(self: Box<Self>) -> Result<Survey, JobError> {
        let counts = format!("{}, {}", count(self.posts, "blog post"), count(self.comments, "comment"));
        Ok(Survey { evidence: format!("elements blogpost and comment, {counts}"), findings: Vec::new() })
    }
}
