//! What must not influence the result: how a file is cut into slices, the order of its records, and
//! damage elsewhere in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rethread_bench::{Damage, Recipe};
use rethread_model::Vendor;
use rethread_tests::{Finished, Rethread, Rows, Said, findings, rows, said, sample, unpacked};
use serde_json::{Value, json};

use crate::regions::regions;
use crate::{assert_adds_up, comparable, write_file};

const SAMPLES: &[&str] = &[
    "commento.json",
    "disqus-damaged.xml",
    "disqus.xml.gz",
    "hyvor.json",
    "intensedebate.xml",
    "justcomments.csv",
    "justcomments.json",
    "justcomments.jsonl",
    "muut.json",
    "wordpress.xml",
];

#[test]
fn no_sample_is_forgotten_here() {
    let folder = sample("README.md").parent().unwrap().to_owned();
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut plain: Vec<String> = names
        .filter(|name| name != "README.md")
        // Most samples have a compressed copy beside them.
        .filter(|name| name.strip_suffix(".gz").is_none_or(|name| !sample("README.md").with_file_name(name).exists()))
        .collect();
    plain.sort();
    assert_eq!(plain, SAMPLES);
}

/// Everything that an import stores and reports.
struct Result {
    rows: Rows,
    receipt: Value,
    findings: Vec<(i64, i64, String, String)>,
}

fn import_in_slices(file: &Path, slice_bytes: u64) -> Result {
    let rethread = Rethread::new();
    let mut command = rethread.command(&["import", file.to_str().unwrap(), "--json"]);
    command.env("RETHREAD_WORKER__SLICE_BYTES", slice_bytes.to_string());
    let finished: Finished = command.output().unwrap().into();
    assert_eq!(finished.code, Some(0), "{}: {}", file.display(), finished.stderr);
    let receipt = finished.json();
    assert_adds_up(&receipt);
    Result { rows: rows(rethread.data()), receipt: comparable(&receipt), findings: findings(rethread.data()) }
}

/// Shows only the differences: stores are large.
#[track_caller]
fn assert_same(one: &Result, other: &Result, what: &str) {
    assert_eq!(one.receipt, other.receipt, "{what}");
    assert_eq!(one.findings, other.findings, "{what}");
    assert_same_rows(&one.rows, &other.rows, what);
}

#[track_caller]
fn assert_same_rows(one: &Rows, other: &Rows, what: &str) {
    let lacks =
        |some: &Rows, others: &Rows| -> Rows { some.iter().filter(|row| !others.contains(row)).cloned().collect() };
    assert_eq!(lacks(one, other), lacks(other, one), "{what}");
    assert_eq!(one.len(), other.len(), "{what}");
}

#[test]
fn slices_of_any_size_give_the_same() {
    for name in SAMPLES {
        let file = sample(name);
        let whole = import_in_slices(&file, 1 << 40);
        assert!(whole.rows.len() > 3, "{name}");
        for slice_bytes in [1 << 10, 64 << 10, 8 << 20] {
            let cut = import_in_slices(&file, slice_bytes);
            assert_same(&cut, &whole, &format!("{name} in slices of {slice_bytes} bytes"));
        }
    }
}

#[test]
fn slices_of_any_size_give_the_same_of_large_files_with_every_damage() {
    let folder = tempfile::tempdir().unwrap();
    for vendor in [Vendor::Disqus, Vendor::WordPress, Vendor::Commento] {
        let file = folder.path().join(vendor.as_str());
        write_file(&Recipe::new(vendor, 5_000).with_seed(3).with_damage(Damage::ALL.to_vec()), &file);
        let whole = import_in_slices(&file, 1 << 40);
        for slice_bytes in [64 << 10, 8 << 20] {
            let cut = import_in_slices(&file, slice_bytes);
            assert_same(&cut, &whole, &format!("{vendor} in slices of {slice_bytes} bytes"));
        }
    }
}

/// Pieces in a new order. Of records with one id the first counts, so these keep their relative
/// order.
fn shuffled<T: Clone>(pieces: &[T], id: impl Fn(&T) -> String, random: &mut ChaCha8Rng) -> Vec<T> {
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    order.shuffle(random);
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, piece) in order.iter().enumerate() {
        places.entry(id(&pieces[*piece])).or_default().push(place);
    }
    for places in places.values() {
        let mut of_id: Vec<usize> = places.iter().map(|place| order[*place]).collect();
        of_id.sort_unstable();
        for (place, piece) in places.iter().zip(of_id) {
            order[*place] = piece;
        }
    }
    order.into_iter().map(|piece| pieces[piece].clone()).collect()
}

/// The text between two marks.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).and_then(|(_, rest)| rest.split_once(after)).map_or("", |(value, _)| value)
}

/// Shuffles the elements that begin with `start`, in each of the containers that end with `stop`.
fn shuffle_elements(text: &str, start: &str, stop: &str, id: (&str, &str), random: &mut ChaCha8Rng) -> String {
    let shuffle = |container: &str, random: &mut ChaCha8Rng| {
        let Some(first) = container.find(start) else { return container.to_owned() };
        let pieces: Vec<&str> = container[first..].split(start).skip(1).collect();
        let pieces = shuffled(
            &pieces,
            |piece| between(&format!("{start}{piece}"), id.0, id.1).trim_matches(['"', '\'']).to_owned(),
            random,
        );
        [&container[..first], start, &pieces.join(start)].concat()
    };
    let containers: Vec<String> = text.split(stop).map(|container| shuffle(container, random)).collect();
    containers.join(stop)
}

fn id_of(element: &Value) -> String {
    let id = ["commentHex", "commenterHex", "commentId", "id"].into_iter().find_map(|key| element.get(key));
    id.map_or_else(|| element.to_string(), ToString::to_string)
}

/// An object with its arrays shuffled and its members in reverse order of their names.
fn shuffle_arrays(object: &Value, random: &mut ChaCha8Rng) -> String {
    let members = object.as_object().unwrap().iter().rev().map(|(key, value)| {
        let value = match value.as_array() {
            Some(elements) => Value::from(shuffled(elements, id_of, random)),
            None => value.clone(),
        };
        format!("{}:{value}", json!(key))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// A sample in another order. `disqus-damaged.xml` and `muut.json` are missing: if markup or
/// brackets are broken, the result depends on what follows.
fn reordered(name: &str, random: &mut ChaCha8Rng) -> Option<String> {
    let text = String::from_utf8(unpacked(name)).ok()?;
    match name {
        "disqus.xml.gz" => {
            let (head, rest) = text.split_once("<thread dsq:id").unwrap();
            let (threads, posts) = rest.split_once("<post ").unwrap();
            let posts = posts.strip_suffix("</disqus>\n").or_else(|| posts.strip_suffix("</disqus>")).unwrap();
            let file = format!("{head}<post {posts}<thread dsq:id{threads}</disqus>");
            Some(shuffle_elements(&file, "<post ", "<thread dsq:id=\"31", ("dsq:id=\"", "\""), random))
        }
        "wordpress.xml" => {
            let id = ("<wp:comment_id>", "</wp:comment_id>");
            let comments = shuffle_elements(&text, "<wp:comment>", "</item>", id, random);
            Some(shuffle_elements(&comments, "<item>", "</channel>", ("<wp:post_id>", "</wp:post_id>"), random))
        }
        "intensedebate.xml" => Some(shuffle_elements(&text, "<comment id=", "</comments>", ("id=", " "), random)),
        "commento.json" | "hyvor.json" | "justcomments.json" => {
            Some(shuffle_arrays(&serde_json::from_str(&text).unwrap(), random))
        }
        "justcomments.jsonl" => {
            let lines: Vec<&str> = text.lines().collect();
            let lines = shuffled(&lines, |line| between(line, "\"commentId\":\"", "\"").to_owned(), random);
            // The damaged line may come last, and then looks like a truncated one, because no line
            // break ends it.
            Some(lines.join("\n") + "\n")
        }
        "justcomments.csv" => {
            let (header, rest) = text.split_once("\r\n").unwrap();
            let lines: Vec<&str> = rest.split_terminator("\r\n").collect();
            let lines = shuffled(&lines, |line| line.split(',').next().unwrap().to_owned(), random);
            Some(format!("{header}\r\n{}\r\n", lines.join("\r\n")))
        }
        _ => None,
    }
}

/// What the order must not change. Offsets in findings refer to another file.
fn unordered(rethread: &Rethread, file: &Path) -> (Rows, Vec<Value>) {
    let finished = rethread.import(file, &[]);
    assert_eq!(finished.code, Some(0), "{}: {}", file.display(), finished.stderr);
    let receipt = finished.json();
    let fields = ["vendor", "origin", "read", "status", "outcome", "findings", "orphans", "pages", "merged"];
    (rows(rethread.data()), fields.into_iter().map(|field| receipt[field].clone()).collect())
}

#[test]
fn records_in_any_order_give_the_same() {
    let mut random = ChaCha8Rng::seed_from_u64(20);
    let mut reordered_samples = 0;
    for name in SAMPLES {
        let expected = unordered(&Rethread::new(), &sample(name));
        for _ in 0..3 {
            let Some(text) = reordered(name, &mut random) else { continue };
            let rethread = Rethread::new();
            let file = rethread.data().join("export");
            fs::write(&file, &text).unwrap();
            let (rows, totals) = unordered(&rethread, &file);
            assert_eq!(totals, expected.1, "{name} in this order:\n{text}");
            assert_same_rows(&rows, &expected.0, name);
            reordered_samples += 1;
        }
    }
    assert_eq!(reordered_samples, 8 * 3, "all but the two samples whose framing is damaged");
}

/// Muut's sample is damaged on purpose; this one is intact.
#[test]
fn muut_replies_in_any_order_give_the_same() {
    let reply = |id: u32| json!({"id": format!("r{id}"), "date": 1_400_000_000 + id, "body": [format!("Reply {id}")], "author": null});
    let file = |ids: &[u32]| {
        let replies: Vec<Value> = ids.iter().map(|id| reply(*id)).collect();
        let seed = json!({"key": "hello", "path": "forum.example/general", "date": 1_400_000_000, "title": "Hello", "body": ["First"], "author": null});
        let threads = json!({"forum.example/general": [{"seed": seed, "replies": replies}]});
        json!({"categories": [{"path": "forum.example/general", "title": "General"}], "threads": threads}).to_string()
    };
    let mut outcomes = Vec::new();
    for ids in [[1, 2, 3, 4], [4, 3, 2, 1], [3, 1, 4, 2]] {
        let rethread = Rethread::new();
        let path = rethread.data().join("export.json");
        fs::write(&path, file(&ids)).unwrap();
        outcomes.push(unordered(&rethread, &path));
    }
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0], outcomes[2]);
}

/// A sample, the location of its comments, and the result of a complete import.
struct Whole {
    name: &'static str,
    bytes: Vec<u8>,
    stored: BTreeMap<String, Said>,
    left_out: usize,
    regions: Vec<crate::regions::Region>,
}

/// Comments that were skipped or could not be read, each of which is a finding.
fn left_out(receipt: &Value) -> usize {
    let count = |outcome: &str| receipt["outcome"][outcome].as_u64().unwrap();
    usize::try_from(count("skipped") + count("failed")).unwrap()
}

impl Whole {
    fn new(name: &'static str) -> Self {
        let rethread = Rethread::new();
        let finished = rethread.import(&sample(name), &[]);
        assert_eq!(finished.code, Some(0), "{name}: {}", finished.stderr);
        let stored = said(rethread.data());
        let bytes = unpacked(name);
        let regions = regions(name, &bytes);
        for id in stored.keys() {
            assert!(regions.iter().any(|region| region.holds(id)), "{name}: {id} is somewhere in the file");
        }
        Self { name, bytes, stored, regions, left_out: left_out(&finished.json()) }
    }

    /// The comments whose bytes are all intact.
    fn intact(&self, is_intact: impl Fn(&crate::regions::Region) -> bool) -> Vec<&Said> {
        let is_whole = |id: &str| self.regions.iter().filter(|region| region.holds(id)).all(&is_intact);
        self.stored.iter().filter(|(id, _)| is_whole(id)).map(|(_, said)| said).collect()
    }

    /// Imports damaged bytes. Intact comments must be present, compared by content: an id may
    /// derive from a damaged one.
    fn survive(&self, damaged: &[u8], intact: &[&Said], what: &str) {
        let rethread = Rethread::new();
        let file: PathBuf = rethread.data().join("export");
        fs::write(&file, damaged).unwrap();
        // The damage may affect the part that names the site.
        let finished = rethread.import(&file, &["--site-url", "https://penny.example"]);
        let receipt = finished.json();
        assert_adds_up(&receipt);
        let mut there: Vec<Said> = said(rethread.data()).into_values().collect();
        let mut missing = Vec::new();
        for said in intact {
            match there.iter().position(|other| other == *said) {
                Some(place) => drop(there.swap_remove(place)),
                None => missing.push(said),
            }
        }
        assert!(missing.is_empty(), "{} {what}: {missing:#?} are missing\n{receipt:#}", self.name);
        // A table of lines does not state its number of rows.
        let is_table = matches!(self.name, "justcomments.csv" | "justcomments.jsonl");
        let is_endless = is_table && damaged.len() < self.bytes.len();
        let lost = self.stored.len().saturating_sub(said(rethread.data()).len());
        let told = left_out(&receipt).saturating_sub(self.left_out);
        // Two records that damage merges into one are reported as one.
        let is_told = receipt["state"] == "failed" || is_endless || lost <= told + 1;
        assert!(is_told, "{} {what}: {lost} lost, {told} told\n{receipt:#}", self.name);
    }
}

#[test]
fn a_damaged_byte_costs_at_most_the_record_that_it_is_in() {
    let mut random = ChaCha8Rng::seed_from_u64(8);
    for name in SAMPLES {
        let whole = Whole::new(name);
        for byte in [0x08, 0xff] {
            for _ in 0..6 {
                // Inside a comment: its first and last byte are the brackets that structure the
                // file.
                let region = &whole.regions[random.random_range(0..whole.regions.len())];
                let at = random.random_range(region.range.start + 1..region.range.end - 1);
                let mut damaged = whole.bytes.clone();
                damaged[at] = byte;
                let intact = whole.intact(|region| !region.range.contains(&at));
                whole.survive(&damaged, &intact, &format!("with {byte:#04x} at {at}"));
            }
        }
    }
}

#[test]
fn of_a_truncated_file_everything_before_the_cut_is_kept() {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    for name in SAMPLES {
        let whole = Whole::new(name);
        for _ in 0..10 {
            let first = whole.regions[0].range.start;
            let cut = random.random_range(first..whole.bytes.len());
            let intact = whole.intact(|region| region.range.end <= cut);
            whole.survive(&whole.bytes[..cut], &intact, &format!("cut at {cut}"));
        }
    }
}
