//! `<item>`: a post, a page or an attachment, and the conversation below it.

use jiff::tz::TimeZone;
use rethread_model::{PageKey, Status, Thread, Timestamp, page_key};
use rethread_syntax::xml::{Element, Scope, Unreadable, read_open};
use rethread_syntax::{Notes, time};
use serde::{Deserialize, Serialize};

use crate::title;

/// The stored facts of an item. Travels in the head of a slice that begins between an item's
/// comments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Item {
    /// The thread's source id.
    pub id: String,
    pub link: Option<String>,
    title: Option<String>,
    posted_at: Option<Timestamp>,
    /// The post's time in the site's zone, if the file has no other. The zone is an option, which
    /// planners do not read.
    posted_at_local: Option<String>,
    is_closed: bool,
    #[serde(default)]
    audience: Audience,
}

/// Who could read an item on the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Audience {
    #[default]
    Everybody,
    /// People who may edit it, or know its password.
    Few,
    /// Not readable: it is in the trash.
    Nobody,
}

impl Audience {
    fn of(status: Option<&str>, password: Option<&str>) -> Self {
        match (status, password) {
            (Some("trash"), _) => Self::Nobody,
            (Some("private"), _) | (_, Some(_)) => Self::Few,
            _ => Self::Everybody,
        }
    }
}

impl Item {
    /// A post of which only this is known.
    pub(super) const fn named(id: String, link: Option<String>, title: Option<String>) -> Self {
        Self {
            id,
            link,
            title,
            posted_at: None,
            posted_at_local: None,
            is_closed: false,
            audience: Audience::Everybody,
        }
    }

    /// The status of comments that were public on it. Its address may be public at the destination,
    /// so a moderator decides.
    pub(super) fn public_status(&self) -> Status {
        if self.audience == Audience::Everybody { Status::Approved } else { Status::Pending }
    }

    /// Whether only some people could read it.
    pub(super) fn is_private(&self) -> bool {
        self.audience == Audience::Few
    }

    /// The item as a record.
    pub(super) fn thread(&self, key: PageKey, zone: Option<&TimeZone>) -> Thread {
        let url_id = match (&self.link, key) {
            (Some(link), PageKey::Url) => page_key(link),
            _ => self.id.clone(),
        };
        Thread {
            source_id: self.id.clone(),
            url_id,
            url: self.link.clone(),
            title: self.title.clone(),
            created_at: self.posted_at.or_else(|| time::parse_local(self.posted_at_local.as_deref()?, zone)),
            closed: self.is_closed,
            reactions: Vec::new(),
        }
    }
}

/// Reads an item up to its first comment. `None` if nothing in it can serve as an id.
pub(super) fn read(text: &str, scope: Option<Scope<'_>>, notes: &mut Notes) -> Result<Option<Item>, Unreadable> {
    let element = read_open(text, scope, notes)?;
    let guid = element.scalar("guid", notes);
    let link = element.scalar("link", notes).or_else(|| guid.filter(|guid| guid.starts_with("http")));
    let Some(id) = id(&element, guid, link, notes) else { return Ok(None) };
    let posted_at = element.scalar("wp:post_date_gmt", notes).and_then(time::parse_utc);
    let local = element.scalar("wp:post_date", notes).filter(|_| posted_at.is_none());
    Ok(Some(Item {
        id: id.to_owned(),
        link: link.map(str::to_owned),
        title: element.line("title").map(|title| title::typed(title).into_owned()),
        posted_at,
        posted_at_local: local.map(str::to_owned),
        is_closed: element.scalar("wp:comment_status", notes) == Some("closed"),
        audience: Audience::of(
            element.scalar("wp:status", notes),
            element.scalar("wp:post_password", &mut Notes::default()),
        ),
    }))
}

/// Disqus's import dialect names pages by `dsq:thread_identifier`. Some exporters omit the post's
/// id; the guid, which never changes, contains it as `?p=1`.
fn id<'e>(
    element: &'e Element<'_>,
    guid: Option<&'e str>,
    link: Option<&'e str>,
    notes: &mut Notes,
) -> Option<&'e str> {
    let own = element.scalar("dsq:thread_identifier", notes).or_else(|| element.scalar("wp:post_id", notes));
    let from_guid = || {
        let (_, query) = guid?.split_once("?p=")?;
        (!query.is_empty() && query.bytes().all(|byte| byte.is_ascii_digit())).then_some(query)
    };
    own.or_else(from_guid).or(guid).or(link)
}
