//! Runs an upload through planner and readers in memory, like a worker, and checks what must hold
//! for any bytes.

use std::collections::BTreeMap;
use std::io::{self, Cursor};

use rethread_formats::{Limits, Plan, PlanError, SliceSink, plan, read_slice};
use rethread_model::{Comment, Finding, ImportOptions, Record, Refused, SliceNumber, SliceSource};

#[derive(Debug, Default)]
struct Slices(BTreeMap<SliceNumber, Vec<u8>>);

impl SliceSink for Slices {
    fn put(&mut self, number: SliceNumber, bytes: &[u8]) -> io::Result<()> {
        self.0.insert(number, bytes.to_vec());
        Ok(())
    }
}

/// Everything that an upload yields.
#[derive(Debug)]
pub struct Imported {
    /// The plan.
    pub plan: Plan,
    /// The comments, in file order.
    pub comments: Vec<Comment>,
    /// Refused comments, the planner's first.
    pub refused: Vec<Refused>,
    /// The planner's, then the readers'.
    pub findings: Vec<Finding>,
}

/// Imports with slices of this size; `None` if the upload is refused.
///
/// # Panics
///
/// If slices do not lie in the upload, or a reader does not advance: a bug in Rethread.
#[must_use]
pub fn import(upload: &[u8], options: &ImportOptions, slice_bytes: usize) -> Option<Imported> {
    let limits = Limits { slice_bytes, record_bytes: 64 << 10, unpacked_bytes: 4 << 20, ..Limits::default() };
    let mut sink = Slices::default();
    let plan = match plan(&mut Cursor::new(upload), upload.len() as u64, options, &limits, &mut sink) {
        Ok(plan) => plan,
        Err(PlanError::Refused(refusal)) => {
            assert!(!refusal.code.is_empty() && !refusal.message.is_empty());
            return None;
        }
        Err(PlanError::Io(error)) => panic!("nothing fails in memory: {error}"),
    };
    let refused = plan.refused.iter().map(|refused| refused.value.clone()).collect();
    let mut imported = Imported { comments: Vec::new(), refused, findings: plan.findings.clone(), plan };
    for spec in &imported.plan.slices {
        let bytes = match spec.source {
            SliceSource::Upload => &upload[place(spec.start)..place(spec.end)],
            SliceSource::Own => sink.0[&spec.number].as_slice(),
            SliceSource::Batch { .. } => panic!("batches are not planned"),
        };
        assert_eq!(spec.verify_bytes(bytes), Ok(()));
        let mut read_to = spec.start;
        let mut reader = read_slice(imported.plan.facts.vendor, spec, options, bytes);
        for portion in reader.by_ref() {
            assert!(portion.end > read_to && portion.end <= spec.end, "portions move forward, inside the slice");
            read_to = portion.end;
            imported.findings.extend(portion.findings);
            for record in portion.records {
                match record.value {
                    Record::Comment(comment) => imported.comments.push(*comment),
                    Record::Refused(refused) => imported.refused.push(refused),
                    Record::Thread(_) | Record::Author(_) => {}
                }
            }
        }
        assert_eq!(spec.verify_frames(reader.frames()), Ok(()), "planner and reader find the same");
    }
    Some(imported)
}

fn place(offset: u64) -> usize {
    usize::try_from(offset).expect("the upload is in memory")
}
