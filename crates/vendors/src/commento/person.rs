//! Reads commenters. Commento repeats a commenter for each comment; repetitions are equal, and
//! stores keep one.

use rethread_model::{Author, Located, Position, Reason, Record};
use rethread_syntax::Notes;
use rethread_syntax::json::Object;

use super::{is_zero, known, time};
use crate::invented::is_personal;
use crate::portion::Portion;

/// The addresses that Commento's own Disqus import made from user names
/// (`api/domain_import_disqus.go`). In other vendors' files these may be real addresses.
const INVENTED_ADDRESSES: &str = "@disqus.com";

/// Stands for all people without a name.
const ANONYMOUS: &str = "anonymous";

/// [`Author::key`] of a commenter, or `None` for the one that stands for all unknown people.
pub(super) fn key_of(id: &str) -> Option<String> {
    let is_nobody = id == ANONYMOUS || id == "undefined" || is_zero(id);
    (!is_nobody).then(|| format!("user:{id}"))
}

pub(super) fn read(object: &Object<'_>, mut notes: Notes, at: Position, portion: &mut Portion) {
    let id = object.value("commenterHex", &mut notes).or_else(|| object.value("id", &mut notes));
    let Some(id) = id else {
        portion.finding(Reason::UnreadableRecord, None, at);
        return;
    };
    let Some(key) = key_of(&id) else { return };
    let mut first = |keys: [&str; 2]| keys.iter().find_map(|key| object.value(key, &mut notes).and_then(known));
    let author = Author {
        key,
        name: first(["name", "name"]),
        email: first(["email", "email"]).filter(|email| is_real(email)),
        link: first(["link", "websiteUrl"]),
        avatar: first(["photo", "avatarUrl"]),
        moderator: moderator(object),
        as_of: time(object, "joinDate", &mut notes).or_else(|| time(object, "createdTime", &mut notes)),
    };
    portion.findings.extend(notes.into_findings(at, Some(&id)));
    portion.records.push(Located { value: Record::Author(author), at });
}

fn is_real(email: &str) -> bool {
    is_personal(email) && !email.to_ascii_lowercase().ends_with(INVENTED_ADDRESSES)
}

/// Commento's exporter always writes `false`, so only Comentario's value counts as a no.
fn moderator(object: &Object<'_>) -> Option<bool> {
    let is_moderator = object.flag("isModerator");
    (is_moderator || object.has("id") && object.has("isModerator")).then_some(is_moderator)
}
