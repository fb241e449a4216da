//! Random moves, undos and imports, in portions of any size, compared with a model of their
//! meaning.

use std::collections::{BTreeMap, BTreeSet};

use rethread_model::{JobId, MoveRule, MoveTally, MoveTarget, Moving, PageLocation, Record, Scope, Thread};
use rethread_stores::CommentStore;

use super::super::files::{Import, comment, fresh_scope, records};
use super::super::fixture::job_id;
use super::{Move, at, domain, shown, undo, url, url_id};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    for seed in 1..=4 {
        by_chance(store, seed).await;
    }
}

const HOSTS: [&str; 3] = ["a.example", "b.example", "c.example"];
const KEYS: [&str; 4] = ["a.example/1", "b.example/2", "post-1", "post-2"];

/// The generator "splitmix64" (Steele, Lea and Flood 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap_or(0)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

/// A thread in the model.
#[derive(Debug, Clone)]
struct ThreadLocation {
    thread: Thread,
    comments: usize,
    key: Option<String>,
    address: Option<String>,
}

type Columns = (Option<String>, Option<String>);

impl ThreadLocation {
    fn new(dice: &mut Dice, number: usize) -> Self {
        let address = format!("https://{}/{}", dice.pick(&HOSTS), dice.roll(3));
        let key = (dice.roll(4) == 0).then(|| dice.pick(&["post-1", "post-2"]));
        let mut thread = at(&format!("{number:02}"), &address, key);
        if dice.roll(6) == 0 {
            thread.url = None;
        }
        Self { thread, comments: dice.roll(3), key: None, address: None }
    }

    fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(&self.thread.url_id)
    }

    fn address(&self) -> Option<&str> {
        self.address.as_deref().or(self.thread.url.as_deref())
    }

    fn columns(&self) -> Columns {
        (self.key.clone(), self.address.clone())
    }

    fn put(&mut self, PageLocation { url_id, url }: PageLocation) {
        if url_id != self.key() {
            self.key = Some(url_id);
        }
        if url.as_deref() != self.address() {
            self.address = url;
        }
    }
}

#[derive(Debug, Default)]
struct Model {
    threads: Vec<ThreadLocation>,
    records: BTreeMap<JobId, Vec<(usize, Columns, Columns)>>,
}

impl Model {
    fn pages(&self) -> BTreeMap<String, (i64, Vec<String>)> {
        let mut pages: BTreeMap<String, (i64, BTreeSet<String>)> = BTreeMap::new();
        for thread in self.threads.iter().filter(|thread| thread.comments > 0) {
            let page = pages.entry(thread.key().to_owned()).or_default();
            page.0 += i64::try_from(thread.comments).expect("a count");
            page.1.extend(thread.address().map(str::to_owned));
        }
        pages.into_iter().map(|(key, (comments, urls))| (key, (comments, urls.into_iter().collect()))).collect()
    }

    fn moves(&mut self, job: JobId, moving: &Moving) -> MoveTally {
        let there = self.pages();
        let before = self.threads.clone();
        let mut tally = MoveTally::default();
        match moving {
            Moving::Rule(rule) => {
                for thread in &mut self.threads {
                    if let Some(to) = rule.mover().destination(thread.key(), thread.address()) {
                        thread.put(to);
                    }
                }
            }
            Moving::Undo { undo } => {
                for (index, was, put) in self.records[undo].clone() {
                    if self.threads[index].columns() == put {
                        (self.threads[index].key, self.threads[index].address) = was;
                    } else {
                        tally.kept += 1;
                    }
                }
            }
        }
        let (mut left, mut joined, mut record) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for (index, (before, after)) in before.iter().zip(&self.threads).enumerate() {
            if before.columns() == after.columns() {
                continue;
            }
            tally.threads += 1;
            tally.comments += after.comments as u64;
            record.push((index, before.columns(), after.columns()));
            if after.comments > 0 {
                left.insert(before.key());
                joined.extend(Some(after.key()).filter(|key| *key != before.key() && there.contains_key(*key)));
            }
        }
        (tally.pages, tally.merged) = (left.len() as u64, joined.len() as u64);
        self.records.insert(job, record);
        tally
    }

    /// The vendor's file, with one more comment on some threads.
    fn file(&mut self, dice: &mut Dice) -> Vec<Record> {
        for thread in &mut self.threads {
            thread.comments += dice.roll(4) / 3;
        }
        let threads = self.threads.iter().map(|thread| Record::Thread(thread.thread.clone()));
        let comments = self.threads.iter().flat_map(|thread| {
            let id = &thread.thread.source_id;
            (0..thread.comments).map(move |number| comment(&format!("{number} on {id}"), id))
        });
        threads.chain(records(comments)).collect()
    }

    fn moving(&self, dice: &mut Dice) -> Option<Moving> {
        if dice.roll(3) == 0 {
            let jobs: Vec<&JobId> = self.records.keys().collect();
            return (!jobs.is_empty()).then(|| undo(*jobs[dice.roll(jobs.len())]));
        }
        let is_site = dice.roll(2) == 0;
        let (from, to) = (place(dice, is_site), place(dice, is_site));
        MoveRule::new(from, to).ok().map(Moving::Rule)
    }
}

fn place(dice: &mut Dice, is_site: bool) -> MoveTarget {
    match dice.roll(2) {
        _ if is_site => domain(dice.pick(&HOSTS)),
        0 => url(&format!("https://{}/{}", dice.pick(&HOSTS), dice.roll(3))),
        _ => url_id(dice.pick(&KEYS)),
    }
}

async fn by_chance(store: &dyn CommentStore, seed: u64) {
    let mut dice = Dice(seed);
    let scope: Scope = fresh_scope();
    let mut model =
        Model { threads: (0..14).map(|number| ThreadLocation::new(&mut dice, number)).collect(), ..Model::default() };
    Import::new(store, &scope).run(model.file(&mut dice)).await;
    assert_eq!(shown(store, &scope.account).await, model.pages(), "seed {seed}");
    for step in 1..=15 {
        if dice.roll(5) == 0 {
            Import::of_job(store, &scope, job_id(step)).run(model.file(&mut dice)).await;
        } else if let Some(moving) = model.moving(&mut dice) {
            let job = Move { job: job_id(100 + step), ..Move::new(store, &scope.account, moving) };
            let expected = model.moves(job.job, &job.moving);
            let threads = u32::try_from(1 + dice.roll(6)).expect("a few");
            assert_eq!(job.run(threads).await, expected, "seed {seed}, step {step}: {:?}", job.moving);
        }
        assert_eq!(shown(store, &scope.account).await, model.pages(), "seed {seed}, step {step}");
    }
}
