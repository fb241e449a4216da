//! The promises about fields that a format holds partly.

use std::collections::BTreeSet;

use rethread_model::{ExportFormat, Status, TextKind, Timestamp, page_key};

use super::seen::{Seen, Who, same_html};
use crate::Field;

/// What a promise may depend on besides the comment.
#[derive(Debug)]
pub(super) struct Context {
    /// Vendor and origin, if everything exported has the same.
    pub sole: Option<(String, String)>,
    /// The host with most comments, as named in the file.
    pub host: Option<String>,
}

/// Whether a field that the format holds partly is as promised.
pub(super) fn is_kept(format: ExportFormat, field: Field, was: &Seen, is: &Seen, context: &Context) -> bool {
    match (format, field) {
        (ExportFormat::WordPress | ExportFormat::Disqus, Field::Url) => match &was.url {
            Some(_) => was.url == is.url,
            None => is.url.as_deref().is_none_or(|url| page_key(url) == was.url_id),
        },
        (ExportFormat::Commento, Field::Url) => match &was.url {
            Some(url) => has_own_key(was) || is.url.as_deref().map(page_key) == Some(page_key(url)),
            None => is.url.as_deref().is_none_or(|url| page_key(url).ends_with(was.url_id.trim_end_matches('/'))),
        },
        (ExportFormat::WordPress | ExportFormat::Disqus, Field::UrlId) => has_own_key(was) || is_key_kept(was, is),
        (ExportFormat::Commento, Field::UrlId) => is_key_kept(was, is),
        (_, Field::PageTitle) if was.page_title.is_some() => was.page_title == is.page_title,
        (_, Field::PageTitle) => is
            .page_title
            .as_ref()
            .is_some_and(|title| page_key(title) == page_key(was.url.as_ref().unwrap_or(&was.url_id))),
        (_, Field::Origin) => {
            let is_sole = context.sole.as_ref() == Some(&was.origin) && was.origin.0 == format.as_str();
            let is_named = format != ExportFormat::Commento || context.host.as_ref() == Some(&was.origin.1);
            !(is_sole && is_named) || was.origin == is.origin
        }
        (ExportFormat::WordPress, Field::ThreadId) => {
            let is_number = was.thread_id.parse::<u64>().is_ok();
            !(context.sole.is_some() && was.on_first_thread && is_number) || was.thread_id == is.thread_id
        }
        (ExportFormat::Commento, Field::ThreadId) => {
            was.url.as_deref() != Some(&was.thread_id) || was.thread_id == is.thread_id
        }
        (ExportFormat::Disqus, Field::ThreadId) => was.origin.0 != "disqus" || was.thread_id == is.thread_id,
        (ExportFormat::WordPress, Field::ThreadCreatedAt) => {
            !was.on_first_thread || whole_seconds(was.thread_created_at) == is.thread_created_at
        }
        (_, Field::ThreadCreatedAt) => whole_seconds(was.thread_created_at) == is.thread_created_at,
        (_, Field::ThreadClosed) => !was.on_first_thread || was.closed == is.closed,
        (ExportFormat::WordPress, Field::SourceId) => is_number_kept(was, is, context),
        (_, Field::SourceId) => {
            let is_own = was.origin.0 == format.as_str() && !was.source_id.starts_with("odd");
            !is_own || was.source_id == is.source_id
        }
        (_, Field::AuthorKey) => is_author_kept(format, was, is, context),
        // If an author signs with several names, the first has the address.
        (_, Field::Email) => is.email.is_none() || was.email == is.email,
        (_, Field::Name) if was.status == Some(Status::Deleted) => is.name.is_none(),
        (_, Field::Name) => is.name.as_deref() == Some(was.name.as_deref().unwrap_or("Anonymous")),
        (_, Field::Avatar) => {
            let of_disqus = was.avatar.as_deref().is_some_and(|url| url.starts_with("https://disqus.com/"));
            let is_user = matches!(&was.author, Who::Known(key) if key.starts_with("user:"));
            !(was.origin.0 == "disqus" && of_disqus && is_user) || was.avatar == is.avatar
        }
        (_, Field::Moderator) => is.moderator == was.moderator.filter(|is_moderator| *is_moderator),
        (ExportFormat::Commento, Field::CreatedAt) => was.created_at.filter(is_after_year_one) == is.created_at,
        (_, Field::CreatedAt) => whole_seconds(was.created_at) == is.created_at,
        (_, Field::Status) => {
            let unless_pending = was.status.filter(|status| *status != Status::Pending);
            is.status == unless_pending.or(Some(Status::Approved))
        }
        (ExportFormat::Commento, Field::Text) if was.text_kind == Some(TextKind::Markdown) => {
            let is_blank = was.text.trim().is_empty() && is.text.is_empty();
            let is_escaped = was.text.trim() == "[deleted]" && is.text.contains("<div>");
            is_blank || is_escaped || was.text == is.text
        }
        (ExportFormat::Commento, Field::Text) => rethread_html::from_markdown(&is.text).html.as_str() == is.html,
        (ExportFormat::Commento, Field::Html) if was.text_kind == Some(TextKind::Markdown) => {
            let is_blank = was.text.trim().is_empty() && is.html.is_empty();
            is_blank || rethread_html::from_markdown(&was.text).html.as_str() == is.html
        }
        (ExportFormat::Commento, Field::Html) => same_html(&was.html) == same_html(&is.html),
        (_, Field::Text | Field::Html) => essence(&was.html) == essence(&is.html),
        (_, Field::Votes) => {
            let sum = was.details.votes_up.unwrap_or(0) - was.details.votes_down.unwrap_or(0);
            was.status == Some(Status::Deleted) || is.details.score == was.details.score.or(Some(sum))
        }
        (_, Field::Score) => was.details.score.is_none() || was.details.score == is.details.score,
        _ => panic!("nobody said what is promised of {field:?} in {format}"),
    }
}

/// A page with an address that the site nevertheless identified by an identifier.
pub(super) fn has_own_key(seen: &Seen) -> bool {
    seen.url.as_deref().is_some_and(|url| page_key(url) != seen.url_id)
}

/// A page without an address is also known by its site.
fn is_key_kept(was: &Seen, is: &Seen) -> bool {
    let is_path = was.url_id.starts_with('/') && is.url_id.ends_with(was.url_id.trim_end_matches('/'));
    was.url_id == is.url_id || is_path || is.url_id.ends_with(&format!("#{}", was.url_id))
}

fn is_after_year_one(time: &Timestamp) -> bool {
    *time >= "0002-01-01T00:00:00Z".parse().unwrap()
}

fn whole_seconds(time: Option<Timestamp>) -> Option<Timestamp> {
    let floor = |time: Timestamp| {
        Timestamp::from_second(time.as_nanosecond().div_euclid(1_000_000_000).try_into().unwrap()).unwrap()
    };
    time.filter(is_after_year_one).map(floor)
}

/// Ids of comments in a WXR file combine the post and the comment.
fn is_number_kept(was: &Seen, is: &Seen, context: &Context) -> bool {
    let number = match was.origin.0.as_str() {
        "wordpress" => was.source_id.strip_prefix(&format!("{}:", was.thread_id)),
        _ => Some(was.source_id.as_str()),
    };
    let number = number.filter(|number| number.parse::<u64>().is_ok() && context.sole.is_some() && was.on_first_thread);
    number.is_none_or(|number| is.source_id.split_once(':').is_some_and(|(_, own)| own == number))
}

/// Keys that a format can hold are restored; guests and missing authors never become another
/// person.
fn is_author_kept(format: ExportFormat, was: &Seen, is: &Seen, context: &Context) -> bool {
    let Who::Known(key) = &was.author else {
        return matches!(is.author, Who::Guest | Who::Nobody) || format == ExportFormat::Commento;
    };
    let is_own = match format {
        ExportFormat::WordPress => context.sole.as_ref().is_some_and(|(vendor, _)| vendor == "wordpress"),
        _ => was.origin.0 == format.as_str(),
    };
    let by_address = was.email.as_ref().map(|email| format!("email:{}", email.to_lowercase()));
    match (format, key.starts_with("user:")) {
        // Only an author with an address is recognisable as the first of several names.
        (ExportFormat::Commento, true) if is_own && is.email.is_none() => matches!(is.author, Who::Known(_)),
        (_, true) if is_own => is.author == Who::Known(key.clone()),
        (ExportFormat::Disqus | ExportFormat::WordPress, false) => is.author == Who::Known(key.clone()),
        (ExportFormat::WordPress, true) => by_address.is_none_or(|key| is.author == Who::Known(key)),
        _ => matches!(is.author, Who::Known(_)),
    }
}

/// The author's identity in a file of this format: two comments have the same author in it if and
/// only if this value is equal.
pub(super) fn identity(format: ExportFormat, was: &Seen, context: &Context) -> Option<String> {
    let Who::Known(key) = &was.author else { return None };
    let by_address = was.email.as_ref().map(|email| email.to_lowercase());
    let is_user = key.starts_with("user:");
    let of_wordpress = context.sole.as_ref().is_some_and(|(vendor, _)| vendor == "wordpress");
    match format {
        ExportFormat::Disqus if is_user && was.origin.0 == "disqus" => Some(key.clone()),
        ExportFormat::Disqus if !is_user => by_address,
        ExportFormat::WordPress if is_user && of_wordpress => Some(key.clone()),
        ExportFormat::WordPress => by_address,
        ExportFormat::Commento => {
            Some(format!("{:?} {key} {:?} {:?} {:?}", was.origin, was.name, was.link, was.avatar))
        }
        _ => Some(format!("{:?} {key}", was.origin)),
    }
}

/// The content and tags of HTML, without its paragraphs and lines: WordPress makes its own, also in
/// titles of links with a `>`, and an HTML parser then closes and reopens the elements around them.
fn essence(html: &str) -> (String, BTreeSet<String>) {
    let (mut text, mut tags) = (String::new(), BTreeSet::new());
    let html = html.replace("&nbsp;", " ");
    let mut rest = html.as_str();
    while !rest.is_empty() {
        let is_tag = rest.starts_with('<');
        let end = if is_tag { tag_end(rest) } else { rest.find('<').unwrap_or(rest.len()) };
        let (piece, after) = rest.split_at(end);
        if !is_tag {
            text.extend(piece.chars().filter(|character| !character.is_whitespace() && *character != '\u{feff}'));
        } else if !matches!(piece, "<p>" | "</p>" | "<br>") {
            let untitled = piece.split_once(" title=").map_or(piece, |(before, _)| before);
            tags.insert(untitled.to_owned());
        }
        rest = after;
    }
    (text, tags)
}

fn tag_end(tag: &str) -> usize {
    let mut is_quoted = false;
    for (at, character) in tag.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            '>' if !is_quoted => return at + 1,
            _ => {}
        }
    }
    tag.len()
}
