//! What a Disqus file says about itself.

use rethread_model::{Finding, JobError, Origin, Position, Reason, Refused};
use serde_json::Value;

use super::post;
use crate::evidence::count;
use crate::format::{FrameKind, Survey, Surveyor};
use crate::notes::Notes;
use crate::text::clean;
use crate::xml::{declares, parse};

/// Looks for the forum, and counts.
#[derive(Debug, Default)]
pub(super) struct DisqusSurveyor {
    forum: Option<String>,
    threads: u64,
    posts: u64,
    is_prefix_declared: bool,
    undeclared: Option<Position>,
}

impl Surveyor for DisqusSurveyor {
    fn head(&mut self) -> Value {
        Value::Null
    }

    fn see(&mut self, kind: FrameKind, bytes: &[u8], at: Position) {
        match kind {
            FrameKind::Thread => self.threads += 1,
            FrameKind::Comment => self.posts += 1,
            FrameKind::Head | FrameKind::ThreadEnd | FrameKind::Author => {}
        }
        if bytes.starts_with(b"<disqus") {
            self.is_prefix_declared = declares(&clean(bytes).text, "dsq");
            return;
        }
        let is_prefix_unknown = !self.is_prefix_declared && self.undeclared.is_none();
        if is_prefix_unknown && memchr::memmem::find(bytes, b" dsq:").is_some() {
            self.undeclared = Some(at);
        }
        if self.forum.is_none() {
            self.forum = forum(bytes);
        }
    }

    fn refuse(&mut self, kind: FrameKind, beginning: &[u8]) -> Option<Refused> {
        (kind == FrameKind::Comment).then(|| post::refusal(Reason::RecordTooLarge, &clean(beginning).text))
    }

    fn finish(self: Box<Self>) -> Result<Survey, JobError> {
        let undeclared = self.undeclared.map(|at| Finding { at, reason: Reason::UndeclaredPrefix, source_id: None });
        Ok(Survey {
            origin: Origin::new(self.forum.unwrap_or_else(|| "unknown".to_owned())),
            evidence: format!("root element disqus, {}, {}", count(self.threads, "thread"), count(self.posts, "post")),
            findings: undeclared.into_iter().collect(),
        })
    }
}

/// The short name of the forum, which categories, threads and some posts carry.
fn forum(bytes: &[u8]) -> Option<String> {
    let cleaned = clean(bytes);
    let mut notes = Notes::default();
    let element = parse(&cleaned.text, &mut notes).ok()?;
    element.scalar("forum", &mut notes).map(str::to_lowercase)
}
