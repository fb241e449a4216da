//! JSON or a table, detected from the first byte of the document or from the slice's head.

use rethread_model::Reason;
use rethread_syntax::json::{JsonFramer, is_bad};
use rethread_syntax::{Framer, Step};
use serde_json::Value;

use super::GRAMMAR;
use super::csv::{CsvFramer, Table};

/// Maximum white space between a brace and the first name.
const LONGEST_SPACE: usize = 16 * 1024;

/// A framer for either form.
#[derive(Debug)]
pub(super) enum JustFramer {
    Unknown,
    Json(JsonFramer),
    Csv(CsvFramer),
}

impl JustFramer {
    pub(super) fn new(head: Option<&Value>) -> Self {
        match head {
            None => Self::Unknown,
            Some(head) => match Table::of(head) {
                Some(table) => Self::Csv(CsvFramer::for_slice(&table)),
                None => Self::Json(JsonFramer::new(&GRAMMAR, Some(head))),
            },
        }
    }
}

impl Framer for JustFramer {
    fn next(&mut self, window: &[u8], at_end: bool) -> Step {
        match self {
            Self::Json(framer) => framer.next(window, at_end),
            Self::Csv(framer) => framer.next(window, at_end),
            Self::Unknown => {
                let space = window.len() - window.trim_ascii_start().len();
                let Some(first) = window.first().filter(|_| space == 0) else {
                    return match (space, at_end) {
                        (0, true) => Step::End { closed: false, open: None },
                        (0, false) => Step::NeedMore { open: None },
                        _ => Step::Skip(space),
                    };
                };
                // The brace may be damaged; a quoted name follows it.
                let after = window[1..window.len().min(LONGEST_SPACE)].trim_ascii_start();
                if is_bad(*first) && after.is_empty() && window.len() < LONGEST_SPACE && !at_end {
                    return Step::NeedMore { open: None };
                }
                let is_brace = matches!(first, b'{' | b'[') || is_bad(*first) && after.starts_with(b"\"");
                *self = if is_brace {
                    Self::Json(JsonFramer::new(&GRAMMAR, None))
                } else {
                    Self::Csv(CsvFramer::for_document())
                };
                self.next(window, at_end)
            }
        }
    }

    fn pass_over(&mut self) {
        match self {
            Self::Unknown => {}
            Self::Json(framer) => framer.pass_over(),
            Self::Csv(framer) => framer.pass_over(),
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self, Self::Json(framer) if framer.is_closed())
    }

    fn take_boundary(&mut self) -> bool {
        if let Self::Json(framer) = self { framer.take_boundary() } else { false }
    }

    fn head(&self) -> Option<(&'static str, Value)> {
        match self {
            Self::Unknown | Self::Csv(_) => None,
            Self::Json(framer) => framer.head(),
        }
    }

    fn damage_of_open(&self) -> Option<Reason> {
        match self {
            Self::Unknown => None,
            Self::Json(framer) => framer.damage_of_open(),
            Self::Csv(framer) => framer.damage_of_open(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the document is detected as JSON, in windows that grow by `chunk` bytes.
    fn is_json(document: &[u8], chunk: usize) -> bool {
        let mut framer = JustFramer::new(None);
        let (mut from, mut to) = (0, 0);
        while matches!(framer, JustFramer::Unknown) {
            match framer.next(&document[from..to], to == document.len()) {
                Step::Skip(length) => from += length,
                _ => to = (to + chunk).min(document.len()),
            }
        }
        matches!(framer, JustFramer::Json(_))
    }

    #[test]
    fn json_is_told_from_tables_whatever_the_window() {
        for (document, expected) in [
            (&b" \n[{\"commentId\":1}]"[..], true),
            (b"\n{\"commentId\":1}", true),
            (b"\x08 \"commentId\":1}", true),
            (b" \xff\n\"commentId\":1}", true),
            (b" commentId,itemId\n", false),
            (b"\x08ommentId,itemId\n", false),
            (b"\xff", false),
        ] {
            for chunk in 1..8 {
                assert_eq!(is_json(document, chunk), expected, "{document:?} by {chunk}");
            }
        }
    }
}
