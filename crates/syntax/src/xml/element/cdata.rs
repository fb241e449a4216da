//! The text of CDATA sections, however they end.

use memchr::memmem;
use rethread_model::Reason;

use crate::notes::Notes;
use crate::xml::section::CDATA;
use crate::xml::tag::ends_name;

/// How many failed searches for the end of a nested section a record may cause. Bounds the work
/// likewise.
pub(super) const SEARCHES: usize = 16;

/// The text of the CDATA section at the start of `rest`, and the section's whole length.
///
/// Old exporters put text that contains a CDATA section into another one without splitting it. Such
/// a section ends where the element does, not at the first `]]>`.
pub(super) fn cdata<'a>(rest: &'a str, element: &str, searches: &mut usize, notes: &mut Notes) -> (&'a str, usize) {
    let content = &rest[CDATA.len()..];
    let first_end = memmem::find(content.as_bytes(), b"]]>");
    // A `<` that a person typed is escaped, so the element's own end tag inside its section shows
    // that the section was not closed.
    let inside = &content[..first_end.unwrap_or(content.len())];
    let lost_end = memmem::find_iter(inside.as_bytes(), b"</").find(|at| ends_field(&content[*at..], element));
    let (Some(first_end), None) = (first_end, lost_end) else {
        notes.add(Reason::UnclosedCdata);
        let end = lost_end.unwrap_or(content.len());
        return (&content[..end], CDATA.len() + end);
    };
    let mut end = first_end;
    let is_nested = memmem::find(&content.as_bytes()[..first_end], CDATA.as_bytes()).is_some();
    if is_nested && *searches > 0 && !section_may_end(&content[end + 3..], element) {
        // The outer section ends directly before the element's end tag.
        let mut later = memmem::find_iter(&content.as_bytes()[end + 3..], b"]]>").map(|found| first_end + 3 + found);
        match later.find(|at| ends_element(&content[at + 3..], element)) {
            Some(outer) => {
                notes.add(Reason::NestedCdata);
                end = outer;
            }
            None => *searches -= 1,
        }
    }
    (&content[..end], CDATA.len() + end + 3)
}

/// Whether `rest` begins with the element's end tag, followed by markup.
fn ends_field(rest: &str, element: &str) -> bool {
    let after = rest.strip_prefix("</").and_then(|rest| rest.strip_prefix(element));
    let after = after.and_then(|after| after.trim_ascii_start().strip_prefix('>'));
    after.is_some_and(|after| after.trim_ascii_start().starts_with('<') && !element.is_empty())
}

fn section_may_end(after: &str, element: &str) -> bool {
    after.starts_with(CDATA) || ends_element(after, element)
}

fn ends_element(after: &str, element: &str) -> bool {
    let name = after.trim_ascii_start().strip_prefix("</").and_then(|after| after.strip_prefix(element));
    name.is_some_and(|after| after.bytes().next().is_none_or(ends_name))
}
