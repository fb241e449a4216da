//! Surveys a file: its site and its size.

use rethread_model::{Finding, JobError, Origin, Position, Reason, Refused, Timestamp};
use rethread_syntax::json::{is_damaged, opened_array, value};
use rethread_syntax::{FrameKind, Framed};
use serde_json::{Value, json};

use super::{GRAMMAR, HEAD_PAGES, refused};
use crate::dates;
use crate::evidence::count;
use crate::format::{Survey, Surveyor};
use crate::origin::Oldest;
use crate::sites::DocumentSites;

#[derive(Debug, Default)]
pub(super) struct HyvorSurveyor {
    /// The sites of pages, by the ids of their comments.
    by_comment: Oldest<u64>,
    /// The same by the ids of the pages, for files whose comments name no site.
    by_page: Oldest<u64>,
    comments: u64,
    comments_here: u64,
    pages: u64,
    users: u64,
    /// The first damage between elements.
    damage: Option<Position>,
}

/// Ids are increasing numbers; an element without one counts as the newest.
fn age(bytes: &[u8]) -> u64 {
    let id = value(bytes, "id").and_then(|id| std::str::from_utf8(id).ok());
    id.and_then(|id| id.trim_matches('"').parse().ok()).unwrap_or(u64::MAX)
}

impl HyvorSurveyor {
    fn see_head(&mut self, bytes: &[u8], at: Position) {
        if opened_array(&GRAMMAR, bytes).is_none() || is_damaged(bytes) {
            self.damage.get_or_insert(at);
        }
    }
}

fn url(object: &[u8], key: &str) -> Option<String> {
    let text = value(object, key).filter(|value| value.starts_with(b"\""))?;
    serde_json::from_slice(text).ok()
}

impl Surveyor for HyvorSurveyor {
    fn head(&mut self) -> Value {
        Value::Null
    }

    fn see(&mut self, frame: Framed<'_>) {
        let Framed { kind, bytes, at, .. } = frame;
        match kind {
            FrameKind::Head => self.see_head(bytes, at),
            FrameKind::Comment => {
                self.comments += 1;
                self.comments_here += 1;
                let embedded = value(bytes, "page").and_then(|page| url(page, "url"));
                if let Some(url) = embedded.or_else(|| url(bytes, "page_url")) {
                    self.by_comment.see(&url, age(bytes));
                }
            }
            FrameKind::Author => self.users += 1,
            FrameKind::Thread => {
                self.pages += 1;
                if let Some(url) = url(bytes, "url") {
                    self.by_page.see(&url, age(bytes));
                }
            }
            FrameKind::ThreadEnd => {}
        }
    }

    fn refuse(&mut self, beginning: Framed<'_>) -> Option<Refused> {
        let Framed { kind, bytes: beginning, .. } = beginning;
        (kind == FrameKind::Comment).then(|| {
            self.comments += 1;
            self.comments_here += 1;
            refused(Reason::RecordTooLarge, beginning)
        })
    }

    fn file_head(&mut self) -> Value {
        if self.pages > 0 { json!({ HEAD_PAGES: true }) } else { Value::Null }
    }

    fn time_of(&self, comment: &[u8]) -> Option<Timestamp> {
        dates::in_members(comment, "created_at")
    }

    fn end_of_document(&mut self) -> DocumentSites {
        let (by_comment, by_page) = (std::mem::take(&mut self.by_comment), std::mem::take(&mut self.by_page));
        DocumentSites {
            own: by_comment.into_host().or_else(|| by_page.into_host()).map(Origin::new),
            comments: std::mem::take(&mut self.comments_here),
            ..DocumentSites::default()
        }
    }

    fn finish(self: Box<Self>) -> Result<Survey, JobError> {
        let evidence = format!(
            "arrays of Hyvor Talk, {}, {}, {}",
            count(self.comments, "comment"),
            count(self.pages, "page"),
            count(self.users, "user")
        );
        let finding = |at| Finding { at, reason: Reason::DamagedMarkup, source_id: None };
        Ok(Survey { evidence, findings: self.damage.map(finding).into_iter().collect() })
    }
}
