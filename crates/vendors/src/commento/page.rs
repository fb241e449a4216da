//! Reads pages, which only version 3 has.

use rethread_model::{Position, Reason, Thread};
use rethread_syntax::Notes;
use rethread_syntax::json::Object;

use super::{Context, known, site, time};
use crate::portion::Portion;
use crate::title;

pub(super) fn read(object: &Object<'_>, mut notes: Notes, context: &Context<'_>, at: Position, portion: &mut Portion) {
    let Some(id) = object.value("id", &mut notes) else {
        portion.finding(Reason::UnreadableRecord, None, at);
        return;
    };
    let path = object.value("path", &mut notes).unwrap_or_else(|| id.clone());
    let (url, url_id) = site::page(&path, context.base.as_deref(), context.options.page_key);
    let created_at = time(object, "createdTime", &mut notes);
    let title = object.value("title", &mut notes).and_then(known);
    let title = title.map(|title| title::typed_in_json(&title).into_owned());
    portion.findings.extend(notes.into_findings(at, Some(&id)));
    let closed = object.flag("isReadonly");
    portion.thread(
        Thread { source_id: id.into_owned(), url_id, url, title, created_at, closed, reactions: Vec::new() },
        at,
    );
}
