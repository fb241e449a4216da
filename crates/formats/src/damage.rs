//! What a damaged byte, or a cut, may cost: at most the record that it is in, and never without a word.
//!
//! A record *contains* a byte that lies between the start and the end of its element, object or row.

use std::fmt::Write as _;
use std::io::Cursor;
use std::ops::Range;
use std::path::Path;

use rethread_model::{Comment, ImportOptions, JobError, Located, Position, Record, SliceSource};

use crate::testing::Slices;
use crate::{Limits, PlanError, plan, read_slice};

/// A sample that is whole, what it says, and where.
struct Whole {
    bytes: Vec<u8>,
    out: Output,
    /// Of each record of `out`, the bytes of its element.
    extents: Vec<Range<usize>>,
}

/// What came out of a file.
struct Output {
    records: Vec<Located<Record>>,
    findings: Vec<(u64, String)>,
    defect: Option<String>,
}

fn read(upload: &[u8]) -> Result<Output, JobError> {
    let options = ImportOptions::default();
    let mut sink = Slices::default();
    let planned = plan(&mut Cursor::new(upload), upload.len() as u64, &options, &Limits::default(), &mut sink);
    let plan = planned.map_err(|error| match error {
        PlanError::Refused(refusal) => refusal,
        PlanError::Io(error) => panic!("nothing fails in memory: {error}"),
    })?;
    let mut records: Vec<Located<Record>> = Vec::new();
    for refused in plan.refused {
        records.push(Located { value: Record::Refused(refused.value), at: refused.at });
    }
    let mut findings = plan.findings;
    for spec in &plan.slices {
        let range = usize::try_from(spec.start).unwrap()..usize::try_from(spec.end).unwrap();
        assert_eq!(spec.source, SliceSource::Upload);
        for portion in read_slice(plan.facts.vendor, spec, &options, &upload[range]) {
            records.extend(portion.records);
            findings.extend(portion.findings);
        }
    }
    let findings = findings.into_iter().map(|f| (f.at.offset, f.reason.as_str().to_owned())).collect();
    Ok(Output { records, findings, defect: plan.defect.map(|d| d.code) })
}

impl Output {
    fn comments(&self) -> impl Iterator<Item = &Comment> {
        self.records.iter().filter_map(|r| match &r.value {
            Record::Comment(c) => Some(c.as_ref()),
            _ => None,
        })
    }
    fn refused(&self) -> usize {
        self.records.iter().filter(|r| matches!(r.value, Record::Refused(_))).count()
    }
}

fn extent(bytes: &[u8], at: Position, next: usize) -> Range<usize> {
    let start = usize::try_from(at.offset).unwrap();
    let rest = &bytes[start..next];
    let length = match rest[0] {
        b'{' => {
            let (mut depth, mut in_text, mut i) = (0, false, 0);
            loop {
                let Some(byte) = rest.get(i) else { break rest.len() };
                match byte {
                    b'\\' if in_text => i += 1,
                    b'"' => in_text = !in_text,
                    b'{' | b'[' if !in_text => depth += 1,
                    b'}' | b']' if !in_text => {
                        depth -= 1;
                        if depth == 0 {
                            break i + 1;
                        }
                    }
                    _ => {}
                }
                i += 1;
            }
        }
        b'<' => {
            let name = rest[1..].split(|b| matches!(b, b' ' | b'>')).next().unwrap();
            let end = [b"</", name, b">"].concat();
            memchr::memmem::rfind(rest, &end).map_or(rest.len(), |p| p + end.len())
        }
        _ => memchr::memchr(b'\n', rest).map_or(rest.len(), |p| p + 1),
    };
    start..start + length
}

impl Whole {
    fn of(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples").join(name);
        let mut bytes = std::fs::read(path).unwrap();
        if name.ends_with(".gz") {
            let mut out = Vec::new();
            std::io::copy(&mut flate2::read::GzDecoder::new(bytes.as_slice()), &mut out).unwrap();
            bytes = out;
        }
        let out = read(&bytes).unwrap();
        let mut starts: Vec<usize> = out.records.iter().map(|r| r.at.offset as usize).collect();
        starts.sort_unstable();
        starts.dedup();
        let tree = name == "muut.json" || name == "justcomments.json";
        let extents = out
            .records
            .iter()
            .map(|r| {
                let next = starts
                    .iter()
                    .find(|s| **s > r.at.offset as usize)
                    .copied()
                    .filter(|_| !tree)
                    .unwrap_or(bytes.len());
                extent(&bytes, r.at, next)
            })
            .collect();
        Self { bytes, out, extents }
    }

    /// `hit`: whether a record with this extent contains the damage.
    fn check(&self, damaged: &[u8], hit: impl Fn(&Range<usize>) -> bool) -> Vec<String> {
        let mut faults = Vec::new();
        let out = match read(damaged) {
            Ok(out) => out,
            Err(error) => return vec![format!("REFUSED {}", error.code)],
        };
        let mut there: Vec<&Comment> = out.comments().collect();
        let said = |c: &Comment| (c.text.clone(), c.created_at, c.author.clone(), c.status, c.votes_up, c.score);
        let (mut lost_hit, mut lost_intact, mut differ) = (0, 0, 0);
        let mut lost_ids = String::new();
        let mut hits = Vec::new();
        for (r, e) in self.out.records.iter().zip(&self.extents) {
            let Record::Comment(c) = &r.value else { continue };
            if hit(e) {
                hits.push(c);
                continue;
            }
            if let Some(p) = there.iter().position(|o| **o == **c) {
                there.swap_remove(p);
            } else if let Some(p) = there.iter().position(|o| said(o) == said(c)) {
                there.swap_remove(p);
                differ += 1;
            } else {
                lost_intact += 1;
                let _ = write!(lost_ids, " {}", c.source_id);
            }
        }
        for c in hits {
            if let Some(p) = there.iter().position(|o| **o == **c || o.source_id == c.source_id || said(o) == said(c)) {
                there.swap_remove(p);
            } else {
                lost_hit += 1
            }
        }
        let told = out.refused().saturating_sub(self.out.refused());
        let fs = |o: &Output| {
            let mut all: Vec<(u64, String)> = o.findings.clone();
            all.extend(o.records.iter().filter_map(|r| match &r.value {
                Record::Refused(f) => Some((r.at.offset, f.reason.as_str().to_owned())),
                _ => None,
            }));
            all
        };
        let mut before = fs(&self.out);
        let any = out.defect.is_some()
            || fs(&out).iter().any(|f| match before.iter().position(|b| b == f) {
                Some(p) => {
                    before.swap_remove(p);
                    false
                }
                None => true,
            });
        if lost_intact > 0 {
            faults.push(format!("INTACT LOST {lost_intact}:{lost_ids} (told {told}, defect {:?})", out.defect));
        }
        // A damaged record may come out as another (its id and its text ...); then it is there but not known again.
        let there_n = there.len();
        let missing = (lost_hit + lost_intact) as i64 - there_n as i64;
        if missing > told as i64 && out.defect.is_none() {
            faults.push(format!("SILENT lost {missing} told {told} any {any}"));
        }
        if lost_hit > 0 && !any {
            faults.push(format!("UNTOLD change"));
        }
        if (there_n as i64) > (lost_hit + lost_intact) as i64 {
            faults.push(format!("EXTRA {}", there_n - lost_hit - lost_intact));
        }
        let _ = differ;
        faults.sort();
        faults.dedup();
        faults
    }
}

#[test]
fn search() {
    let names = std::env::var("SAMPLES").unwrap_or_else(|_| "commento.json disqus-damaged.xml disqus.xml.gz hyvor.json intensedebate.xml justcomments.csv justcomments.json justcomments.jsonl muut.json wordpress.xml".into());
    let step: usize = std::env::var("STEP").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    for name in names.split(' ') {
        let whole = Whole::of(name);
        let start = std::time::Instant::now();
        let n = whole.bytes.len();
        let jobs: Vec<(char, usize)> =
            "8FT".chars().flat_map(|k| (0..n).step_by(step).map(move |at| (k, at))).collect();
        let results: Vec<(char, usize, Vec<String>)> = std::thread::scope(|scope| {
            let whole = &whole;
            let handles: Vec<_> = jobs
                .chunks(jobs.len().div_ceil(2))
                .map(|chunk| {
                    scope.spawn(move || {
                        chunk
                            .iter()
                            .map(|(kind, at)| {
                                let at = *at;
                                let mut damaged = whole.bytes.clone();
                                let faults = match kind {
                                    '8' => {
                                        damaged[at] = 8;
                                        whole.check(&damaged, |e| e.contains(&at))
                                    }
                                    'F' => {
                                        damaged[at] = 0xff;
                                        whole.check(&damaged, |e| e.contains(&at))
                                    }
                                    _ => {
                                        damaged.truncate(at);
                                        whole.check(&damaged, |e| e.end > at)
                                    }
                                };
                                (*kind, at, faults)
                            })
                            .filter(|r| !r.2.is_empty())
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            handles.into_iter().flat_map(|h| h.join().unwrap()).collect()
        });
        println!(
            "=== {name}: {} bytes, {} records, {} faults, {:?}",
            n,
            whole.out.records.len(),
            results.len(),
            start.elapsed()
        );
        for (kind, at, faults) in results {
            let ctx = &whole.bytes[at.saturating_sub(20)..(at + 20).min(n)];
            println!("{kind} {at} {} | {:?}", faults.join("; "), String::from_utf8_lossy(ctx));
        }
    }
}
