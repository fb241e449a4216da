//! The truth about a generated file.

use std::collections::BTreeMap;

use rethread_model::{
    Effect, FindingCounts, Outcome, OutcomeCounts, ReadCounts, Reason, Receipt, Status, StatusCounts, Tally, Vendor,
};
use serde::{Deserialize, Serialize};

/// What the first import of a generated file into an empty store with default options must report,
/// in the shape of the receipt. Counted while the file is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// The vendor.
    pub vendor: Vendor,
    /// The seed of the file.
    pub seed: u64,
    /// Size of the document before compression.
    pub bytes: u64,
    /// The content of the file.
    pub read: ReadCounts,
    /// Comments by status, counting imported ones only.
    pub status: StatusCounts,
    /// Comments by outcome.
    pub outcome: OutcomeCounts,
    /// Findings by effect and reason.
    pub findings: FindingCounts,
    /// Replies whose parent is not in the file.
    pub orphans: i64,
    /// Pages with comments.
    pub pages: i64,
}

impl Truth {
    /// What a second import of the same file must report: everything unchanged, and nothing new.
    #[must_use]
    pub fn on_repetition(&self) -> Self {
        let known = self.outcome.created + self.outcome.unchanged;
        let outcome = OutcomeCounts { created: 0, unchanged: known, ..self.outcome };
        Self { outcome, ..self.clone() }
    }

    /// Each difference from a receipt, as a line for people; empty if they match.
    #[must_use]
    pub fn differences(&self, receipt: &Receipt) -> Vec<String> {
        crate::compare::differences(self, receipt)
    }
}

/// Counts while a file is written.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    tally: Tally,
    pages: i64,
}

impl Counting {
    /// Counts a thread.
    pub(crate) const fn thread(&mut self) {
        self.tally.read.threads += 1;
    }

    /// Counts a comment that will be imported.
    pub(crate) fn imported(&mut self, status: Status, is_reply: bool) {
        self.comment(is_reply, Outcome::Created);
        *self.tally.status.of(status) += 1;
    }

    /// Counts a comment that will be left out.
    pub(crate) fn skipped(&mut self, reason: Reason, is_reply: bool) {
        self.comment(is_reply, Outcome::Skipped);
        self.finding(reason);
    }

    fn comment(&mut self, is_reply: bool, outcome: Outcome) {
        self.tally.read.comments += 1;
        self.tally.read.replies += i64::from(is_reply);
        *self.tally.outcome.of(outcome) += 1;
    }

    /// Counts something that causes a finding.
    pub(crate) fn finding(&mut self, reason: Reason) {
        *self.tally.findings.entry(reason).or_default() += 1;
    }

    /// Counts a page with its first comment.
    pub(crate) const fn page(&mut self) {
        self.pages += 1;
    }

    pub(crate) fn truth(mut self, vendor: Vendor, seed: u64, bytes: u64) -> Truth {
        let is_broken =
            [Reason::ControlCharacters, Reason::InvalidUtf8].iter().any(|reason| self.tally.findings_of(*reason) > 0);
        if matches!(vendor, Vendor::Disqus | Vendor::WordPress) && is_broken {
            // Once for the document.
            self.finding(Reason::NotWellFormed);
        }
        let findings = &self.tally.findings;
        let with = |effect| findings.iter().filter(|(r, _)| r.effect() == effect).map(|(r, n)| (*r, *n)).collect();
        let by_effect = FindingCounts {
            repaired: with(Effect::Repaired),
            skipped: with(Effect::Skipped),
            failed: with(Effect::Failed) as BTreeMap<Reason, i64>,
        };
        Truth {
            vendor,
            seed,
            bytes,
            read: self.tally.read,
            status: self.tally.status,
            outcome: self.tally.outcome,
            orphans: self.tally.findings_of(Reason::ParentNotInFile),
            findings: by_effect,
            pages: self.pages,
        }
    }
}
