//! A comment with its context, in the same form whatever file it was read from.

use std::collections::HashMap;

use rethread_model::{
    CommentDetails, Exported, ExportedAuthor, ExportedComment, ExportedPage, ExportedThread, Reaction, Status,
    TextKind, Timestamp,
};
use rethread_syntax::text::is_forbidden;

use crate::Field;

/// What is known about one comment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seen {
    pub url: Option<String>,
    pub url_id: String,
    pub page_title: Option<String>,
    /// Vendor and origin.
    pub origin: (String, String),
    pub thread_id: String,
    /// The vendor's key, address and title, if they differ from the page's.
    pub vendor_page: Option<(String, Option<String>, Option<String>)>,
    pub thread_created_at: Option<Timestamp>,
    pub closed: bool,
    pub reactions: Vec<Reaction>,
    /// Whether the thread is the first of its page.
    pub on_first_thread: bool,
    pub id: String,
    pub source_id: String,
    /// The index of its parent among all comments.
    pub parent: Option<usize>,
    pub missing_parent: Option<String>,
    pub author: Who,
    pub name: Option<String>,
    pub email: Option<String>,
    pub link: Option<String>,
    pub avatar: Option<String>,
    pub moderator: Option<bool>,
    pub created_at: Option<Timestamp>,
    pub edited_at: Option<Timestamp>,
    pub status: Option<Status>,
    pub text: String,
    pub text_kind: Option<TextKind>,
    pub html: String,
    pub details: CommentDetails,
}

/// Who wrote a comment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Who {
    Known(String),
    Guest,
    #[default]
    Nobody,
}

impl Seen {
    /// A field's value, for comparison.
    pub(super) fn value(&self, field: Field) -> String {
        match field {
            Field::Url => format!("{:?}", self.url),
            Field::UrlId => self.url_id.clone(),
            Field::PageTitle => format!("{:?}", self.page_title),
            Field::Origin => format!("{:?}", self.origin),
            Field::ThreadId => self.thread_id.clone(),
            Field::VendorPage => format!("{:?}", self.vendor_page),
            Field::ThreadCreatedAt => format!("{:?}", self.thread_created_at),
            Field::ThreadClosed => self.closed.to_string(),
            Field::Reactions => format!("{:?}", self.reactions),
            Field::Id => self.id.clone(),
            Field::SourceId => self.source_id.clone(),
            Field::Parent => format!("{:?}", self.parent),
            Field::MissingParent => format!("{:?}", self.missing_parent),
            Field::AuthorKey => format!("{:?}", self.author),
            Field::Name => format!("{:?}", self.name),
            Field::Email => format!("{:?}", self.email),
            Field::AuthorLink => format!("{:?}", self.link),
            Field::Avatar => format!("{:?}", self.avatar),
            Field::Moderator => format!("{:?}", self.moderator),
            Field::CreatedAt => format!("{:?}", self.created_at),
            Field::EditedAt => format!("{:?}", self.edited_at),
            Field::Status => format!("{:?}", self.status),
            Field::Text => self.text.clone(),
            Field::TextKind => format!("{:?}", self.text_kind),
            Field::Html => same_html(&self.html),
            Field::Votes => format!("{:?}", (self.details.votes_up, self.details.votes_down)),
            // The texts show whether they are present.
            Field::ControlCharacters => String::new(),
            detail => self.detail(detail),
        }
    }

    /// The value of a field of [`CommentDetails`], which has the name of its loss.
    fn detail(&self, field: Field) -> String {
        let details = serde_json::to_value(&self.details).unwrap();
        let value = field.loss().and_then(|loss| details.get(loss.as_str()));
        value.unwrap_or_else(|| panic!("a comment has no {field:?} to compare")).to_string()
    }

    /// Without control characters, as in all formats but one.
    pub(super) fn without_control_characters(mut self) -> Self {
        let texts = [&mut self.text, &mut self.html].into_iter();
        let optional = [&mut self.page_title, &mut self.name].into_iter().flatten();
        for text in texts.chain(optional) {
            text.retain(|character| !is_forbidden(character));
        }
        self
    }

    /// The content of a store's comment on this thread of this page.
    pub(super) fn of(page: &ExportedPage, exported: &ExportedThread, comment: &ExportedComment) -> Self {
        let thread = &exported.thread;
        let vendor_page = (thread.url_id.clone(), thread.url.clone(), thread.title.clone());
        let is_the_pages = vendor_page == (page.url_id.clone(), page.url.clone(), page.title.clone());
        let seen = Self {
            url: page.url.clone(),
            url_id: page.url_id.clone(),
            page_title: page.title.clone(),
            origin: (exported.vendor.to_string(), exported.origin.to_string()),
            thread_id: thread.source_id.clone(),
            vendor_page: Some(vendor_page).filter(|_| !is_the_pages),
            thread_created_at: thread.created_at,
            closed: thread.closed,
            reactions: thread.reactions.clone(),
            id: comment.id.to_string(),
            source_id: comment.source_id.clone(),
            missing_parent: comment.parent_source_id.clone().filter(|_| comment.parent.is_none()),
            created_at: comment.created_at,
            edited_at: comment.edited_at,
            status: Some(comment.status),
            text: comment.text.clone(),
            text_kind: Some(comment.text_kind),
            html: comment.html.as_str().to_owned(),
            details: comment.details.clone(),
            ..Self::default()
        };
        seen.by(&comment.author)
    }

    /// Sets the author.
    pub(super) fn by(self, author: &ExportedAuthor) -> Self {
        match author.clone() {
            ExportedAuthor::Known { key, name, email, link, avatar, moderator, .. } => {
                Self { author: Who::Known(key), name, email, link, avatar, moderator, ..self }
            }
            ExportedAuthor::Guest { name, link, avatar } => Self { author: Who::Guest, name, link, avatar, ..self },
            ExportedAuthor::Nobody => self,
        }
    }
}

/// HTML as a parser reads it: all line ends are equal, and a byte order mark at the start (after
/// control characters are removed) is not part of the text.
pub(super) fn same_html(html: &str) -> String {
    html.replace("\r\n", "\n").replace('\r', "\n").trim_start_matches('\u{feff}').to_owned()
}

/// The comments of the store's items.
pub(super) fn all(items: &[Exported]) -> Vec<Seen> {
    let mut page = None;
    let mut thread = None;
    let mut is_first = false;
    let mut seen = Vec::new();
    let mut parents = Vec::new();
    for item in items {
        match item {
            Exported::Page(next) => (page, thread) = (Some(next), None),
            Exported::Thread(next) => {
                is_first = thread.is_none();
                thread = Some(next);
            }
            Exported::Comment(comment) => {
                let one = Seen::of(page.unwrap(), thread.unwrap(), comment);
                seen.push(Seen { on_first_thread: is_first, ..one });
                parents.push(comment.parent.map(|parent| parent.to_string()));
            }
        }
    }
    let own: Vec<String> = seen.iter().map(|one| one.id.clone()).collect();
    link(&mut seen, &own, &parents);
    seen
}

/// Sets the indexes of the parents, by ids that are unique in the file.
pub(super) fn link(seen: &mut [Seen], own: &[String], parents: &[Option<String>]) {
    let places: HashMap<&String, usize> = own.iter().enumerate().map(|(place, id)| (id, place)).collect();
    assert_eq!(places.len(), own.len(), "ids are unique: {own:?}");
    for (one, parent) in seen.iter_mut().zip(parents) {
        one.parent = parent.as_ref().and_then(|parent| places.get(parent).copied());
    }
}
