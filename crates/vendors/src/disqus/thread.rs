//! `<thread>`: a conversation, and its page.

use rethread_model::{ImportOptions, PageKey, Position, Reason, Thread, page_key};
use rethread_syntax::Notes;
use rethread_syntax::xml::Element;

use super::fields::{is_true, time};
use crate::portion::Portion;
use crate::title;

/// Reads a thread.
pub(super) fn read(
    element: &Element<'_>,
    mut notes: Notes,
    options: &ImportOptions,
    at: Position,
    portion: &mut Portion,
) {
    let identifier = element.scalar("id", &mut notes);
    let Some(source_id) = element.attribute("dsq:id").or(identifier) else {
        return portion.finding(Reason::NoId, None, at);
    };
    let link = element.scalar("link", &mut notes);
    let url_id = match (options.page_key, identifier, link) {
        (PageKey::Identifier | PageKey::Item, Some(identifier), _) | (_, Some(identifier), None) => {
            identifier.to_owned()
        }
        (_, _, Some(link)) => page_key(link),
        (_, None, None) => source_id.to_owned(),
    };
    let thread = Thread {
        source_id: source_id.to_owned(),
        url_id,
        url: link.map(str::to_owned),
        title: element.line("title").map(|title| title::typed(title).into_owned()),
        created_at: time(element, "createdAt", &mut notes),
        closed: is_true(element.scalar("isClosed", &mut notes)),
        reactions: Vec::new(),
    };
    portion.findings.extend(notes.into_findings(at, Some(source_id)));
    portion.thread(thread, at);
}
