//! The fields that several records have.

use rethread_model::{Origin, Reason, Timestamp};
use rethread_syntax::Notes;
use rethread_syntax::time::parse_utc;
use rethread_syntax::xml::Element;

/// The forum of a category or thread, by its short name. Posts belong to the forum of their thread.
pub(super) fn forum_of(record: &Element<'_>) -> Option<Origin> {
    record.scalar("forum", &mut Notes::default()).map(|name| Origin::new(name.to_lowercase()))
}

/// The id that an element refers to: its attribute, or its text as in Disqus's documentation.
pub(super) fn reference<'e>(record: &'e Element<'_>, name: &str) -> Option<&'e str> {
    let element = record.child(name)?;
    element.attribute("dsq:id").or_else(|| element.value(&mut Notes::default()))
}

pub(super) fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
}

/// The time in a child. An unreadable time is noted and left out.
pub(super) fn time(record: &Element<'_>, name: &str, notes: &mut Notes) -> Option<Timestamp> {
    let text = record.scalar(name, notes)?;
    let time = parse_utc(text);
    if time.is_none() {
        notes.add(Reason::UnreadableDate);
    }
    time
}
