//! Frames XML: strictly as long as it is well-formed, then leniently.

use rethread_model::Reason;
use serde_json::{Value, json};

use super::dialect::Dialect;
use super::handover::Handover;
use super::strict::{Broken, StrictFramer};
use crate::framing::{Framer, Step};
use crate::names::Scope;

/// The framer for XML documents and their slices.
#[derive(Debug)]
pub struct XmlFramer {
    dialect: &'static Dialect,
    reading: Reading,
    /// Where in the window the document stops being well-formed, until that is reported.
    found: Option<usize>,
    /// Like `found`, for a missing end of the document. Reported only if an end or more records
    /// follow.
    missed_end: Option<usize>,
}

enum Reading {
    Strict(Box<StrictFramer>),
    Lenient(Box<dyn Framer + Send>),
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Strict(_) => "Strict",
            Self::Lenient(_) => "Lenient",
        })
    }
}

/// The framer's member in a slice's head.
pub(crate) const HEAD: &str = "xml";

impl XmlFramer {
    /// A framer at the start of a document (`head` is `None`) or of the slice with this head.
    #[must_use]
    pub fn new(dialect: &'static Dialect, head: Option<&Value>) -> Self {
        let strict = match head {
            None => Some(StrictFramer::of_document(dialect)),
            Some(head) => head[HEAD]["open"].as_str().and_then(|open| StrictFramer::of_slice(dialect, open)),
        };
        let reading = match strict {
            Some(strict) => Reading::Strict(Box::new(strict)),
            None => Reading::Lenient((dialect.lenient)(&Handover::default())),
        };
        Self { dialect, reading, found: None, missed_end: None }
    }
}

impl Framer for XmlFramer {
    fn next(&mut self, window: &[u8], at_end: bool) -> Step {
        let broken = match &mut self.reading {
            Reading::Strict(strict) => match strict.next(window, at_end) {
                Ok(step) => return step,
                Err(broken) => Some(broken),
            },
            Reading::Lenient(_) => None,
        };
        if let Some(Broken { at, is_end, handover }) = broken {
            // A missing end may be a cut, which the planner reports itself.
            *(if is_end { &mut self.missed_end } else { &mut self.found }) = Some(at);
            self.reading = Reading::Lenient((self.dialect.lenient)(&handover));
        }
        let Reading::Lenient(lenient) = &mut self.reading else { return Step::NeedMore { open: None } };
        let step = lenient.next(window, at_end);
        match step {
            Step::Frame(_) | Step::End { closed: true, .. } => self.found = self.found.or(self.missed_end.take()),
            // This is the last window, and the reported position lies at its end.
            Step::Skip(length) => self.missed_end = self.missed_end.map(|at| at - length),
            _ => {}
        }
        step
    }

    fn pass_over(&mut self) {
        match &mut self.reading {
            Reading::Strict(strict) => strict.pass_over(),
            Reading::Lenient(lenient) => lenient.pass_over(),
        }
    }

    fn is_closed(&self) -> bool {
        match &self.reading {
            Reading::Strict(strict) => strict.is_closed(),
            Reading::Lenient(lenient) => lenient.is_closed(),
        }
    }

    fn damage_of_open(&self) -> Option<Reason> {
        match &self.reading {
            Reading::Strict(_) => None,
            Reading::Lenient(lenient) => lenient.damage_of_open(),
        }
    }

    fn take_finding(&mut self) -> Option<(usize, Reason)> {
        self.found.take().map(|at| (at, Reason::NotWellFormed))
    }

    fn scope(&self) -> Option<Scope<'_>> {
        match &self.reading {
            Reading::Strict(strict) => Some(strict.scope()),
            Reading::Lenient(_) => None,
        }
    }

    fn head(&self) -> Option<(&'static str, Value)> {
        match &self.reading {
            Reading::Strict(strict) => Some((HEAD, json!({ "open": strict.open_tags() }))),
            Reading::Lenient(_) => None,
        }
    }
}
