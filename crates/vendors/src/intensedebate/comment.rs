//! `<comment>`.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use rethread_model::{Comment, CommentDetails, ImportOptions, Position, Reason};
use rethread_syntax::xml::{Element, unescape_again};
use rethread_syntax::{Framed, Notes};

use super::post::decoded;
use super::refused;
use super::tag::{Attribute, attribute};
use crate::identity::Person;
use crate::portion::Portion;
use crate::record::{gmt_or_local, html_of};

/// The parent of top-level comments.
pub(super) const NO_PARENT: &str = "0";

/// What a comment does not contain itself.
pub(super) struct Context<'a> {
    /// The id of the blogpost around it.
    pub post: &'a str,
    pub options: &'a ImportOptions,
    pub zone: Option<&'a TimeZone>,
}

/// Reads a comment. Files contain only public comments, so all are approved.
pub(super) fn read(
    frame: &Framed<'_>,
    element: &Element<'_>,
    mut notes: Notes,
    context: &Context<'_>,
    portion: &mut Portion,
) {
    let Some((id, parent)) = ids(frame, element, &mut notes) else {
        return portion.refused(refused(Reason::NoId, frame.bytes, frame.scope), frame.at);
    };
    let created_at = gmt_or_local(element, ["gmt", "date"], context.zone, &mut notes);
    let text = text(element, &mut notes);
    let html = html_of(&text, rethread_html::from_wordpress, &mut notes);
    let ip = context.options.include_ip_addresses.then(|| element.scalar("ip", &mut notes)).flatten();
    let mut comment = Comment {
        parent: parent.filter(|parent| *parent != NO_PARENT).map(str::to_owned),
        created_at,
        html,
        details: CommentDetails {
            score: element.scalar("score", &mut notes).and_then(|score| score.parse().ok()),
            ip: ip.map(str::to_owned),
            ..CommentDetails::default()
        },
        text: text.into_owned(),
        ..Comment::new(id, context.post)
    };
    sign(&mut comment, element, frame.at, &mut notes, portion);
    portion.comment(comment, notes, frame.at);
}

/// The id of a comment and that of its parent.
fn ids<'e>(frame: &Framed<'e>, element: &'e Element<'_>, notes: &mut Notes) -> Option<(&'e str, Option<&'e str>)> {
    if frame.scope.is_some() {
        return Some((element.attribute("id")?, element.attribute("parentid")));
    }
    let id = attribute(frame.bytes, "id").value()?;
    let parent = attribute(frame.bytes, "parentid");
    // The element reader may have read beyond the tag.
    if parent == Attribute::Damaged || element.attribute("id") != Some(id) {
        notes.add(Reason::DamagedMarkup);
    }
    Some((id, parent.value()))
}

/// The text as HTML, in which the site's editor would turn lines into paragraphs. It comes in a
/// CDATA section or escaped, and sometimes escaped once more inside that.
fn text<'e>(element: &'e Element<'_>, notes: &mut Notes) -> Cow<'e, str> {
    let text = element.child("text").map_or("", |text| text.prose(notes)).trim();
    let is_escaped_markup = ["&lt;br", "&lt;/", "&lt;p&gt;", "&lt;a href"].iter().any(|tag| text.contains(tag));
    if is_escaped_markup && !text.contains('<') { unescape_again(text) } else { Cow::Borrowed(text) }
}

fn sign(comment: &mut Comment, element: &Element<'_>, at: Position, notes: &mut Notes, portion: &mut Portion) {
    let link = element.scalar("url", notes).map(|link| decoded(link, notes));
    let person = Person {
        key: None,
        name: element.scalar("name", notes).map(unescape_again),
        email: element.scalar("email", notes).map(Into::into),
        link,
        avatar: None,
        moderator: None,
        as_of: comment.created_at,
    };
    portion.sign(comment, person, at);
}
