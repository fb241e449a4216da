//! A damaged byte, or a cut, may cost only the record that contains it, and never silently.
//!
//! A record *contains* a byte that lies between the start and the end of its element, object or
//! row.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::ops::Range;

use rethread_model::{
    AuthorRef, Comment, ImportOptions, JobError, Located, Reason, Record, Signature, Status, Timestamp,
};

use super::samples::{sample, samples};
use crate::testing::Slices;
use crate::{Limits, PlanError, plan, read_slice};

/// Distance between the tested positions of each sample, unless `RETHREAD_DAMAGE_STRIDE` sets
/// another.
const STRIDE: usize = 29;

/// The result of reading a file.
struct Output {
    comments: Vec<Located<Comment>>,
    /// Findings and refused comments, by position and reason.
    told: Vec<(u64, Reason)>,
    refused: usize,
    is_defective: bool,
}

/// What a person sees of a comment. Its id may derive from its thread's, which may be damaged.
type Said<'c> = (&'c str, Option<Timestamp>, &'c AuthorRef, Option<&'c Signature>, Status);

fn said(comment: &Comment) -> Said<'_> {
    (&comment.text, comment.created_at, &comment.author, comment.signature.as_ref(), comment.status)
}

fn read(upload: &[u8]) -> Result<Output, JobError> {
    let options = ImportOptions::default();
    let mut sink = Slices::default();
    let planned = plan(&mut Cursor::new(upload), upload.len() as u64, &options, &Limits::default(), &mut sink);
    let plan = planned.map_err(|error| match error {
        PlanError::Refused(refusal) => refusal,
        PlanError::Io(error) => panic!("nothing fails in memory: {error}"),
    })?;
    let mut told: Vec<_> = plan.findings.iter().map(|finding| (finding.at.offset, finding.reason)).collect();
    let (mut comments, mut refused) = (Vec::new(), 0);
    for spec in &plan.slices {
        let range = usize::try_from(spec.start).unwrap()..usize::try_from(spec.end).unwrap();
        let mut reader = read_slice(plan.facts.vendor, spec, &options, &upload[range]);
        for portion in reader.by_ref() {
            told.extend(portion.findings.iter().map(|finding| (finding.at.offset, finding.reason)));
            for Located { value, at } in portion.records {
                match value {
                    Record::Comment(comment) => comments.push(Located { value: *comment, at }),
                    Record::Refused(record) => {
                        told.push((at.offset, record.reason));
                        refused += 1;
                    }
                    Record::Thread(_) | Record::Author(_) => {}
                }
            }
        }
        assert_eq!(spec.verify_frames(reader.frames()), Ok(()), "planner and reader find the same");
    }
    Ok(Output { comments, told, refused, is_defective: plan.defect.is_some() })
}

/// An intact sample, and the positions of its comments' elements.
struct Whole {
    name: String,
    bytes: Vec<u8>,
    output: Output,
    extents: Vec<Range<usize>>,
}

impl Whole {
    fn new(name: String) -> Self {
        let bytes = sample(&name);
        let output = read(&bytes).unwrap();
        let starts: BTreeSet<usize> = output.comments.iter().map(place).collect();
        let extent = |comment| {
            let start = place(comment);
            let next = starts.range(start + 1..).next().copied().unwrap_or(bytes.len());
            start..start + length(&bytes[start..], next - start)
        };
        let extents = output.comments.iter().map(extent).collect();
        Self { name, bytes, output, extents }
    }

    /// What is wrong with how the damaged file was read.
    fn fault(&self, damaged: &[u8], is_hit: impl Fn(&Range<usize>) -> bool) -> Option<String> {
        // A refused file is reported, and nothing of it was written.
        let output = read(damaged).ok()?;
        let mut there: Vec<&Comment> = output.comments.iter().map(|comment| &comment.value).collect();
        let (mut hit, mut lost) = (Vec::new(), Vec::new());
        let comments = self.output.comments.iter().zip(&self.extents);
        // Among equal comments, look for the intact one first.
        let (damaged, intact): (Vec<_>, Vec<_>) = comments.partition(|(_, extent)| is_hit(extent));
        for (Located { value: comment, at }, extent) in intact.into_iter().chain(damaged) {
            match there.iter().position(|other| said(other) == said(comment)) {
                Some(place) => drop(there.swap_remove(place)),
                None if is_hit(extent) => hit.push(at.offset),
                None => lost.push(comment.source_id.as_str()),
            }
        }
        // Changed ones are present.
        let missing = (hit.len() + lost.len()).saturating_sub(there.len());
        let told = output.refused.saturating_sub(self.output.refused);
        let mut known = self.output.told.clone();
        let is_told = output.is_defective
            || output.told.iter().any(|told| match known.iter().position(|known| known == told) {
                Some(place) => {
                    known.swap_remove(place);
                    false
                }
                None => true,
            });
        if !lost.is_empty() && !self.is_excused(told, is_told) {
            return Some(format!("lost, though intact: {lost:?}"));
        }
        // Two comments that damage merges are reported as one.
        let may_run_together = self.name == "disqus-damaged.xml" && told > 0;
        if missing > told + usize::from(may_run_together) && !output.is_defective {
            return Some(format!("{missing} missing, {told} told"));
        }
        // A comment with a finding at its position needs no other report.
        let is_known = |place: &u64| output.told.iter().any(|(told, _)| told == place);
        (!hit.iter().all(is_known) && !is_told).then(|| "changed without a word".to_owned())
    }

    /// Cases in which more than the damaged record may be lost, if that is reported.
    fn is_excused(&self, told: usize, is_told: bool) -> bool {
        match self.name.as_str() {
            // Ids derive from the thread's id, which is not guessed.
            "muut.json" | "wordpress.xml" => told > 0,
            // If a record's own end is already lost, the next tag shows where it ends.
            "disqus-damaged.xml" | "intensedebate.xml" => is_told,
            _ => false,
        }
    }
}

fn place(comment: &Located<Comment>) -> usize {
    usize::try_from(comment.at.offset).unwrap()
}

/// The length of the element that `rest` begins with; the next one begins at `next`.
fn length(rest: &[u8], next: usize) -> usize {
    match rest[0] {
        b'{' => {
            let (mut depth, mut is_text, mut is_escaped) = (0, false, false);
            let ends = rest.iter().position(|byte| {
                match byte {
                    _ if is_escaped => is_escaped = false,
                    b'\\' if is_text => is_escaped = true,
                    b'"' => is_text = !is_text,
                    b'{' if !is_text => depth += 1,
                    b'}' if !is_text => depth -= 1,
                    _ => {}
                }
                depth == 0
            });
            ends.map_or(rest.len(), |end| end + 1)
        }
        b'<' => {
            let name = rest[1..].split(|byte| matches!(byte, b' ' | b'>')).next().unwrap();
            let end = [b"</", name, b">"].concat();
            memchr::memmem::rfind(&rest[..next], &end).map_or(next, |place| place + end.len())
        }
        _ => next,
    }
}

/// The positions to try.
fn positions(whole: &Whole) -> impl Iterator<Item = usize> + use<> {
    let asked = std::env::var("RETHREAD_DAMAGE_STRIDE").map(|stride| stride.parse().expect("a number"));
    (0..whole.bytes.len()).step_by(asked.unwrap_or(STRIDE))
}

#[test]
fn a_damaged_byte_costs_at_most_its_record_and_is_told() {
    for name in samples() {
        let whole = Whole::new(name.clone());
        for at in positions(&whole) {
            for byte in [0x08, 0xff] {
                let mut damaged = whole.bytes.clone();
                damaged[at] = byte;
                let fault = whole.fault(&damaged, |extent| extent.contains(&at));
                assert_eq!(fault, None, "{name} with {byte:#04x} at {at}");
            }
        }
    }
}

#[test]
fn of_a_cut_file_everything_before_the_cut_is_kept_and_the_cut_is_told() {
    for name in samples() {
        // The rows and lines of a table do not state how many there should be.
        if matches!(name.as_str(), "justcomments.csv" | "justcomments.jsonl") {
            continue;
        }
        let whole = Whole::new(name.clone());
        for at in positions(&whole) {
            let fault = whole.fault(&whole.bytes[..at], |extent| extent.end > at);
            assert_eq!(fault, None, "{name} cut at {at}");
        }
    }
}
