//! `<blogpost>`: a page, and the conversation on it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use rethread_model::{PageKey, Reason, Thread, page_key};
use rethread_syntax::text::clean;
use rethread_syntax::xml::{Element, Scope, Unreadable, read_open};
use rethread_syntax::{FrameKind, Framed, Notes};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::title;

/// The stored facts of a blogpost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Post {
    /// The thread's source id: its address, the only id that the exporter writes, or its guid.
    pub id: String,
    pub url: Option<String>,
    guid: Option<String>,
    title: Option<String>,
}

impl Post {
    /// The thread as a record.
    pub(super) fn thread(&self, key: PageKey) -> Thread {
        let url_id = match (&self.url, &self.guid, key) {
            (Some(url), _, PageKey::Url) | (Some(url), None, _) => page_key(url),
            (None, _, _) | (_, Some(_), _) => self.guid.clone().unwrap_or_else(|| self.id.clone()),
        };
        Thread {
            source_id: self.id.clone(),
            url_id,
            url: self.url.clone(),
            title: self.title.clone(),
            created_at: None,
            closed: false,
            reactions: Vec::new(),
        }
    }
}

/// A position relative to blogposts. Travels in the head of a slice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    /// Outside any blogpost.
    #[default]
    Outside,
    /// In this blogpost, or in one without a readable id.
    Inside(Option<Post>),
}

impl Place {
    /// The inverse of [`Self::into_head`].
    pub(super) fn from_head(head: &Value) -> Self {
        head.get("place").cloned().and_then(|place| serde_json::from_value(place).ok()).unwrap_or_default()
    }

    pub(super) fn into_head(self) -> Value {
        serde_json::json!({ "place": self })
    }

    /// Whether a frame at this position really is of its kind. A lone `<url>` begins a blogpost
    /// only outside one, and a lone `<name>` is the rest of a comment only inside one.
    pub(super) fn holds(&self, frame: &Framed<'_>) -> bool {
        match (self, frame.kind) {
            (Self::Inside(_), FrameKind::Thread) => !frame.bytes.starts_with(b"<url"),
            (Self::Outside, FrameKind::Comment) => !frame.bytes.starts_with(b"<name"),
            _ => true,
        }
    }
}

/// Reads a blogpost up to its comments. `None` if nothing in it can serve as an id.
pub(super) fn read(text: &str, scope: Option<Scope<'_>>, notes: &mut Notes) -> Result<Option<Post>, Unreadable> {
    let is_headless = text.starts_with("<url");
    let text = if is_headless { Cow::Owned(format!("<blogpost>{text}")) } else { Cow::Borrowed(text) };
    if is_headless {
        notes.add(Reason::DamagedMarkup);
    }
    let element = read_open(&text, scope, notes)?;
    let post = fields(&element, notes);
    Ok(if scope.is_some() { post } else { post.or_else(|| salvage(&text, notes)) })
}

fn fields(element: &Element<'_>, notes: &mut Notes) -> Option<Post> {
    let guid = element.scalar("guid", notes).map(|guid| decoded(guid, notes).into_owned());
    let url = element.scalar("url", notes).map(|url| decoded(url, notes).into_owned());
    let is_address = |guid: &&String| guid.starts_with("http");
    let url = url.or_else(|| guid.as_ref().filter(is_address).cloned());
    // The exporter replaces characters by spaces, which leaves extra spaces.
    let title = element.line("title").map(|title| title::typed(title).split_whitespace().collect::<Vec<_>>().join(" "));
    let id = url.clone().or_else(|| guid.clone())?;
    Some(Post { id, url, guid, title })
}

/// Recovers the address of a blogpost whose `<url>` tag is damaged.
fn salvage(text: &str, notes: &mut Notes) -> Option<Post> {
    let start = text.find("http%3A").or_else(|| text.find("https%3A")).or_else(|| text.find("http"))?;
    let address = &text[start..];
    let end = address.find(|c: char| c == '<' || c == ']' || c.is_whitespace()).unwrap_or(address.len());
    let url = decoded(&address[..end], notes).into_owned();
    url.contains("://").then(|| {
        notes.add(Reason::DamagedMarkup);
        Post { id: url.clone(), url: Some(url), guid: None, title: None }
    })
}

/// An address, decoded if the exporter encoded all of it.
pub(super) fn decoded<'t>(address: &'t str, notes: &mut Notes) -> Cow<'t, str> {
    let is_encoded = !address.contains("://") && address.contains('%');
    if !is_encoded {
        return Cow::Borrowed(address);
    }
    // As PHP encodes it; a plus in the address itself is escaped.
    let spaced = address.replace('+', " ");
    let bytes: Vec<u8> = percent_decode_str(&spaced).collect();
    let cleaned = clean(&bytes);
    if cleaned.repairs.invalid_utf8 {
        notes.add(Reason::InvalidUtf8);
    }
    if cleaned.repairs.control_characters {
        notes.add(Reason::ControlCharacters);
    }
    Cow::Owned(cleaned.text.trim().to_owned())
}
