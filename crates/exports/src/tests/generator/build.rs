//! Turns the drawn values into what a store would hold.

use rethread_model::{
    AccountId, Exported, ExportedAuthor, ExportedComment, ExportedPage, ExportedThread, Origin, Reaction, SafeHtml,
    Scope, Status, TextKind, Thread, Vendor, page_id, page_key,
};

use super::{Raw, RawAuthor, RawPage, RawThread};

/// The systems and sites that threads come from.
pub(super) const ORIGINS: [(Vendor, &str); 6] = [
    (Vendor::Disqus, "forum"),
    (Vendor::WordPress, "blog.example.org"),
    (Vendor::Commento, "example.org"),
    (Vendor::Hyvor, "example.org"),
    (Vendor::Muut, "community"),
    (Vendor::Disqus, "other"),
];

/// Builds the items of an export.
pub(super) struct Build {
    /// The only origin, if there is one.
    pub sole: Option<usize>,
    pub authors: Vec<RawAuthor>,
    pub items: Vec<Exported>,
    /// The next number of a thread or comment.
    pub next: u64,
}

impl Build {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn page(&mut self, number: usize, raw: &RawPage) {
        let (url, key) = match raw.kind {
            0 => (Some(format!("https://example.org/p{number}/?x=1")), None),
            1 => (Some(format!("http://www.other.example/p{number}#top")), None),
            2 => (Some(format!("https://www.example.org/ä/{number}")), Some(format!("ident-{number}"))),
            3 => (None, Some(format!("ident {number}"))),
            4 => (None, Some(format!("/path/{number}/"))),
            _ => (None, Some(format!("example.org/moved/{number}"))),
        };
        let url_id = key.unwrap_or_else(|| page_key(url.as_deref().unwrap_or_default()));
        let page = ExportedPage { id: page_id(&account(), &url_id), url_id, url, title: raw.title.clone() };
        self.items.push(Exported::Page(page.clone()));
        for thread in &raw.threads {
            self.thread(&page, thread);
        }
    }

    fn thread(&mut self, page: &ExportedPage, raw: &RawThread) {
        let (vendor, origin) = ORIGINS[self.sole.unwrap_or_else(|| raw.origin.index(ORIGINS.len()))];
        let number = self.number();
        let source_id = match vendor {
            Vendor::Disqus => (3_000_000_000 + number).to_string(),
            Vendor::Muut => format!("general:{number}"),
            Vendor::Commento => format!("/path/{number}"),
            _ => number.to_string(),
        };
        let (mut url_id, mut url) = (page.url_id.clone(), page.url.clone());
        if raw.is_moved {
            (url_id, url) = (format!("old.example/{number}"), Some(format!("https://old.example/{number}")));
        }
        let kinds = ["love", "wow"].map(str::to_owned);
        let reactions = kinds.into_iter().zip(&raw.reactions).map(|(kind, count)| Reaction { kind, count: *count });
        let thread = Thread {
            source_id,
            url_id,
            url,
            title: raw.title.clone(),
            created_at: raw.created_at,
            closed: raw.closed,
            reactions: reactions.collect(),
        };
        let scope = Scope { account: account(), vendor, origin: Origin::new(origin) };
        let comments = self.comments(&scope, &thread, &raw.comments);
        self.items.push(Exported::Thread(ExportedThread { vendor, origin: scope.origin, thread }));
        self.items.extend(comments.into_iter().map(|comment| Exported::Comment(Box::new(comment))));
    }

    /// In the order in which a store yields them; a parent may come after its answer.
    fn comments(&mut self, scope: &Scope, thread: &Thread, raw: &[Raw]) -> Vec<ExportedComment> {
        let ids: Vec<String> = raw.iter().map(|raw| self.source_id(scope, thread, raw)).collect();
        let mut comments: Vec<ExportedComment> = raw
            .iter()
            .enumerate()
            .map(|(place, raw)| {
                let parent = raw.parent.filter(|_| place > 0).map(|index| ids[index.index(place)].clone());
                self.comment(scope, ids[place].clone(), parent, raw)
            })
            .collect();
        comments.sort_by_key(|comment| (comment.created_at.is_none(), comment.created_at, comment.source_id.clone()));
        comments
    }

    fn source_id(&mut self, scope: &Scope, thread: &Thread, raw: &Raw) -> String {
        let number = self.number();
        match scope.vendor {
            _ if raw.has_odd_id => format!("odd {number}"),
            Vendor::Disqus => (5_000_000_000 + number).to_string(),
            Vendor::WordPress => format!("{}:{number}", thread.source_id),
            Vendor::Commento => format!("{:064x}", u128::from(number) << 100 | 0xabc),
            Vendor::Muut => format!("{}#{number}", thread.source_id),
            _ => number.to_string(),
        }
    }

    fn comment(&self, scope: &Scope, source_id: String, parent: Option<String>, raw: &Raw) -> ExportedComment {
        let missing = Some("99999".to_owned()).filter(|_| raw.is_orphan && parent.is_none());
        let html = shown(scope.vendor, raw.text_kind, &raw.text);
        let comment = ExportedComment {
            parent: parent.as_deref().map(|parent| scope.comment_id(parent)),
            parent_source_id: parent.or(missing),
            author: self.author(scope, raw),
            created_at: raw.created_at,
            edited_at: raw.edited_at,
            status: raw.status,
            text: raw.text.clone(),
            text_kind: raw.text_kind,
            html,
            details: raw.details.clone(),
            ..ExportedComment::new(scope.comment_id(&source_id), source_id)
        };
        redacted(comment)
    }

    fn author(&self, scope: &Scope, raw: &Raw) -> ExportedAuthor {
        let place = raw.author.index(self.authors.len());
        let author = &self.authors[place];
        let name = raw.signed.clone().unwrap_or_else(|| author.name.clone());
        let email = author.has_email.then(|| format!("P{place}.{}@Mail.example", scope.vendor));
        let key = match (author.kind, &email) {
            (0, _) => format!("user:{}", user(scope.vendor, place)),
            (1, Some(email)) => format!("email:{}", email.to_lowercase()),
            (1 | 2, _) if name.is_some() || author.link.is_some() => {
                return ExportedAuthor::Guest { name, link: author.link.clone(), avatar: None };
            }
            _ => return ExportedAuthor::Nobody,
        };
        ExportedAuthor::Known {
            id: scope.author_id(&key),
            name,
            email,
            link: author.link.clone(),
            avatar: match author.avatar {
                0 => None,
                1 => Some(format!("https://pictures.example/{place}.png")),
                _ => rethread_vendors::disqus::avatar(&user(scope.vendor, place)),
            },
            moderator: author.moderator,
            key,
        }
    }
}

fn user(vendor: Vendor, place: usize) -> String {
    match vendor {
        Vendor::WordPress => (place + 7).to_string(),
        Vendor::Commento => format!("{:064x}", (place as u128 + 1) << 99),
        _ => format!("person_{place}"),
    }
}

fn shown(vendor: Vendor, kind: TextKind, text: &str) -> SafeHtml {
    let sanitised = match (kind, vendor) {
        (TextKind::Html, Vendor::WordPress) => rethread_html::from_wordpress(text),
        (TextKind::Html, _) => rethread_html::from_html(text),
        (TextKind::Markdown, _) => rethread_html::from_markdown(text),
        (TextKind::Plain, _) => rethread_html::from_plain(text),
    };
    sanitised.html
}

/// Like [`rethread_model::Comment::redacted`]: nothing personal remains of a deleted comment.
fn redacted(comment: ExportedComment) -> ExportedComment {
    if comment.status != Status::Deleted {
        return comment;
    }
    let ExportedComment { id, source_id, parent, parent_source_id, created_at, status, text_kind, .. } = comment;
    ExportedComment { parent, parent_source_id, created_at, status, text_kind, ..ExportedComment::new(id, source_id) }
}

fn account() -> AccountId {
    "default".parse().unwrap()
}
