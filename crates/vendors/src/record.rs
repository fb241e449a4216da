//! The common parts of the XML readers.

use jiff::tz::TimeZone;
use rethread_html::Sanitised;
use rethread_model::{Comment, Finding, Located, Position, Reason, Record, Refused, SafeHtml, Thread, Timestamp};
use rethread_syntax::text::{CleanText, clean};
use rethread_syntax::xml::Element;
use rethread_syntax::{Framed, Notes, time};

use crate::portion::Portion;

/// The text of a frame, and the repairs made so far.
pub(crate) fn text_of<'a>(frame: &Framed<'a>) -> (CleanText<'a>, Notes) {
    let cleaned = clean(frame.bytes);
    let mut notes = Notes::default();
    if cleaned.repairs.control_characters {
        notes.add(Reason::ControlCharacters);
    }
    if cleaned.repairs.invalid_utf8 {
        notes.add(Reason::InvalidUtf8);
    }
    if let Some(damage) = frame.damage {
        notes.add(damage);
    }
    (cleaned, notes)
}

/// The offsets in the frame of other records with this start tag, which are lost: where exactly one
/// byte of the tag is damaged or, if a section in the frame was never closed, where the tag is
/// intact. Empty if the frame is well-formed.
pub(crate) fn embedded_record_offsets(frame: &Framed<'_>, tag: &str, notes: &Notes) -> Vec<usize> {
    if frame.scope.is_some() {
        return Vec::new();
    }
    let is_unclosed = notes.holds(Reason::UnclosedCdata) || notes.holds(Reason::DamagedMarkup);
    let (head, tail) = tag.as_bytes().split_at(tag.len() / 2);
    let heads = memchr::memmem::find_iter(frame.bytes, head);
    let tails = memchr::memmem::find_iter(frame.bytes, tail).filter_map(|at| at.checked_sub(head.len()));
    let is_one = |at: &usize| {
        let Some(there) = frame.bytes.get(*at..*at + tag.len()).filter(|_| *at > 0) else { return false };
        let mut differing = there.iter().zip(tag.as_bytes()).filter(|(byte, expected)| byte != expected);
        match (differing.next(), differing.next()) {
            (None, _) => is_unclosed,
            (Some((byte, _)), None) => rethread_syntax::json::is_bad(*byte),
            (Some(_), Some(_)) => false,
        }
    };
    let mut places: Vec<usize> = heads.chain(tails).filter(is_one).collect();
    places.sort_unstable();
    places.dedup();
    places
}

impl Portion {
    /// Adds a comment and its repairs.
    pub fn comment(&mut self, comment: Comment, notes: Notes, at: Position) {
        self.findings.extend(notes.into_findings(at, Some(&comment.source_id)));
        self.records.push(Located { value: Record::Comment(Box::new(comment.redacted())), at });
    }

    /// Adds a comment that is not stored.
    pub fn refused(&mut self, refused: Refused, at: Position) {
        self.records.push(Located { value: Record::Refused(refused), at });
    }

    /// Adds a thread.
    pub fn thread(&mut self, thread: Thread, at: Position) {
        self.records.push(Located { value: Record::Thread(thread), at });
    }

    /// Adds a finding about something other than a comment.
    pub fn finding(&mut self, reason: Reason, source_id: Option<&str>, at: Position) {
        self.findings.push(Finding { at, reason, source_id: source_id.map(str::to_owned) });
    }
}

/// The HTML of a comment's text, by the policy for its kind.
pub(crate) fn html_of(text: &str, sanitise: fn(&str) -> Sanitised, notes: &mut Notes) -> SafeHtml {
    let sanitised = sanitise(text);
    if sanitised.flattened {
        notes.add(Reason::FlattenedHtml);
    }
    sanitised.html
}

/// The time of a record that states it twice, as `[gmt, local]`: GMT if it is readable, else the
/// site's local time.
pub(crate) fn gmt_or_local(
    element: &Element<'_>,
    [gmt, local]: [&str; 2],
    zone: Option<&TimeZone>,
    notes: &mut Notes,
) -> Option<Timestamp> {
    let gmt = element.scalar(gmt, notes);
    if let Some(time) = gmt.and_then(time::parse_utc) {
        return Some(time);
    }
    let local = element.scalar(local, notes);
    let time = local.and_then(|local| time::parse_local(local, zone));
    match time {
        Some(_) if zone.is_none() => notes.add(Reason::AssumedUtc),
        None if gmt.or(local).is_some() => notes.add(Reason::UnreadableDate),
        _ => {}
    }
    time
}
