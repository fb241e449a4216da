//! Frames XML that is not well-formed. It finds records by element name, not by depth, so that
//! damage stays local.

mod lost_end;

use memchr::{memchr, memmem};
use rethread_model::Reason;

use self::lost_end::{Lost, lost_end};
use super::grammar::{Ends, Grammar, Rule};
use super::handover::Handover;
use super::section::{BLOCK_BYTES, CDATA, SECTION_END};
use super::tag::{Markup, is_tag, markup};
use crate::framing::{Frame, FrameKind, Framer, Step};

/// The terminator of an XML comment.
const COMMENT_END: &[u8] = b"-->";

/// The framer for XML that is not well-formed.
#[derive(Debug)]
pub struct LenientFramer {
    grammar: &'static Grammar,
    /// The window before it was scanned.
    at: usize,
    open: Option<(&'static Rule, usize)>,
    /// The terminator of the CDATA section or comment in which `at` lies.
    opaque: Option<&'static [u8]>,
    is_passing_over: bool,
    is_root_closed: bool,
    /// An XML comment outside records was not closed. From then on, apparent comments there are not
    /// skipped.
    has_open_comment: bool,
    /// The root's end tag inside a record. It ends the record if only the document's end follows.
    root_end: Option<usize>,
}

impl LenientFramer {
    /// A framer at the start of a document or of a slice.
    #[must_use]
    pub const fn new(grammar: &'static Grammar) -> Self {
        Self {
            grammar,
            at: 0,
            open: None,
            opaque: None,
            is_passing_over: false,
            is_root_closed: false,
            has_open_comment: false,
            root_end: None,
        }
    }

    /// A framer that takes over in the middle of a document.
    #[must_use]
    pub fn resume(grammar: &'static Grammar, handover: &Handover) -> Self {
        let open = handover.passed_over.and_then(|kind| grammar.rule(kind)).map(|rule| (rule, 0));
        Self {
            at: handover.at,
            is_passing_over: open.is_some(),
            open,
            opaque: handover.section,
            is_root_closed: handover.is_root_closed,
            ..Self::new(grammar)
        }
    }

    /// Nothing more can be found in this window.
    fn wait(&mut self, window: &[u8], at_end: bool) -> Step {
        let open = self.open.filter(|_| !self.is_passing_over);
        if at_end {
            // A root end tag inside the open record counts only if nothing follows it.
            let is_root_last = self.root_end.is_some_and(|at| ends_with_tag(&window[at..]));
            self.is_root_closed |= is_root_last;
            if let (Some((rule, start)), Some(end), true) = (open, self.root_end, is_root_last)
                && let Some(step) = self.emit(rule, start, end, rule.damage_when_open())
            {
                return step;
            }
            let open = open.map(|(rule, start)| (rule.kind, start));
            return Step::End { closed: self.is_root_closed, open };
        }
        match open {
            Some((rule, start)) => Step::NeedMore { open: Some((rule.kind, start)) },
            None if self.at == 0 => Step::NeedMore { open: None },
            None => {
                let looked_at = self.at.min(window.len());
                self.at = 0;
                self.is_root_closed |= self.root_end.take().is_some();
                Step::Skip(looked_at)
            }
        }
    }

    /// The open record ends at `end`, where the next window begins. `None` if it is skipped and no
    /// bytes remain.
    fn emit(&mut self, rule: &'static Rule, start: usize, end: usize, damage: Option<Reason>) -> Option<Step> {
        self.open = None;
        self.opaque = None;
        self.root_end = None;
        self.at = 0;
        if std::mem::take(&mut self.is_passing_over) {
            return (end > 0).then_some(Step::Skip(end));
        }
        Some(Step::Frame(Frame { kind: rule.kind, start, end, damage }))
    }

    /// Searches the end of the opaque section around `at`. `None` to continue in the window, inside
    /// the section or after it.
    fn leave_opaque(&mut self, end: &'static [u8], window: &[u8], at_end: bool) -> Option<Step> {
        let whole = &window[self.at..];
        let rest = &whole[..whole.len().min(BLOCK_BYTES)];
        let is_last = at_end && rest.len() == whole.len();
        let close = memmem::find(rest, end);
        let inside = &rest[..close.unwrap_or(rest.len())];
        if let Some((rule, start)) = self.open {
            // An unclosed section would swallow everything, so check whether the record ends inside
            // it.
            match lost_end(rule, inside, rest, is_last) {
                Lost::Yes(length) => {
                    let ended = self.at + length;
                    return self.emit(rule, start, ended, Some(Reason::UnclosedCdata));
                }
                Lost::Cut(length) => {
                    self.at += length;
                    return (rest.len() == whole.len()).then(|| self.wait(window, at_end));
                }
                Lost::No => {}
            }
        }
        if let Some(found) = close {
            self.at += found + end.len();
            self.opaque = None;
            return None;
        }
        if self.open.is_none() && end == COMMENT_END {
            return self.leave_open_comment(is_last || rest.len() == BLOCK_BYTES);
        }
        // The window may cut the terminator in two, or a tag that would end the record.
        let kept = if is_last { 0 } else { rest.len().min(32) };
        self.at += rest.len() - kept;
        (rest.len() == whole.len()).then(|| self.wait(window, at_end))
    }

    /// The XML comment around `at`, outside records, has no end in the scanned bytes. If no more
    /// are scanned, its end is damaged and the bytes after it are part of the document.
    fn leave_open_comment(&mut self, is_all: bool) -> Option<Step> {
        if is_all {
            self.opaque = None;
            self.has_open_comment = true;
            return None;
        }
        Some(match std::mem::take(&mut self.at) {
            0 => Step::NeedMore { open: None },
            before => Step::Skip(before),
        })
    }

    /// Handles the tag at `self.at`. Returns a step if it begins or ends a frame.
    fn meet(&mut self, tag: &[u8], length: usize, is_empty: bool) -> Option<Step> {
        let here = self.at;
        let after = here + length;
        let named = |names: &[&str]| names.iter().any(|name| is_tag(tag, name));
        if let Some((rule, start)) = self.open {
            match rule.ends {
                Ends::With(end) if is_tag(tag, end) => return self.emit(rule, start, after, None),
                Ends::Before(ends) if named(ends) => return self.emit(rule, start, here, None),
                _ => {}
            }
            // Something begins that cannot be inside the record, so the record was never closed.
            if !is_empty && named(rule.interrupted_by) {
                return self.emit(rule, start, here, rule.damage_when_open());
            }
            if self.is_root_end(tag) {
                self.root_end = Some(here);
            }
            self.at = after;
            return None;
        }
        if let Some(rule) = self.grammar.rules.iter().find(|rule| is_tag(tag, rule.tag)) {
            if matches!(rule.ends, Ends::WithStartTag) {
                self.is_root_closed = false;
                return self.emit(rule, here, after, None);
            }
            if !is_empty {
                self.is_root_closed = false;
                self.open = Some((rule, here));
            }
        } else if self.grammar.prefixed_heads && tag[1] != b'/' && memchr(b':', &tag[..tag.len().min(24)]).is_some() {
            return self.emit(&PREFIXED, here, after, None);
        } else if let Some(rule) = self.grammar.rules.iter().find(|rule| rule.is_comment_end(tag)) {
            // The end of a comment record whose start tag is damaged: the bytes before it are lost
            // and must be reported.
            return self.emit(rule, here, after, Some(Reason::DamagedMarkup));
        } else if self.is_root_end(tag) || is_empty && !self.grammar.root.is_empty() && is_tag(tag, self.grammar.root) {
            self.is_root_closed = true;
            self.at = 0;
            return Some(Step::Skip(after));
        }
        self.at = after;
        None
    }

    fn is_root_end(&self, tag: &[u8]) -> bool {
        // `</ title>` does not end a root without a name.
        !self.grammar.root.is_empty() && tag[1] == b'/' && is_tag(&tag[1..], self.grammar.root)
    }
}

/// The start tag of a prefixed element without a rule.
static PREFIXED: Rule =
    Rule { tag: "", kind: FrameKind::Head, ends: Ends::WithStartTag, interrupted_by: &[], lost_ends: &[] };

impl Framer for LenientFramer {
    fn next(&mut self, window: &[u8], at_end: bool) -> Step {
        loop {
            if let Some(end) = self.opaque {
                if let Some(step) = self.leave_opaque(end, window, at_end) {
                    return step;
                }
                continue;
            }
            let Some(found) = memchr(b'<', &window[self.at.min(window.len())..]) else {
                self.at = window.len();
                return self.wait(window, at_end);
            };
            self.at += found;
            let tag = &window[self.at..];
            match markup(tag, at_end) {
                Markup::Cut => return self.wait(window, at_end),
                Markup::Text => self.at += 1,
                Markup::Other { length } => self.at += length,
                Markup::Section => {
                    self.at += CDATA.len();
                    self.opaque = Some(SECTION_END);
                }
                Markup::Comment => {
                    self.at += b"<!--".len();
                    if !self.has_open_comment || self.open.is_some() {
                        self.opaque = Some(COMMENT_END);
                    }
                }
                Markup::Start { length, is_empty } => {
                    if let Some(step) = self.meet(tag, length, is_empty) {
                        return step;
                    }
                }
                Markup::End { length } => {
                    if let Some(step) = self.meet(tag, length, false) {
                        return step;
                    }
                }
            }
        }
    }

    fn pass_over(&mut self) {
        self.is_passing_over = true;
    }

    fn is_closed(&self) -> bool {
        self.is_root_closed && self.open.is_none() && self.at == 0
    }

    fn damage_of_open(&self) -> Option<Reason> {
        let (rule, _) = self.open?;
        self.opaque.map_or_else(|| rule.damage_when_open(), |_| Some(Reason::UnclosedCdata))
    }
}

/// Whether nothing follows the tag at the start of `rest`.
fn ends_with_tag(rest: &[u8]) -> bool {
    memchr(b'>', rest).is_some_and(|end| rest[end + 1..].iter().all(u8::is_ascii_whitespace))
}

#[cfg(test)]
mod tests;
