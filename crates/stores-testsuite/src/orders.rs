//! The order of writing does not matter. With any order, any number of workers and any repetition
//! of tasks, rows, counts and findings equal those of one worker that writes the file from front to
//! back. And a dry run reports what happens.
//!
//! Files are generated from a seed, full of difficult cases: repeated ids; parents that are
//! missing, elsewhere, refused or in circles; threads without a description; differing
//! descriptions; an earlier import.

use std::collections::BTreeMap;

use rethread_model::{AuthorRef, Comment, Located, Reason, Record, Signature, SliceNumber, Status, Step, Thread};
use rethread_stores::{CommentStore, ErrorKind};

use super::files::{Import, Report, Row, author, comment, file, fresh_scope, refused, rows, thread};
use super::fixture::job_id;

const SEEDS: u64 = 40;
const THREADS: [&str; 5] = ["t0", "t1", "t2", "t3", "t4"];

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    for seed in 0..SEEDS {
        any_order_gives_the_same(store, seed).await;
    }
    two_workers_on_one_slice_give_the_same(store).await;
    for seed in 0..10 {
        workers_on_all_slices_at_once_give_the_same(store, seed).await;
        two_imports_at_once_give_the_same_rows(store, seed).await;
    }
}

async fn any_order_gives_the_same(store: &dyn CommentStore, seed: u64) {
    let mut random = Random(seed);
    let earlier = if seed.is_multiple_of(3) { Vec::new() } else { generate(&mut random) };
    let file = generate(&mut random);

    let (expected, expected_rows) = in_order(store, &earlier, &file, false).await;
    let (dry, dry_rows) = in_order(store, &earlier, &file, true).await;
    let (mixed, mixed_rows) = mixed_up(store, &earlier, &file, false, &mut random).await;
    let (dry_mixed, _) = mixed_up(store, &earlier, &file, true, &mut random).await;

    assert_eq!(expected.tally.read.comments, expected.tally.outcome.sum(), "seed {seed}");
    assert_eq!(mixed, expected, "seed {seed}");
    assert_same(&mixed_rows, &expected_rows, seed);
    assert_eq!(dry_mixed, dry, "seed {seed}");
    assert_eq!(dry, expected, "seed {seed}");
    if earlier.is_empty() {
        assert!(dry_rows.is_empty(), "seed {seed}");
    }
}

/// Compares row by row, so that a failure is readable.
fn assert_same(rows: &BTreeMap<String, Row>, expected: &BTreeMap<String, Row>, seed: u64) {
    assert!(rows.keys().eq(expected.keys()), "seed {seed}");
    for (id, row) in rows {
        assert_eq!(row, &expected[id], "comment {id} of seed {seed}");
    }
}

type Outcome = (Report, BTreeMap<String, Row>);

/// One worker, from front to back, into a fresh account.
async fn in_order(
    store: &dyn CommentStore,
    earlier: &[Located<Record>],
    file: &[Located<Record>],
    dry_run: bool,
) -> Outcome {
    let scope = fresh_scope();
    before(store, &scope, earlier).await;
    let import = Import::of_job(store, &scope, job_id(1));
    let import = if dry_run { import.dry() } else { import };
    for (batch, records) in file.chunks(10).enumerate() {
        import.commit(Step::Slice(SliceNumber(0)), batch as u64, records, false).await.expect("a batch");
    }
    let report = import.finish(1000).await;
    (report, rows(store, &scope, &THREADS).await)
}

async fn before(store: &dyn CommentStore, scope: &rethread_model::Scope, earlier: &[Located<Record>]) {
    if !earlier.is_empty() {
        Import::of_job(store, scope, job_id(0)).run(earlier.iter().map(|record| record.value.clone())).await;
    }
}

/// Slices of any size, with interleaved batches and repeated tasks.
async fn mixed_up(
    store: &dyn CommentStore,
    earlier: &[Located<Record>],
    file: &[Located<Record>],
    dry_run: bool,
    random: &mut Random,
) -> Outcome {
    let scope = fresh_scope();
    before(store, &scope, earlier).await;
    let import = Import::of_job(store, &scope, job_id(1));
    let import = if dry_run { import.dry() } else { import };
    let slices: Vec<_> = file.chunks(5 + random.below(20)).collect();
    // For each slice: how many of its records and of its batches are written.
    let mut written = vec![(0, 0); slices.len()];
    let mut unfinished: Vec<usize> = (0..slices.len()).collect();
    while !unfinished.is_empty() {
        let pick = random.below(unfinished.len());
        let number = unfinished[pick];
        let (records, batches) = written[number];
        let step = Step::Slice(SliceNumber(u32::try_from(number).expect("few slices")));
        let end = (records + 1 + random.below(6)).min(slices[number].len());
        let is_last = end == slices[number].len();
        import.commit(step, batches, &slices[number][records..end], is_last).await.expect("a batch");
        if random.below(3) == 0 {
            let again = import.commit(step, batches, &slices[number][records..end], is_last).await;
            assert_eq!(again.expect_err("it is written").kind(), ErrorKind::Conflict);
        }
        written[number] = (end, batches + 1);
        if is_last {
            unfinished.swap_remove(pick);
        }
    }
    let report = import.finish(1 + u32::try_from(random.below(30)).expect("a small number")).await;
    (report, rows(store, &scope, &THREADS).await)
}

/// Both resume the slice at its checkpoint, and continue when the other was faster.
async fn two_workers_on_one_slice_give_the_same(store: &dyn CommentStore) {
    let file = generate(&mut Random(99));
    let (expected, expected_rows) = in_order(store, &[], &file, false).await;
    let scope = fresh_scope();
    let import = Import::of_job(store, &scope, job_id(1));
    let step = Step::Slice(SliceNumber(0));
    let worker = async || loop {
        let checkpoint = store.checkpoint(&scope.account, import.target.job, step).await.expect("a checkpoint");
        if checkpoint.complete {
            return;
        }
        let from = checkpoint.position.unwrap_or(0);
        let rest: Vec<_> = file.iter().filter(|record| record.at.offset >= from).cloned().collect();
        let batch = &rest[..rest.len().min(4)];
        if let Err(error) = import.commit(step, checkpoint.batches, batch, batch.len() == rest.len()).await {
            assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        }
    };
    tokio::join!(worker(), worker(), worker());
    assert_eq!(import.finish(3).await, expected);
    assert_same(&rows(store, &scope, &THREADS).await, &expected_rows, 99);
}

/// Four slices, with much of the same content.
async fn workers_on_all_slices_at_once_give_the_same(store: &dyn CommentStore, seed: u64) {
    let mut random = Random(1_000 + seed);
    let earlier = if seed.is_multiple_of(2) { Vec::new() } else { generate(&mut random) };
    let file = generate(&mut random);
    let dry_run = seed.is_multiple_of(5);
    let (expected, expected_rows) = in_order(store, &earlier, &file, dry_run).await;
    let scope = fresh_scope();
    before(store, &scope, &earlier).await;
    let import = Import::of_job(store, &scope, job_id(1));
    let import = if dry_run { import.dry() } else { import };
    write_at_once(&import, &file).await;
    assert_eq!(import.finish(7).await, expected, "seed {seed}");
    assert_same(&rows(store, &scope, &THREADS).await, &expected_rows, seed);
}

/// The same file twice: whichever is faster, there is one row for each comment.
async fn two_imports_at_once_give_the_same_rows(store: &dyn CommentStore, seed: u64) {
    let file = generate(&mut Random(2_000 + seed));
    let (expected, expected_rows) = in_order(store, &[], &file, false).await;
    let scope = fresh_scope();
    let (one, two) = (Import::of_job(store, &scope, job_id(1)), Import::of_job(store, &scope, job_id(2)));
    tokio::join!(write_at_once(&one, &file), write_at_once(&two, &file));
    let (one, two) = tokio::join!(one.finish(7), two.finish(11));
    assert_eq!((one.tally.read, one.tally.status), (expected.tally.read, expected.tally.status), "seed {seed}");
    assert_eq!((two.tally.read, two.tally.status), (expected.tally.read, expected.tally.status), "seed {seed}");
    assert_eq!((one.findings, two.findings), (expected.findings.clone(), expected.findings), "seed {seed}");
    assert_same(&rows(store, &scope, &THREADS).await, &expected_rows, seed);
}

async fn write_at_once(import: &Import<'_>, file: &[Located<Record>]) {
    let slices: Vec<_> = file.chunks(file.len().div_ceil(4)).collect();
    let worker = async |number: usize| {
        let step = Step::Slice(SliceNumber(u32::try_from(number).expect("few slices")));
        let batches: Vec<_> = slices[number].chunks(5).collect();
        for (from, batch) in batches.iter().enumerate() {
            let is_last = from + 1 == batches.len();
            import.commit(step, from as u64, batch, is_last).await.expect("a batch");
        }
    };
    tokio::join!(worker(0), worker(1), worker(2), worker(3));
}

/// About 80 records.
fn generate(random: &mut Random) -> Vec<Located<Record>> {
    let count = 60 + random.below(40);
    file((0..count).map(|_| generate_record(random)).collect::<Vec<_>>())
}

fn generate_record(random: &mut Random) -> Record {
    let id = |random: &mut Random| format!("{}", random.below(40));
    match random.below(20) {
        // The last thread is never described.
        0..3 => {
            let plain = thread(THREADS[random.below(4)]);
            Record::Thread(Thread { url_id: format!("example.com/{}", random.below(4)), ..plain })
        }
        3..6 => {
            let name = format!("Ann {}", random.below(3));
            let as_of = [None, Some(1), Some(2)][random.below(3)];
            Record::Author(author(["ann", "bob"][random.below(2)], &name, as_of))
        }
        6 => Record::Refused(refused(Some(&id(random)), Reason::SpamExcluded)),
        7 => Record::Refused(refused(None, Reason::UnreadableRecord)),
        _ => {
            let plain = comment(&id(random), THREADS[random.below(5)]);
            let parent = (random.below(3) > 0).then(|| id(random));
            let text = format!("version {}", random.below(2));
            let (author, signature) = generate_signature(random);
            let status = Status::ALL[random.below(4)];
            Record::Comment(Box::new(Comment { parent, text, status, author, signature, ..plain }))
        }
    }
}

/// Few people with many names, so that some share an address.
fn generate_signature(random: &mut Random) -> (AuthorRef, Option<Signature>) {
    let keys = ["ann", "bob", "email:a@post.example", "email:b@post.example"];
    let name = (random.below(6) > 0).then(|| format!("Name {}", random.below(5)));
    let link = (random.below(3) == 0).then(|| "https://link.example".to_owned());
    let signature = Signature { name, link, avatar: None };
    match random.below(10) {
        0 => (AuthorRef::Nobody, None),
        1 => (AuthorRef::Guest, Some(signature)),
        2 => (AuthorRef::Known("ann".to_owned()), None),
        _ => (AuthorRef::Known(keys[random.below(4)].to_owned()), Some(signature)),
    }
}

/// The same numbers for the same seed, everywhere and always (the generator called split-mix).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap_or(0)
    }
}
