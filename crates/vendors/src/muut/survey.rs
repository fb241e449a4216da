//! Surveys a Muut file.

use memchr::memmem;
use rethread_model::{Finding, JobError, Origin, Position, Reason, Refused, Timestamp};
use rethread_syntax::json::salvage;
use rethread_syntax::{FrameKind, Framed};
use serde_json::{Value, json};

use super::{HEAD_PATH, page, post};
use crate::dates;
use crate::evidence::count;
use crate::format::{Survey, Surveyor};
use crate::origin::Oldest;
use crate::sites::DocumentSites;

/// The part of a thread that is inspected.
const BEGINNING_BYTES: usize = 64 * 1024;

/// Tracks the current channel, for a slice that begins inside it, and counts comments.
#[derive(Debug, Default)]
pub(super) struct MuutSurveyor {
    path: Option<String>,
    /// The site, from the path of its oldest thread if paths name one.
    site: Oldest<i64>,
    channels: u64,
    threads: u64,
    /// Seeds and replies in the current document, counted by their dates.
    comments_here: u64,
    /// The host from the paths of the last document.
    host: Option<String>,
    /// Where the last thread ended, if nothing has followed yet.
    thread_end: Option<Position>,
    /// The first repair between threads.
    mended: Option<Position>,
}

impl MuutSurveyor {
    fn see_site(&mut self, date: i64) {
        if let Some(host) = self.path.as_deref().and_then(page::host_of) {
            self.site.see(&format!("https://{host}"), date);
        }
    }
}

/// The first date in a thread, which belongs to its seed.
fn date(bytes: &[u8]) -> Option<i64> {
    let key = b"\"date\"";
    let place = memmem::find(&bytes[..bytes.len().min(BEGINNING_BYTES)], key)?;
    let is_passed = |byte: &u8| *byte <= b' ' || matches!(byte, b':' | b'"');
    let value = &bytes[place + key.len()..];
    let value = &value[value.iter().position(|byte| !is_passed(byte))?..];
    let length = value.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(value.len());
    std::str::from_utf8(&value[..length]).ok()?.parse().ok()
}

impl Surveyor for MuutSurveyor {
    fn head(&mut self) -> Value {
        json!({ HEAD_PATH: self.path })
    }

    fn see(&mut self, frame: Framed<'_>) {
        let Framed { kind, bytes, at, .. } = frame;
        let end = Position { offset: at.offset + bytes.len() as u64, ..at };
        match kind {
            FrameKind::Thread => {
                self.channels += 1;
                self.path = page::path_of(bytes);
                self.see_site(i64::MAX);
            }
            FrameKind::Comment => {
                self.threads += 1;
                self.comments_here += memmem::find_iter(bytes, b"\"date\"").count().max(1) as u64;
                self.see_site(date(bytes).unwrap_or(i64::MAX));
                if self.thread_end == Some(at) {
                    // Not even a comma separates them.
                    self.mended.get_or_insert(at);
                }
            }
            FrameKind::Head => {
                self.mended.get_or_insert(at);
            }
            FrameKind::ThreadEnd | FrameKind::Author => {}
        }
        self.thread_end = (kind == FrameKind::Comment).then_some(end);
    }

    fn refuse(&mut self, beginning: Framed<'_>) -> Option<Refused> {
        let Framed { kind, bytes: beginning, .. } = beginning;
        if kind != FrameKind::Comment {
            return None;
        }
        self.threads += 1;
        self.comments_here += 1;
        let id = self.path.as_deref().zip(salvage(beginning, "key")).map(|(path, key)| post::id_of(path, key));
        Some(Refused { reason: Reason::RecordTooLarge, source_id: id, is_reply: false })
    }

    fn time_of(&self, comment: &[u8]) -> Option<Timestamp> {
        dates::in_members(comment, "date")
    }

    fn end_of_document(&mut self) -> DocumentSites {
        self.path = None;
        self.thread_end = None;
        let host = std::mem::take(&mut self.site).into_host();
        if self.host.is_none() {
            self.host.clone_from(&host);
        }
        DocumentSites {
            own: host.map(Origin::new),
            comments: std::mem::take(&mut self.comments_here),
            ..DocumentSites::default()
        }
    }

    fn finish(self: Box<Self>) -> Result<Survey, JobError> {
        let counts = format!("{}, {}", count(self.channels, "channel"), count(self.threads, "thread"));
        let site = match &self.host {
            Some(host) => format!("paths name the site {host}"),
            None => {
                "no path names a site, so pages go by the path, below the site's address if one is given".to_owned()
            }
        };
        let mended = |at| Finding { at, reason: Reason::MendedFile, source_id: None };
        Ok(Survey {
            evidence: format!("channels of threads with seed and replies, {counts}; {site}"),
            findings: self.mended.map(mended).into_iter().collect(),
        })
    }
}
