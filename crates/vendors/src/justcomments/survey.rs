//! Surveys a file: its site and its size.

use memchr::memmem;
use rethread_model::{Finding, JobError, Origin, Position, Reason, Refused, Timestamp};
use rethread_syntax::json::{Object, is_damaged, opened_array};
use rethread_syntax::text::clean;
use rethread_syntax::{FrameKind, Framed, Notes};
use serde_json::Value;

use super::csv::{Table, is_header};
use super::{GRAMMAR, page, refused};
use crate::dates;
use crate::evidence::count;
use crate::format::{Survey, Surveyor};
use crate::origin::Oldest;
use crate::sites::DocumentSites;

/// The container of the current document.
#[derive(Debug, Default)]
enum Container {
    /// Bare records.
    #[default]
    Lines,
    Array(&'static str),
    Table(Table),
}

impl Container {
    fn describe(&self) -> String {
        match self {
            Self::Lines => "JSON Lines".to_owned(),
            Self::Array("[") => "a JSON array".to_owned(),
            Self::Array(name) => format!("the JSON array {name}"),
            Self::Table(table) => format!("a CSV table of {}", count(table.columns.len() as u64, "column")),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct JustSurveyor {
    container: Container,
    /// The description of the first document.
    described: Option<String>,
    /// The sites of pages, by the times of their comments; comments without a time count as the
    /// newest.
    sites: Oldest<(bool, Option<Timestamp>)>,
    comments: u64,
    /// Comments of the documents before.
    comments_before: u64,
    /// The first damage between elements.
    damage: Option<Position>,
}

impl JustSurveyor {
    fn see_head(&mut self, bytes: &[u8], at: Position) {
        let array =
            if bytes == b"[" { GRAMMAR.array(bytes) } else { opened_array(&GRAMMAR, bytes).map(|found| found.0) };
        // Brackets occur between damaged lines, too.
        let is_at_the_start = self.comments == self.comments_before;
        if let Some(array) = array.filter(|_| is_at_the_start || !matches!(self.container, Container::Lines)) {
            self.container = Container::Array(GRAMMAR.arrays[array].name);
        } else if let Some((table, _)) = Table::find(bytes).filter(|_| is_header(bytes)) {
            self.container = Container::Table(table);
            let is_clean = matches!(clean(bytes).text, std::borrow::Cow::Borrowed(_));
            if is_clean {
                return;
            }
        } else {
            self.damage.get_or_insert(at);
        }
        if is_damaged(bytes) {
            self.damage.get_or_insert(at);
        }
    }

    fn see_comment(&mut self, bytes: &[u8]) {
        let mut notes = Notes::default();
        let object = match &self.container {
            Container::Table(table) => {
                self.comments += 1;
                Object::of_texts(table.texts(bytes, &mut notes))
            }
            Container::Lines | Container::Array(_) => {
                // Including the comments nested in it.
                self.comments += memmem::find_iter(bytes, b"\"commentId\"").count().max(1) as u64;
                Object::read(bytes, &mut notes).unwrap_or_default()
            }
        };
        if let Some(url) = page::address(&object, &mut notes) {
            let time = object.time("createdAt", &mut notes);
            self.sites.see(&url, (time.is_none(), time));
        }
    }
}

impl Surveyor for JustSurveyor {
    fn head(&mut self) -> Value {
        match &self.container {
            // The framer's head names the array.
            Container::Lines | Container::Array(_) => Value::Null,
            Container::Table(table) => table.head(),
        }
    }

    fn see(&mut self, frame: Framed<'_>) {
        let Framed { kind, bytes, at, .. } = frame;
        match kind {
            FrameKind::Head => self.see_head(bytes, at),
            FrameKind::Comment => self.see_comment(bytes),
            FrameKind::Thread | FrameKind::ThreadEnd | FrameKind::Author => {}
        }
    }

    fn refuse(&mut self, beginning: Framed<'_>) -> Option<Refused> {
        let Framed { kind, bytes: beginning, .. } = beginning;
        (kind == FrameKind::Comment).then(|| {
            self.comments += 1;
            match &self.container {
                Container::Table(table) => table.refused(Reason::RecordTooLarge, beginning),
                Container::Lines | Container::Array(_) => refused(Reason::RecordTooLarge, beginning),
            }
        })
    }

    fn time_of(&self, comment: &[u8]) -> Option<Timestamp> {
        match &self.container {
            Container::Table(table) => {
                let mut notes = Notes::default();
                Object::of_texts(table.texts(comment, &mut notes)).time("createdAt", &mut notes)
            }
            Container::Lines | Container::Array(_) => dates::in_members(comment, "createdAt"),
        }
    }

    fn end_of_document(&mut self) -> DocumentSites {
        let container = std::mem::take(&mut self.container);
        self.described.get_or_insert_with(|| container.describe());
        let before = std::mem::replace(&mut self.comments_before, self.comments);
        DocumentSites {
            own: std::mem::take(&mut self.sites).into_host().map(Origin::new),
            comments: self.comments - before,
            ..DocumentSites::default()
        }
    }

    fn finish(self: Box<Self>) -> Result<Survey, JobError> {
        let described = self.described.unwrap_or_else(|| self.container.describe());
        let evidence = format!("{described}, {}", count(self.comments, "comment"));
        let damage = |at| Finding { at, reason: Reason::DamagedMarkup, source_id: None };
        Ok(Survey { evidence, findings: self.damage.map(damage).into_iter().collect() })
    }
}
