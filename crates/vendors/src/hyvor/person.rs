//! Reads `users`, and the authors that comments embed.

use std::borrow::Cow;

use rethread_model::{Located, Position, Reason, Record, Timestamp};
use rethread_syntax::Notes;
use rethread_syntax::json::Object;

use super::first;
use crate::identity::Person;
use crate::portion::Portion;

/// The roles that may moderate.
const MODERATORS: [&str; 5] = ["owner", "admin", "administrator", "moderator", "mod"];

pub(super) fn read(object: &Object<'_>, mut notes: Notes, at: Position, portion: &mut Portion) {
    let id = key(object, &mut notes);
    let author = person(object, None, &mut notes).identify().description;
    match (author, id) {
        (Some(author), _) => {
            // An e-mail address must not be reported as an id.
            let id = author.key.strip_prefix("user:").map(str::to_owned);
            portion.findings.extend(notes.into_findings(at, id.as_deref()));
            portion.records.push(Located { value: Record::Author(author), at });
        }
        (None, id) => portion.finding(Reason::UnreadableRecord, id.as_deref(), at),
    }
}

/// The person; `seen_at` is when they wrote the comment that embeds them. Guests have no type, no
/// id, and, in the files seen, an empty address: they are not merged.
pub(super) fn person(object: &Object<'_>, seen_at: Option<Timestamp>, notes: &mut Notes) -> Person<'static> {
    let key = key(object, notes);
    let name = first(object, &["name", "username"], notes);
    let email = first(object, &["email"], notes);
    let link = first(object, &["website_url"], notes);
    let last_seen = object.time("last_commented_at", notes).or_else(|| object.time("created_at", notes));
    let moderator = object.has("role").then(|| {
        let role = object.text("role").unwrap_or_default().trim().to_ascii_lowercase();
        MODERATORS.contains(&role.as_str())
    });
    Person {
        key: key.map(Cow::Owned),
        name: name.map(Cow::Owned),
        email: email.map(Cow::Owned),
        link: link.map(Cow::Owned),
        avatar: first(object, &["picture_url"], notes),
        moderator,
        as_of: last_seen.or(seen_at),
    }
}

/// `hyvor_123`, `sso_55`. If it is missing, it is built as Hyvor does.
fn key(object: &Object<'_>, notes: &mut Notes) -> Option<String> {
    if let Some(htid) = first(object, &["htid"], notes) {
        return Some(htid);
    }
    let id = first(object, &["id"], notes).filter(|id| id != "0")?;
    match first(object, &["type"], notes) {
        Some(kind) if kind != "guest" => Some(format!("{kind}_{id}")),
        Some(_) => None,
        None => Some(id),
    }
}
