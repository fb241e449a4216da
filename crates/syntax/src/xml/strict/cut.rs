//! Handles constructs that the end of a window, or of the document, cuts in two.

use memchr::{memchr3, memmem};
use quick_xml::errors::{Error, IllFormedError, SyntaxError};

use super::{At, Broken, LONGEST_COMMENT, LONGEST_TAG, Pause, StrictFramer};
use crate::framing::Step;
use crate::xml::section::{BLOCK_BYTES, CDATA, SECTION_END};

/// The kind of construct that begins at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Construct {
    Text,
    Section,
    Comment,
    /// A tag, a reference, an instruction, or too few bytes to decide.
    Short,
}

/// The start of a section.
const SECTION: &[u8] = CDATA.as_bytes();

/// Bytes of a section to keep when the rest is skipped: the window may cut its end, or a tag, in
/// two.
const KEPT: usize = 32;

impl Construct {
    fn of(rest: &[u8]) -> Self {
        match rest {
            [b'<', b'!', ..] if rest.starts_with(SECTION) => Self::Section,
            [b'<', b'!', b'-', b'-', ..] => Self::Comment,
            [b'<' | b'&', ..] => Self::Short,
            _ => Self::Text,
        }
    }
}

/// Whether an error of quick-xml means a cut construct or one that is not well-formed.
pub(super) fn by_error(error: &Error, text: &[u8], here: usize, after: usize) -> Result<Pause, At> {
    let rest = &text[here..];
    let is_cut = match error {
        Error::Encoding(_) => {
            let event = &text[here..after.min(text.len())];
            let Err(fault) = std::str::from_utf8(event) else { return Err(here) };
            if fault.error_len().is_some() || after < text.len() {
                return Err(here + fault.valid_up_to());
            }
            true
        }
        Error::Syntax(
            SyntaxError::UnclosedTag
            | SyntaxError::UnclosedPI
            | SyntaxError::UnclosedXmlDecl
            | SyntaxError::UnclosedSingleQuotedAttributeValue
            | SyntaxError::UnclosedDoubleQuotedAttributeValue,
        ) => !rest.starts_with(b"<!") || rest.len() < SECTION.len(),
        Error::Syntax(_) => match Construct::of(rest) {
            Construct::Section => memmem::find(rest, SECTION_END).is_none(),
            Construct::Comment => memmem::find(&rest[4..], b"-->").is_none(),
            _ => SECTION.starts_with(rest) || b"<!--".starts_with(rest),
        },
        Error::IllFormed(IllFormedError::UnclosedReference) => {
            rest.len() <= LONGEST_TAG && memchr3(b';', b'&', b'<', &rest[1..]).is_none()
        }
        _ => false,
    };
    if is_cut { Ok(Pause::Cut) } else { Err(here) }
}

impl StrictFramer {
    /// What begins at `self.at` does not end in the window. `None` to continue.
    pub(super) fn cut(&mut self, window: &[u8], at_end: bool) -> Result<Option<Step>, Broken> {
        let rest = &window[self.at..];
        let construct = Construct::of(rest);
        let is_held = self.record.is_some() && !self.is_passing_over;
        // Only text may reach the end of the document; anything else is incomplete.
        if at_end && construct != Construct::Text {
            if self.is_passing_over && construct == Construct::Section {
                return Ok(self.enter_section());
            }
            return Err(self.ended(window.len()));
        }
        match construct {
            Construct::Short if rest.len() > LONGEST_TAG => return Err(self.broken(self.at)),
            Construct::Comment if !is_held && rest.len() > LONGEST_COMMENT => return Err(self.broken(self.at)),
            Construct::Section if self.elements.depth() == 0 => return Err(self.broken(self.at)),
            Construct::Section if !is_held && rest.len() > LONGEST_COMMENT => return Ok(self.enter_section()),
            Construct::Text if at_end || !is_held => self.pass_text(rest, at_end)?,
            _ => {}
        }
        self.wait(window, at_end).map(Some)
    }

    fn enter_section(&mut self) -> Option<Step> {
        self.section = Some(SECTION_END);
        self.at += SECTION.len();
        None
    }

    /// Checks text that may continue in the next window, and skips as much of it as possible.
    fn pass_text(&mut self, rest: &[u8], at_end: bool) -> Result<(), Broken> {
        let whole = match std::str::from_utf8(rest) {
            Ok(text) => text,
            Err(fault) if fault.error_len().is_some() || at_end => {
                return Err(self.broken(self.at + fault.valid_up_to()));
            }
            Err(fault) => std::str::from_utf8(&rest[..fault.valid_up_to()]).unwrap_or_default(),
        };
        // The window may cut a `]]>` in two.
        let text = if at_end { whole } else { whole.trim_end_matches(']') };
        self.text(text, self.at).map_err(|at| self.broken(at))?;
        self.at += text.len();
        Ok(())
    }

    /// Searches the end of the section around `self.at`, which is skipped. `None` to continue.
    pub(super) fn leave_section(
        &mut self,
        end: &'static [u8],
        text: &[u8],
        window: &[u8],
        at_end: bool,
    ) -> Result<Option<Step>, Broken> {
        let whole = &text[self.at.min(text.len())..];
        let block = &whole[..whole.len().min(BLOCK_BYTES)];
        let is_last = block.len() == whole.len();
        let close = memmem::find(block, end);
        let inside = &block[..close.unwrap_or(block.len())];
        let kept = if close.is_some() || (at_end && is_last) { 0 } else { inside.len().min(KEPT) };
        let passed = match std::str::from_utf8(&inside[..inside.len() - kept]) {
            Ok(passed) => passed.len(),
            Err(fault) if fault.error_len().is_some() => return Err(self.broken(self.at + fault.valid_up_to())),
            Err(fault) => fault.valid_up_to(),
        };
        self.at += passed;
        if close.is_some() {
            self.at += end.len();
            self.section = None;
            return Ok(None);
        }
        if !is_last {
            return Ok(None);
        }
        // `text` ends before an illegal character.
        if text.len() < window.len() {
            return Err(self.broken(text.len()));
        }
        if at_end {
            return Err(self.ended(window.len()));
        }
        self.wait(window, at_end).map(Some)
    }
}
