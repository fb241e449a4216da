//! What the frames of a file say together: its version, its site and how much it holds.

use rethread_model::{Finding, JobError, Origin, Position, Reason, Refused};
use serde_json::{Value, json};

use super::site::{self, Site};
use super::{GRAMMAR, HEAD_SITE, comment, refused};
use crate::evidence::count;
use crate::format::{FrameKind, Survey, Surveyor, refusal};
use crate::json::{Object, is_damaged, opened_array, slice_head};
use crate::notes::Notes;

/// What this version reads.
const VERSIONS: [&str; 2] = ["1", "3"];

#[derive(Debug, Default)]
pub(super) struct CommentoSurveyor {
    /// The array that the frames belong to.
    array: &'static str,
    /// Where the last element ended, as long as nothing came after it.
    element_end: Option<Position>,
    version: Option<String>,
    host: Option<String>,
    /// See [`HEAD_SITE`].
    site: Option<String>,
    /// Version 3: the id of the site, for files without comments.
    domain_id: Option<String>,
    comments: u64,
    commenters: u64,
    /// The first place between elements that is damaged.
    damage: Option<Position>,
}

impl CommentoSurveyor {
    /// A key of the top-level object, or what stands between elements and does not belong there.
    fn see_head(&mut self, bytes: &[u8], at: Position) {
        if is_damaged(bytes) {
            self.damage.get_or_insert(at);
        }
        if let Some((array, _)) = opened_array(&GRAMMAR, bytes) {
            self.array = GRAMMAR.arrays[array].name;
            return;
        }
        let Some((key, value)) = member(bytes) else {
            self.damage.get_or_insert(at);
            return;
        };
        if key == b"version" {
            let text = String::from_utf8_lossy(value);
            self.version = Some(text.trim().trim_matches('"').chars().take(20).collect());
        }
    }

    fn see_comment(&mut self, bytes: &[u8]) {
        self.comments += 1;
        if self.host.is_some() {
            return;
        }
        let mut notes = Notes::default();
        let Ok(object) = Object::read(bytes, &mut notes) else { return };
        let domain = comment::domain(&object, &mut notes).filter(|_| !object.has("pageId"));
        if let Some(domain) = domain {
            self.host = Some(site::host_of(&domain));
            self.site = Some(domain.into_owned());
        } else if let Some(site) = object.value("url", &mut notes).and_then(|url| Site::of(&url)) {
            self.host = Some(site.host);
            self.site = Some(site.base);
        }
    }

    fn see_page(&mut self, bytes: &[u8]) {
        if self.domain_id.is_none() && self.host.is_none() {
            let mut notes = Notes::default();
            let object = Object::read(bytes, &mut notes).unwrap_or_default();
            self.domain_id = object.value("domainId", &mut notes).map(std::borrow::Cow::into_owned);
        }
    }
}

/// `"key": value` as the framer cuts it.
fn member(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = bytes.strip_prefix(b"\"")?;
    let key_end = memchr::memchr(b'"', rest)?;
    let value = rest[key_end + 1..].trim_ascii_start().strip_prefix(b":")?;
    Some((&rest[..key_end], value))
}

impl Surveyor for CommentoSurveyor {
    fn head(&mut self) -> Value {
        slice_head(self.array)
    }

    fn see(&mut self, kind: FrameKind, bytes: &[u8], at: Position) {
        let is_element = kind != FrameKind::Head;
        if is_element && self.element_end == Some(at) {
            // Not even a comma stands between them.
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

    fn refuse(&mut self, kind: FrameKind, beginning: &[u8]) -> Option<Refused> {
        match kind {
            FrameKind::Comment => {
                self.comments += 1;
                Some(refused(Reason::RecordTooLarge, beginning))
            }
            FrameKind::Head | FrameKind::Thread | FrameKind::ThreadEnd | FrameKind::Author => None,
        }
    }

    fn file_head(&mut self) -> Value {
        self.site.as_ref().map_or(Value::Null, |site| json!({ HEAD_SITE: site }))
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
        let origin = self.host.or(self.domain_id).unwrap_or_else(|| "unknown".to_owned());
        let damage = |at| Finding { at, reason: Reason::DamagedMarkup, source_id: None };
        Ok(Survey { origin: Origin::new(origin), evidence, findings: self.damage.map(damage).into_iter().collect() })
    }
}
