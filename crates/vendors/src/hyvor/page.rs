//! Reads `pages`, and what comments say about theirs.

use rethread_model::{PageKey, Position, Reaction, Reason, Thread, page_key};
use rethread_syntax::Notes;
use rethread_syntax::json::value;

use super::{Context, Source, first};
use crate::origin::host;
use crate::portion::Portion;
use crate::title;

/// More kinds of reactions than any site uses.
const MOST_KINDS: usize = 64;

/// Maximum length of a reaction's name, in bytes.
const LONGEST_KIND: usize = 64;

/// What a comment says about its page.
pub(super) struct PageOf {
    /// [`Thread::source_id`].
    pub id: String,
    /// The thread described by the comment; `None` if only `pages` can describe it.
    pub thread: Option<Thread>,
}

pub(super) fn read(source: &Source<'_>, mut notes: Notes, context: &Context<'_>, at: Position, portion: &mut Portion) {
    let Some(thread) = thread(source, context, &mut notes) else {
        return portion.finding(Reason::NoId, None, at);
    };
    portion.findings.extend(notes.into_findings(at, Some(&thread.source_id)));
    portion.thread(thread, at);
}

pub(super) fn of_comment(source: &Source<'_>, context: &Context<'_>, notes: &mut Notes) -> Option<PageOf> {
    if let (Some(object), Some(bytes)) = (source.nested("page"), value(source.bytes, "page")) {
        let page = Source { object: &object, bytes };
        let thread = thread(&page, context, &mut Notes::default())?;
        return Some(PageOf { id: thread.source_id.clone(), thread: Some(thread) });
    }
    let page = source.first(&["page"], notes);
    let (page_url, page_id) = match page {
        Some(page) if host(&page).is_some() => (Some(page), None),
        page => (None, page),
    };
    let url = page_url.or_else(|| source.first(&["page_url"], notes));
    let identifier = source.first(&["page_identifier"], notes);
    let id = page_id.or_else(|| source.first(&["page_id"], notes));
    let says_more = url.is_some() || identifier.is_some();
    if let Some(id) = id.clone().filter(|_| context.has_pages || !says_more) {
        return Some(PageOf { id, thread: None });
    }
    let title = source.first(&["page_title"], notes);
    let thread = Names { id, identifier, url }.into_thread(title, context)?;
    Some(PageOf { id: thread.source_id.clone(), thread: Some(thread) })
}

/// A page listed in the file. `None` if it has no identifier at all.
fn thread(source: &Source<'_>, context: &Context<'_>, notes: &mut Notes) -> Option<Thread> {
    let object = source.object;
    let mut get = |key| first(object, &[key], notes);
    let names = Names { id: get("id"), identifier: get("identifier"), url: get("url") };
    let title = get("title");
    let created_at = object.time("created_at", notes);
    let thread = names.into_thread(title, context)?;
    Some(Thread { created_at, closed: object.flag("is_closed"), reactions: reactions(source), ..thread })
}

/// `{"superb": 2, "love": 0}`. Hyvor has six kinds; any name in a file is kept.
fn reactions(source: &Source<'_>) -> Vec<Reaction> {
    let Some(object) = source.nested("reactions") else { return Vec::new() };
    let reaction = |(kind, count): (&str, i64)| {
        let kind = kind.trim();
        let is_word = (1..=LONGEST_KIND).contains(&kind.len()) && !kind.contains(char::is_control);
        let count = u64::try_from(count).ok().filter(|_| is_word)?;
        Some(Reaction { kind: kind.to_owned(), count })
    };
    let mut reactions = Reaction::sum(object.integers().filter_map(reaction));
    reactions.truncate(MOST_KINDS);
    reactions
}

struct Names {
    id: Option<String>,
    identifier: Option<String>,
    url: Option<String>,
}

impl Names {
    /// Unless the site sets an identifier, Hyvor's identifier is the page's address.
    fn into_thread(self, title: Option<String>, context: &Context<'_>) -> Option<Thread> {
        let Self { id, identifier, url } = self;
        let source_id = id.or_else(|| identifier.clone()).or_else(|| url.clone())?;
        let by_url = url.as_deref().map(page_key);
        let by_identifier = identifier.as_deref().map(page_key);
        let url_id = match context.options.page_key {
            PageKey::Url => by_url.or(by_identifier),
            PageKey::Identifier | PageKey::Item => by_identifier.or(by_url),
        };
        let url_id = url_id.unwrap_or_else(|| source_id.clone());
        let title = title.map(|title| title::typed_in_json(&title).into_owned());
        Some(Thread { source_id, url_id, url, title, created_at: None, closed: false, reactions: Vec::new() })
    }
}
