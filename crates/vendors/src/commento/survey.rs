//! Surveys a file: its version, its site and its size.

use rethread_model::{Finding, JobError, Origin, Position, Reason, Refused, Timestamp};
use rethread_syntax::json::{Object, is_damaged, is_key, opened_array, split_member, value};
use rethread_syntax::{FrameKind, Framed, Notes};
use serde_json::{Value, json};

use super::site::{self, Site};
use super::{GRAMMAR, HEAD_OTHERS, HEAD_SITE, comment, refused};
use crate::dates;
use crate::evidence::count;
use crate::format::{Survey, Surveyor};
use crate::refusal::refusal;
use crate::sites::DocumentSites;

/// The versions that can be read.
const VERSIONS: [&str; 2] = ["1", "3"];

#[derive(Debug, Default)]
pub(super) struct CommentoSurveyor {
    /// Where the last element ended, if nothing has followed yet.
    element_end: Option<Position>,
    version: Option<String>,
    sites: DocumentSites,
    /// See [`HEAD_SITE`].
    site: Option<String>,
    /// Version 3: the id of the site, for files whose comments do not name it.
    domain_id: Option<String>,
    /// The last domain named in a comment, raw, and its host.
    domain: Option<(Vec<u8>, Origin)>,
    comments: u64,
    commenters: u64,
    /// The first damage between elements.
    damage: Option<Position>,
}

impl CommentoSurveyor {
    /// Handles a key of the top-level object, or unexpected bytes between elements.
    fn see_head(&mut self, bytes: &[u8], at: Position) {
        if is_damaged(bytes) {
            self.damage.get_or_insert(at);
        }
        if opened_array(&GRAMMAR, bytes).is_some() {
            return;
        }
        let Some((key, value)) = split_member(bytes) else {
            self.damage.get_or_insert(at);
            return;
        };
        if is_key(key, "version") {
            let text = String::from_utf8_lossy(value);
            self.version = Some(text.trim().trim_matches('"').chars().take(20).collect());
        }
    }

    fn see_comment(&mut self, bytes: &[u8]) {
        self.comments += 1;
        match self.origin_of(bytes) {
            Some(origin) if self.sites.own.as_ref().is_some_and(|own| *own != origin) => self.sites.add_other(&origin),
            _ => self.sites.comments += 1,
        }
    }

    /// The site that a comment names. The first one is the document's own.
    fn origin_of(&mut self, bytes: &[u8]) -> Option<Origin> {
        // Version 3 comments belong to the site of their page.
        let is_version_3 = value(bytes, "pageId").is_some();
        let written = value(bytes, "domain").or_else(|| value(bytes, "host")).filter(|_| !is_version_3);
        if let (Some(written), Some((known, origin))) = (written, &self.domain)
            && written == known.as_slice()
        {
            return Some(origin.clone());
        }
        if written.is_none() && self.sites.own.is_some() {
            return None;
        }
        let mut notes = Notes::default();
        let object = Object::read(bytes, &mut notes).ok()?;
        if let Some(domain) = comment::domain(&object, &mut notes).filter(|_| !is_version_3) {
            let origin = Origin::new(site::host_of(&domain));
            self.name(&origin, &domain);
            self.domain = written.map(|written| (written.to_vec(), origin.clone()));
            return Some(origin);
        }
        let site =
            object.value("url", &mut notes).and_then(|url| Site::of(&url)).filter(|_| self.sites.own.is_none())?;
        let origin = Origin::new(site.host);
        self.name(&origin, &site.base);
        Some(origin)
    }

    fn name(&mut self, origin: &Origin, site: &str) {
        if self.sites.own.is_none() {
            self.sites.own = Some(origin.clone());
            self.site = Some(site.to_owned());
        }
    }

    fn see_page(&mut self, bytes: &[u8]) {
        if self.domain_id.is_none() && self.sites.own.is_none() {
            let mut notes = Notes::default();
            let object = Object::read(bytes, &mut notes).unwrap_or_default();
            self.domain_id = object.value("domainId", &mut notes).map(std::borrow::Cow::into_owned);
        }
    }
}

impl Surveyor for CommentoSurveyor {
    fn head(&mut self) -> Value {
        Value::Null
    }

    fn see(&mut self, frame: Framed<'_>) {
        let Framed { kind, bytes, at, .. } = frame;
        let is_element = kind != FrameKind::Head;
        if is_element && self.element_end == Some(at) {
            // Not even a comma separates them.
            self.damage.get_or_insert(at);
        }
        let end = Position { part: at.part, offset: at.offset + bytes.len() as u64 };
        self.element_end = is_element.then_some(end);
        match kind {
            FrameKind::Head => self.see_head(bytes, at),
            FrameKind::Comment => self.see_comment(bytes),
            FrameKind::Author => self.commenters += 1,
            FrameKind::Thread => self.see_page(bytes),
            FrameKind::ThreadEnd => {}
        }
    }

    fn refuse(&mut self, beginning: Framed<'_>) -> Option<Refused> {
        let Framed { kind, bytes: beginning, .. } = beginning;
        match kind {
            FrameKind::Comment => {
                self.comments += 1;
                self.sites.comments += 1;
                Some(refused(Reason::RecordTooLarge, beginning))
            }
            FrameKind::Head | FrameKind::Thread | FrameKind::ThreadEnd | FrameKind::Author => None,
        }
    }

    fn time_of(&self, comment: &[u8]) -> Option<Timestamp> {
        dates::in_members(comment, "creationDate").or_else(|| dates::in_members(comment, "createdTime"))
    }

    fn end_of_document(&mut self) -> DocumentSites {
        let mut sites = std::mem::take(&mut self.sites);
        let domain_id = self.domain_id.take().map(Origin::new);
        let others: Vec<&Origin> = sites.others.keys().collect();
        sites.head = match self.site.take() {
            Some(site) => json!({ HEAD_SITE: site, HEAD_OTHERS: others }),
            None => Value::Null,
        };
        sites.own = sites.own.or(domain_id);
        self.domain = None;
        self.element_end = None;
        sites
    }

    fn finish(self: Box<Self>) -> Result<Survey, JobError> {
        if let Some(version) = self.version.as_deref().filter(|version| !VERSIONS.contains(version)) {
            let message = format!(
                "The file says that it is a Commento export of version {version}. Versions 1 (Commento, Commento++, \
                 Comentario 2) and 3 (Comentario 3) can be read. Export it again with one of these."
            );
            return Err(refusal("bad_version", message, None));
        }
        let version = self.version.map_or_else(|| "no version".to_owned(), |version| format!("version {version}"));
        let evidence =
            format!("{version}, {}, {}", count(self.comments, "comment"), count(self.commenters, "commenter"));
        let damage = |at| Finding { at, reason: Reason::DamagedMarkup, source_id: None };
        Ok(Survey { evidence, findings: self.damage.map(damage).into_iter().collect() })
    }
}
