//! JSON or a table: told by the first byte of the document, or by the head of the slice.

use rethread_model::Reason;
use serde_json::Value;

use super::GRAMMAR;
use super::csv::{CsvFramer, Table};
use crate::format::{Framer, Step};
use crate::json::{JsonFramer, is_bad};

/// A framer for either.
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
                let Some(first) = window.iter().position(|byte| !byte.is_ascii_whitespace()) else {
                    return match (window.len(), at_end) {
                        (0, true) => Step::End { closed: false, open: None },
                        (0, false) => Step::NeedMore { open: None },
                        (length, _) => Step::Skip(length),
                    };
                };
                // A brace may be damaged; a name in quotes follows it.
                let is_brace = is_bad(window[first]) && window[first + 1..].trim_ascii_start().starts_with(b"\"");
                *self = match window[first] {
                    b'{' | b'[' => Self::Json(JsonFramer::new(&GRAMMAR, None)),
                    _ if is_brace => Self::Json(JsonFramer::new(&GRAMMAR, None)),
                    _ => Self::Csv(CsvFramer::for_document()),
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

    fn damage_of_open(&self) -> Option<Reason> {
        match self {
            Self::Unknown => None,
            Self::Json(framer) => framer.damage_of_open(),
            Self::Csv(framer) => framer.damage_of_open(),
        }
    }
}
