//! The order of an import's findings, and the cursors of their list.

use rethread_model::{Finding, Reason};

use crate::{Error, ErrorKind, Result};

/// The place of a finding in its list: the fields in their order. Callers see it as
/// `part:offset:reason:source id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingCursor {
    /// The part of the file.
    pub part: i64,
    /// The byte offset in it.
    pub offset: i64,
    /// The word of the reason.
    pub reason: &'static str,
    /// The vendor's id; empty if the finding has none.
    pub source_id: String,
}

impl FindingCursor {
    /// The place after which a page of the list begins; without a cursor, before the first finding.
    pub fn after(cursor: Option<&str>) -> Result<Self> {
        match cursor {
            Some(text) => {
                Self::parse(text).ok_or_else(|| Error::new(ErrorKind::NotFound, "this is not a cursor of findings"))
            }
            // No finding has part -1.
            None => Ok(Self { part: -1, offset: 0, reason: "", source_id: String::new() }),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.splitn(4, ':');
        let part: u32 = fields.next()?.parse().ok()?;
        let offset: u64 = fields.next()?.parse().ok()?;
        let reason: Reason = fields.next()?.parse().ok()?;
        let source_id = fields.next().unwrap_or_default().to_owned();
        Some(Self { part: part.into(), offset: offset.try_into().ok()?, reason: reason.as_str(), source_id })
    }
}

/// The cursor of a finding, as callers see it.
#[must_use]
pub fn cursor_of(finding: &Finding) -> String {
    let Finding { at, reason, source_id } = finding;
    format!("{}:{}:{reason}:{}", at.part, at.offset, source_id.as_deref().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use rethread_model::Position;

    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let reason = Reason::ALL[0];
        let mut finding = Finding { at: Position { part: 2, offset: 3 }, reason, source_id: Some("a:b".to_owned()) };
        let mut expected = FindingCursor { part: 2, offset: 3, reason: reason.as_str(), source_id: "a:b".to_owned() };
        assert_eq!(FindingCursor::after(Some(&cursor_of(&finding))).unwrap(), expected);
        finding.source_id = None;
        expected.source_id.clear();
        assert_eq!(FindingCursor::after(Some(&cursor_of(&finding))).unwrap(), expected);
    }

    #[test]
    fn a_list_begins_before_all_findings_and_refuses_other_cursors() {
        assert_eq!(FindingCursor::after(None).unwrap().part, -1);
        let too_far = format!("0:{}:{}:", u64::MAX, Reason::ALL[0]);
        for text in ["", "1:2", "1:2:nonsense:", "-1:2:x:", &too_far] {
            assert_eq!(FindingCursor::after(Some(text)).unwrap_err().kind(), ErrorKind::NotFound, "{text}");
        }
    }
}
