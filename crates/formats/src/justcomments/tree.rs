//! Comments with their answers nested in them, as the API gave them to the widget.

use std::borrow::Cow;

use rethread_model::{Position, Reason};

use super::comment::{self, Context};
use super::refused;
use crate::json::{Object, elements, members};
use crate::notes::Notes;
use crate::reader::Portion;

/// The keys that hold answers.
const NESTED: [&[u8]; 2] = [b"nested", b"nestedComments"];

/// Reads a comment, then its answers, each where it stands. They name what they answer themselves.
pub(super) fn read(bytes: &[u8], context: &mut Context<'_>, at: Position, portion: &mut Portion) {
    let mut waiting = vec![(bytes, at)];
    while let Some((bytes, at)) = waiting.pop() {
        let (own, answers) = split(bytes);
        let mut notes = Notes::default();
        match Object::read(&own, &mut notes) {
            Ok(object) => comment::read(&object, Some(&own), notes, context, at, portion),
            Err(_) => portion.refused(refused(Reason::UnreadableRecord, &own), at),
        }
        // The first answer is to be the next.
        waiting.extend(
            answers
                .into_iter()
                .rev()
                .map(|(offset, answer)| (answer, Position { part: at.part, offset: at.offset + offset as u64 })),
        );
    }
}

/// An answer, and where it stands in the comment.
type Answer<'b> = (usize, &'b [u8]);

/// The comment without its answers, and these.
fn split(bytes: &[u8]) -> (Cow<'_, [u8]>, Vec<Answer<'_>>) {
    let mut own = Cow::Borrowed(bytes);
    let mut answers = Vec::new();
    let nested = members(bytes).filter(|member| NESTED.contains(&member.key));
    for (start, end) in nested.filter_map(|member| Some((member.start, member.end?))) {
        let array = &bytes[start..end];
        let found = elements(array).filter(|range| array[range.start] == b'{');
        answers.extend(found.map(|range| (start + range.start, &array[range])));
        // Spaces keep the places of the rest.
        own.to_mut()[start..end].fill(b' ');
        own.to_mut()[start] = b'0';
    }
    (own, answers)
}
