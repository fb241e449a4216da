//! Frames XML that is not well-formed. It finds records by element name, not by depth, so that
//! damage stays local.

use memchr::{memchr, memchr2, memmem};
use rethread_model::Reason;

use super::framer::Handover;
use super::{CDATA, ends_name};
use crate::framing::{Frame, FrameKind, Framer, Step};

/// What to find in a document.
#[derive(Debug)]
pub struct Grammar {
    /// The root element; empty if it may have any name. Its end tag ends the document.
    pub root: &'static str,
    /// The elements that are framed.
    pub rules: &'static [Rule],
    /// Whether the start tag of any other prefixed element outside records is framed as
    /// [`FrameKind::Head`].
    pub prefixed_heads: bool,
}

impl Grammar {
    /// The rule for records of this kind.
    pub(super) fn rule(&self, kind: FrameKind) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.kind == kind)
    }
}

/// An element that is framed. Start tags are written as their name, end tags as `/name`. Empty
/// elements (`<thread dsq:id="1"/>`) are references to records, not records.
#[derive(Debug)]
pub struct Rule {
    /// Its start tag's name (`/name` for an end tag).
    pub tag: &'static str,
    /// What its frame holds.
    pub kind: FrameKind,
    /// Where it ends.
    pub ends: Ends,
    /// Tags before which an unclosed element ends.
    pub interrupted_by: &'static [&'static str],
    /// For an unclosed CDATA section or comment: the record ends with (or before, if that is where
    /// it ends) the first of these tags if one of the second follows it.
    pub lost_ends: &'static [(&'static str, &'static [&'static str])],
}

impl Rule {
    /// Whether the tag ends a comment record.
    fn is_comment_end(&self, tag: &[u8]) -> bool {
        self.kind == FrameKind::Comment && matches!(self.ends, Ends::With(end) if is_tag(tag, end))
    }

    /// The damage if the record ends without its own end tag: none, if that tag is not part of the
    /// record.
    const fn damage_when_open(&self) -> Option<Reason> {
        match self.ends {
            Ends::Before(_) => None,
            Ends::With(_) | Ends::WithStartTag => Some(Reason::DamagedMarkup),
        }
    }
}

/// Where a framed element ends.
#[derive(Debug)]
pub enum Ends {
    /// With its start tag.
    WithStartTag,
    /// With this tag.
    With(&'static str),
    /// Before any of these tags.
    Before(&'static [&'static str]),
}

/// A tag must be complete within this many bytes to be recognised.
const LONGEST_TAG: usize = 4096;

/// Section ends are searched in steps of this size, so that a file without any takes no longer.
pub(super) const BLOCK_BYTES: usize = 64 * 1024;

/// The terminator of an XML comment.
const COMMENT_END: &[u8] = b"-->";

/// Maximum white space between two tags that together show that a record has ended.
const LONGEST_SPACE: usize = 1024;

/// The framer for XML that is not well-formed.
#[derive(Debug)]
pub struct LenientFramer {
    grammar: &'static Grammar,
    /// The window before it was scanned.
    at: usize,
    open: Option<(&'static Rule, usize)>,
    /// The terminator of the CDATA section, comment or instruction in which `at` lies.
    opaque: Option<&'static [u8]>,
    is_passing_over: bool,
    is_root_closed: bool,
    /// An XML comment outside records was not closed. From then on, apparent comments there are not
    /// skipped.
    has_open_comment: bool,
    /// The root's end tag inside a record. It ends the record if only the document's end follows.
    root_end: Option<usize>,
}

/// What begins at a `<`.
enum Tag {
    Start {
        length: usize,
        is_empty: bool,
    },
    End {
        length: usize,
    },
    Opaque {
        length: usize,
        end: &'static [u8],
    },
    Text,
    /// The window ends inside it.
    Cut,
}

/// Whether a record ends where its end was searched.
enum Lost {
    No,
    Yes(usize),
    /// The window ends too early to decide; search again from here.
    Cut(usize),
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
            match classify(tag, at_end) {
                Tag::Cut => return self.wait(window, at_end),
                Tag::Text => self.at += 1,
                Tag::Opaque { length, end } => {
                    self.at += length;
                    if end == COMMENT_END && self.has_open_comment && self.open.is_none() {
                        continue;
                    }
                    self.opaque = Some(end);
                }
                Tag::Start { length, is_empty } => {
                    if let Some(step) = self.meet(tag, length, is_empty) {
                        return step;
                    }
                }
                Tag::End { length } => {
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

/// What begins at the `<` at the start of `rest`.
fn classify(rest: &[u8], at_end: bool) -> Tag {
    let cut = if at_end { Tag::Text } else { Tag::Cut };
    let Some(second) = rest.get(1) else { return cut };
    match second {
        b'!' if rest.starts_with(CDATA.as_bytes()) => Tag::Opaque { length: CDATA.len(), end: b"]]>" },
        b'!' if rest.starts_with(b"<!--") => Tag::Opaque { length: 4, end: COMMENT_END },
        b'!' if rest.len() < CDATA.len() => cut,
        // Its `?` may be damaged, and no exporter writes another `>` inside an instruction.
        b'?' => Tag::Opaque { length: 2, end: b">" },
        b'/' | b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
            let near = &rest[..rest.len().min(LONGEST_TAG)];
            // A tag holds no `<`, so if one follows, this was not a tag.
            match memchr2(b'<', b'>', &near[1..]).map(|found| found + 1) {
                Some(end) if near[end] == b'<' => Tag::Text,
                Some(end) if *second == b'/' => Tag::End { length: end + 1 },
                Some(end) => Tag::Start { length: end + 1, is_empty: rest[end - 1] == b'/' },
                None if near.len() < LONGEST_TAG => cut,
                None => Tag::Text,
            }
        }
        _ => Tag::Text,
    }
}

/// Whether the record ends inside `inside`, the part of a section up to its end or the window's
/// end.
fn lost_end(rule: &Rule, inside: &[u8], rest: &[u8], at_end: bool) -> Lost {
    let mut first = Lost::No;
    let mut first_at = usize::MAX;
    for (tag, followers) in rule.lost_ends {
        for found in tags(inside, tag) {
            if found >= first_at {
                break;
            }
            let Some(length) = memchr(b'>', &rest[found..]).map(|length| length + 1) else { break };
            let after = &rest[found + length..];
            let space = after.iter().take(LONGEST_SPACE).take_while(|byte| byte.is_ascii_whitespace()).count();
            let next = &after[space..];
            let is_cut = !at_end && space < LONGEST_SPACE && next.len() < 32 && memchr(b'>', next).is_none();
            // Only a second tag proves that the first one is markup and not text.
            let follows = if next.is_empty() { at_end } else { followers.iter().any(|name| is_tag(next, name)) };
            if follows {
                let is_before = matches!(rule.ends, Ends::Before(_));
                first = Lost::Yes(if is_before { found } else { found + length });
                first_at = found;
            } else if is_cut {
                first = Lost::Cut(found);
                first_at = found;
            }
        }
    }
    first
}

/// Whether the tag at the start of `tag` (with its `<`) has this `name` (`/name` for an end tag).
fn is_tag(tag: &[u8], name: &str) -> bool {
    let after = tag.get(1..).and_then(|tag| tag.strip_prefix(name.as_bytes()));
    after.and_then(|after| after.first()).is_some_and(|byte| ends_name(*byte))
}

/// Whether nothing follows the tag at the start of `rest`.
fn ends_with_tag(rest: &[u8]) -> bool {
    memchr(b'>', rest).is_some_and(|end| rest[end + 1..].iter().all(u8::is_ascii_whitespace))
}

/// Where tags with this name begin.
fn tags<'a>(text: &'a [u8], name: &'a str) -> impl Iterator<Item = usize> + 'a {
    memmem::find_iter(text, name.as_bytes())
        .filter(|at| *at > 0)
        .map(|at| at - 1)
        .filter(move |at| text[*at] == b'<' && is_tag(&text[*at..], name))
}

#[cfg(test)]
mod tests;
