//! Comments with nested answers, as the API returned them to the widget, at any depth.

use std::borrow::Cow;
use std::ops::Range;

use rethread_model::{Position, Reason};
use rethread_syntax::Notes;
use rethread_syntax::json::{Object, closing_quote, elements, is_key, members};

use super::comment::{self, Context};
use super::refused;
use crate::portion::Portion;

/// The keys that hold answers.
const NESTED: [&str; 2] = ["nested", "nestedComments"];

/// Maximum depth of answers in a damaged record. Each level rescans everything nested in it.
const DAMAGED_DEPTH: usize = 64;

/// Reads a comment, then its answers, each at its own position. Answers name their parent
/// themselves.
pub(super) fn read(bytes: &[u8], context: &mut Context<'_>, at: Position, portion: &mut Portion) {
    let entries = whole(bytes).unwrap_or_else(|| damaged(bytes));
    for entry in entries {
        let own = entry.own(bytes);
        let at = Position { offset: at.offset + entry.range.start as u64, ..at };
        let mut notes = Notes::default();
        match Object::read(&own, &mut notes) {
            Ok(object) => comment::read(&object, Some(&own), notes, context, at, portion),
            Err(_) => portion.refused(refused(Reason::UnreadableRecord, &own), at),
        }
    }
}

/// A comment in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    range: Range<usize>,
    /// The arrays of its answers.
    answers: Vec<Range<usize>>,
}

impl Entry {
    /// The comment's bytes without its answers.
    fn own<'b>(&self, record: &'b [u8]) -> Cow<'b, [u8]> {
        if self.answers.is_empty() {
            return Cow::Borrowed(&record[self.range.clone()]);
        }
        let mut own = Vec::new();
        let mut from = self.range.start;
        for answers in &self.answers {
            own.extend_from_slice(&record[from..answers.start]);
            own.push(b'0');
            from = answers.end;
        }
        own.extend_from_slice(&record[from..self.range.end]);
        Cow::Owned(own)
    }
}

/// An open bracket at a position in a record.
enum Open {
    /// The comment with this index, and the key in it that was read last.
    Comment(usize, Range<usize>),
    /// An array of answers that began here.
    Answers(usize),
    Object,
    Array,
}

/// The comments of a record with balanced brackets, in one pass, in document order.
fn whole(record: &[u8]) -> Option<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(length) = record[at..].iter().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']')) {
        at += length;
        let start = at;
        at += 1;
        match (record[start], open.last_mut()) {
            (b'"', innermost) => {
                at = closing_quote(record, at)? + 1;
                let follows = record[at..].iter().find(|byte| **byte > b' ');
                if let (Some(Open::Comment(_, key)), Some(b':')) = (innermost, follows) {
                    *key = start + 1..at - 1;
                }
            }
            (b'{', None) if !entries.is_empty() => return None,
            (b'{', None | Some(Open::Answers(_))) => {
                open.push(Open::Comment(entries.len(), 0..0));
                entries.push(Entry { range: start..start, answers: Vec::new() });
            }
            (b'{', Some(_)) => open.push(Open::Object),
            (b'[', Some(Open::Comment(_, key))) => {
                let is_nested = NESTED.iter().any(|name| is_key(&record[key.clone()], name));
                open.push(if is_nested { Open::Answers(start) } else { Open::Array });
            }
            (b'[', Some(_)) => open.push(Open::Array),
            (b'}', Some(Open::Comment(number, _))) => {
                entries[*number].range.end = at;
                open.pop();
            }
            (b'}', Some(Open::Object)) | (b']', Some(Open::Array)) => {
                open.pop();
            }
            (b']', Some(Open::Answers(began))) => {
                let began = *began;
                open.pop();
                if let Some(Open::Comment(number, _)) = open.last() {
                    entries[*number].answers.push(began..at);
                }
            }
            _ => return None,
        }
    }
    open.is_empty().then_some(entries)
}

/// The comments of a damaged record, as far as they can be found.
fn damaged(record: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut waiting = vec![(0..record.len(), 0)];
    while let Some((range, depth)) = waiting.pop() {
        let mut entry = Entry { range: range.clone(), answers: Vec::new() };
        let mut found = Vec::new();
        if depth < DAMAGED_DEPTH {
            let nested = members(&record[range.clone()])
                .filter(|member| NESTED.iter().any(|name| *member.key == *name.as_bytes()));
            for (start, end) in
                nested.filter_map(|member| Some((range.start + member.start, range.start + member.end?)))
            {
                if record[start] == b'[' {
                    let objects = elements(&record[start..end]).map(|place| start + place.start..start + place.end);
                    found.extend(objects.filter(|place| record[place.start] == b'{'));
                    entry.answers.push(start..end);
                }
            }
        }
        entries.push(entry);
        // Process the first answer next.
        waiting.extend(found.into_iter().rev().map(|place| (place, depth + 1)));
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_record_is_taken_apart_as_a_damaged_one_is() {
        for record in [
            r#"{"commentId":"a"}"#,
            r#"{"commentId":"a","nested":[{"x":[{}],"nestedComments":[{},7,[{}]]},{"y":"]}\\\""}],"z":{"nested":[{"b":1}]}}"#,
            r#"{"nested":[],"nested":[{"n\u0065sted":[{"a":1}]}],"t":"\"nested\":[{"}"#,
            r#"{"nested":{"nested":[{}]},"nestedComments":"x"}"#,
        ] {
            assert_eq!(whole(record.as_bytes()), Some(damaged(record.as_bytes())), "{record}");
        }
        for other in ["{", "{]", "{\"a", "{}}", "{}{}", "{\"nested\":[{]}"] {
            assert_eq!(whole(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn depth_costs_no_more_than_length() {
        let depth = 100_000;
        let record = format!("{}{}", "{\"nested\":[".repeat(depth) + "{}", "]}".repeat(depth));
        let entries = whole(record.as_bytes()).unwrap();
        assert_eq!(entries.len(), depth + 1);
        assert_eq!(entries[0].own(record.as_bytes()), &b"{\"nested\":0}"[..]);
    }
}
