//! Surveys a WXR file.

use memchr::memmem;
use rethread_model::{Finding, JobError, Origin, Position, Reason, Refused, Timestamp, page_key};
use rethread_syntax::text::clean;
use rethread_syntax::xml::{Names, declares, read_open};
use rethread_syntax::{FrameKind, Framed, Notes};
use serde_json::{Value, json};

use super::comment;
use super::item::{self, Item};
use crate::dates;
use crate::evidence::count;
use crate::format::{Survey, Surveyor};
use crate::sites::{DocumentSites, Links};

/// The prefixes that WXR files use, as they begin start tags.
const PREFIXES: [&str; 8] = ["<wp:", "<content:", "<excerpt:", "<dc:", "<wfw:", "<dsq:", "<atom:", "<media:"];

/// Finds the site, tracks the current item for a slice that begins inside it, and counts comments.
#[derive(Debug, Default)]
pub(super) struct WordPressSurveyor {
    blog_url: Option<String>,
    site_url: Option<String>,
    link: Option<String>,
    /// The item's bytes up to its first comment; empty outside items.
    item: Vec<u8>,
    links: Links,
    /// The names in scope there.
    names: Option<Names>,
    items: u64,
    /// In the upload, and in the current document.
    comments: u64,
    comments_here: u64,
    is_disqus_dialect: bool,
    /// Prefixes that the document has not declared.
    unknown: Vec<&'static str>,
    undeclared: Option<Position>,
}

impl WordPressSurveyor {
    fn look_for_prefixes(&mut self, bytes: &[u8], at: Position) {
        if self.undeclared.is_some() {
            return;
        }
        let is_used = |prefix: &str| {
            let name = prefix.trim_matches(['<', ':']);
            let tag = memmem::find(bytes, prefix.as_bytes()).map(|found| &bytes[found..]);
            let tag = tag.map(|tag| &tag[..memchr::memchr(b'>', tag).unwrap_or(tag.len())]);
            tag.is_some_and(|tag| !declares(&clean(tag).text, name))
        };
        if self.unknown.iter().any(|prefix| is_used(prefix)) {
            self.undeclared = Some(at);
        }
    }

    /// The item around the next frame.
    fn item(&self) -> Option<Item> {
        let scope = self.names.as_ref().map(Names::scope);
        item::read(&clean(&self.item).text, scope, &mut Notes::default()).ok().flatten()
    }

    /// Links matter only for a file that does not name its site.
    fn see_link(&mut self) {
        let is_named = self.blog_url.is_some() || self.site_url.is_some() || self.link.is_some();
        if !is_named && let Some(link) = self.item().and_then(|item| item.link) {
            self.links.see(&link);
        }
    }

    fn see_head(&mut self, frame: &Framed<'_>) {
        let cleaned = clean(frame.bytes);
        let mut notes = Notes::default();
        let Ok(element) = read_open(&cleaned.text, frame.scope, &mut notes) else { return };
        if element.is("rss") {
            self.unknown = PREFIXES
                .into_iter()
                .filter(|prefix| !declares(&cleaned.text, prefix.trim_matches(['<', ':'])))
                .collect();
            self.is_disqus_dialect |= cleaned.text.contains("www.disqus.com");
            return;
        }
        let wanted = [
            ("wp:base_blog_url", &mut self.blog_url),
            ("wp:base_site_url", &mut self.site_url),
            ("link", &mut self.link),
        ];
        let place = wanted.into_iter().find(|(name, place)| element.is(name) && place.is_none());
        if let Some((_, place)) = place {
            *place = element.value(&mut notes).map(str::to_owned);
        }
    }
}

impl Surveyor for WordPressSurveyor {
    fn head(&mut self) -> Value {
        self.item().map_or(Value::Null, |item| json!({ "item": item }))
    }

    fn see(&mut self, frame: Framed<'_>) {
        match frame.kind {
            FrameKind::Head => self.see_head(&frame),
            FrameKind::Thread => {
                self.items += 1;
                self.item.clear();
                self.item.extend_from_slice(frame.bytes);
                self.names = frame.scope.map(Names::from);
                self.see_link();
            }
            FrameKind::ThreadEnd => self.item.clear(),
            FrameKind::Comment => {
                self.comments += 1;
                self.comments_here += 1;
            }
            FrameKind::Author => {}
        }
        if frame.scope.is_none() {
            self.look_for_prefixes(frame.bytes, frame.at);
        }
    }

    fn refuse(&mut self, beginning: Framed<'_>) -> Option<Refused> {
        if beginning.kind == FrameKind::Thread {
            self.item.clear();
        }
        let item = self.item();
        let item = item.as_ref().map(|item| item.id.as_str());
        let text = clean(beginning.bytes).text;
        (beginning.kind == FrameKind::Comment).then(|| {
            self.comments_here += 1;
            comment::refusal(Reason::RecordTooLarge, item, &text, beginning.scope)
        })
    }

    fn time_of(&self, comment: &[u8]) -> Option<Timestamp> {
        dates::in_elements(comment, &["comment_date_gmt", "comment_date"])
    }

    fn end_of_document(&mut self) -> DocumentSites {
        self.item.clear();
        let names = [self.blog_url.take(), self.site_url.take(), self.link.take()];
        DocumentSites {
            own: names.into_iter().flatten().next().map(|base| Origin::new(page_key(&base))),
            linked: std::mem::take(&mut self.links).most(),
            comments: std::mem::take(&mut self.comments_here),
            ..DocumentSites::default()
        }
    }

    fn finish(self: Box<Self>) -> Result<Survey, JobError> {
        let dialect = if self.is_disqus_dialect { " in the dialect that Disqus imports" } else { "" };
        let counts = format!("{}, {}", count(self.items, "item"), count(self.comments, "comment"));
        let undeclared = self.undeclared.map(|at| Finding { at, reason: Reason::UndeclaredPrefix, source_id: None });
        Ok(Survey {
            evidence: format!("root element rss with wp: elements{dialect}, {counts}"),
            findings: undeclared.into_iter().collect(),
        })
    }
}
