//! Runs an upload through planner and readers, like a worker.

#![expect(clippy::unwrap_used, reason = "a test ends where it is surprised, in its helping functions too")]

#[cfg(test)]
mod documents;
#[cfg(test)]
mod packing;
#[cfg(test)]
mod shortcuts;
#[cfg(test)]
mod signatures;

use std::collections::BTreeMap;
use std::io::{self, Cursor};

use rethread_model::{
    Author, Comment, Finding, ImportOptions, JobError, Origin, Reason, Record, Refused, SliceNumber, SliceSource,
    Thread,
};

use crate::{Limits, Plan, PlanError, SliceSink, plan, read_slice};

#[cfg(test)]
pub(crate) use self::documents::{disqus, item, post, thread, wp_comment, wxr};
#[cfg(test)]
pub(crate) use self::packing::{gzip, zip, zip_stored};
#[cfg(test)]
pub(crate) use self::shortcuts::{import, refused, slices_of};
#[cfg(test)]
pub(crate) use self::signatures::{by_name, guest, signed};
#[cfg(test)]
pub(crate) use rethread_syntax::testing::cases;

/// Keeps slices in memory.
#[derive(Debug, Default)]
pub struct Slices(pub BTreeMap<SliceNumber, Vec<u8>>);

impl SliceSink for Slices {
    fn put(&mut self, number: SliceNumber, bytes: &[u8]) -> io::Result<()> {
        self.0.insert(number, bytes.to_vec());
        Ok(())
    }
}

/// Everything that an upload yields.
#[derive(Debug)]
pub struct Imported {
    /// What was planned.
    pub plan: Plan,
    /// The records, in file order.
    pub records: Vec<Record>,
    /// The sites of each record; several for people known to more than one.
    pub origins: Vec<Vec<Origin>>,
    /// Findings of the plan and of the slices.
    pub findings: Vec<Finding>,
}

impl Imported {
    /// The comments, in file order.
    #[must_use]
    pub fn comments(&self) -> Vec<&Comment> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Comment(comment) => Some(comment.as_ref()),
                _ => None,
            })
            .collect()
    }

    /// The sites and ids of the comments, in file order.
    #[must_use]
    pub fn sites(&self) -> Vec<(&str, &str)> {
        let of_comments = self.records.iter().zip(&self.origins).filter_map(|(record, origins)| match record {
            Record::Comment(comment) => Some((origins.first()?.as_str(), comment.source_id.as_str())),
            _ => None,
        });
        of_comments.collect()
    }

    /// The threads, as often as the readers describe them.
    #[must_use]
    pub fn threads(&self) -> Vec<&Thread> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Thread(thread) => Some(thread),
                _ => None,
            })
            .collect()
    }

    /// The authors, as often as the readers describe them.
    #[must_use]
    pub fn authors(&self) -> Vec<&Author> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Author(author) => Some(author),
                _ => None,
            })
            .collect()
    }

    /// Refused records of the plan and of the slices.
    #[must_use]
    pub fn refused(&self) -> Vec<&Refused> {
        let planned = self.plan.refused.iter().map(|refused| &refused.value);
        planned
            .chain(self.records.iter().filter_map(|record| match record {
                Record::Refused(refused) => Some(refused),
                _ => None,
            }))
            .collect()
    }

    /// The ids of the comments, in file order.
    #[must_use]
    pub fn ids(&self) -> Vec<&str> {
        self.comments().into_iter().map(|comment| comment.source_id.as_str()).collect()
    }

    /// The reasons of the findings.
    #[must_use]
    pub fn reasons(&self) -> Vec<Reason> {
        self.findings.iter().map(|finding| finding.reason).collect()
    }

    /// The code of what ends the file early, if anything.
    #[must_use]
    pub fn defect(&self) -> Option<&str> {
        self.plan.defect.as_ref().map(|defect| defect.code.as_str())
    }
}

/// Imports with these options and limits.
///
/// # Panics
///
/// If planner and readers disagree: a bug in Rethread.
pub fn import_with(upload: &[u8], options: &ImportOptions, limits: &Limits) -> Result<Imported, JobError> {
    let mut sink = Slices::default();
    let planned = plan(&mut Cursor::new(upload), upload.len() as u64, options, limits, &mut sink);
    let plan = planned.map_err(|error| match error {
        PlanError::Refused(refusal) => refusal,
        PlanError::Io(error) => panic!("nothing fails in memory: {error}"),
    })?;
    let (mut records, mut origins, mut findings) = (Vec::new(), Vec::new(), plan.findings.clone());
    for spec in &plan.slices {
        let range = usize::try_from(spec.start).unwrap()..usize::try_from(spec.end).unwrap();
        let bytes = match spec.source {
            SliceSource::Upload => &upload[range],
            SliceSource::Own => sink.0[&spec.number].as_slice(),
            SliceSource::Batch { .. } => panic!("batches are not planned"),
        };
        assert_eq!(spec.verify_bytes(bytes), Ok(()));
        let mut read_to = spec.start;
        let mut reader = read_slice(plan.facts.vendor, spec, options, bytes);
        for portion in reader.by_ref() {
            assert!(portion.end > read_to && portion.end <= spec.end, "portions move forward, inside the slice");
            read_to = portion.end;
            let of = if portion.origins.is_empty() { Vec::from_iter(spec.origin.clone()) } else { portion.origins };
            origins.extend(portion.records.iter().map(|_| of.clone()));
            records.extend(portion.records.into_iter().map(|record| record.value));
            findings.extend(portion.findings);
        }
        assert_eq!(spec.verify_frames(reader.frames()), Ok(()), "planner and reader find the same");
    }
    Ok(Imported { plan, records, origins, findings })
}
