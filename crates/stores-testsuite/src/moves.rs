//! The contract of [`rethread_stores::MoveStore::preview_move`] and
//! [`rethread_stores::MoveStore::move_threads`].

mod imports;
mod random;
mod repeated;
mod rules;
mod undone;

use std::collections::BTreeMap;

use rethread_model::{AccountId, JobId, MoveRule, MoveTally, MoveTarget, Moving, Record, Scope, Thread};
use rethread_stores::{CommentStore, MovePreview, PageQuery};

use super::files::{Import, comment, records, thread};
use super::fixture::job_id;

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    rules::run(store).await;
    repeated::run(store).await;
    undone::run(store).await;
    imports::run(store).await;
    random::run(store).await;
}

fn domain(text: &str) -> MoveTarget {
    MoveTarget::Domain(text.to_owned())
}

fn url(text: &str) -> MoveTarget {
    MoveTarget::Url(text.to_owned())
}

fn url_id(text: &str) -> MoveTarget {
    MoveTarget::UrlId(text.to_owned())
}

fn rule(from: MoveTarget, to: MoveTarget) -> Moving {
    Moving::Rule(MoveRule::new(from, to).expect("a rule"))
}

fn undo(job: JobId) -> Moving {
    Moving::Undo { undo: job }
}

/// A thread whose page is identified by its address, or by a key.
fn at(id: &str, address: &str, key: Option<&str>) -> Thread {
    let key = key.map_or_else(|| rethread_model::page_key(address), str::to_owned);
    Thread { url: Some(address.to_owned()), url_id: key, ..thread(id) }
}

/// Imports threads, each with its number of comments.
async fn filled<const N: usize>(store: &dyn CommentStore, scope: &Scope, threads: [(Thread, usize); N]) {
    let comments = threads.iter().flat_map(|(thread, count)| {
        (0..*count).map(|number| comment(&format!("{number} on {}", thread.source_id), &thread.source_id))
    });
    let comments = records(comments);
    Import::new(store, scope).run(threads.into_iter().map(|(thread, _)| Record::Thread(thread)).chain(comments)).await;
}

/// A move and its job.
struct Move<'a> {
    store: &'a dyn CommentStore,
    account: &'a AccountId,
    job: JobId,
    moving: Moving,
}

impl<'a> Move<'a> {
    fn new(store: &'a dyn CommentStore, account: &'a AccountId, moving: Moving) -> Self {
        Self { store, account, job: job_id(50), moving }
    }

    async fn preview(&self) -> MovePreview {
        self.store.preview_move(self.account, &self.moving).await.expect("a preview")
    }

    async fn step(&self, threads: u32) -> rethread_stores::MoveStep {
        self.store.move_threads(self.account, self.job, &self.moving, threads).await.expect("a step")
    }

    /// Continues to the end, `threads` at a time.
    async fn finish(&self, threads: u32) -> MoveTally {
        let done = |tally: MoveTally| tally.threads + tally.kept;
        let mut before = None;
        loop {
            let step = self.step(threads).await;
            let is_bounded = before.is_none_or(|before| done(step.tally) <= done(before) + u64::from(threads));
            assert!(is_bounded, "more than was asked for: {before:?}, then {step:?}");
            before = Some(step.tally);
            if step.complete {
                assert_eq!(self.step(threads).await, step, "once it is complete, nothing is done any more");
                return step.tally;
            }
        }
    }

    /// Runs all of it and compares it with the preview.
    async fn run(&self, threads: u32) -> MoveTally {
        let preview = self.preview().await;
        let tally = self.finish(threads).await;
        assert_eq!(preview.tally, tally, "what was previewed is done");
        tally
    }
}

/// An account's pages: comments and addresses, by key.
async fn shown(store: &dyn CommentStore, account: &AccountId) -> BTreeMap<String, (i64, Vec<String>)> {
    let query = PageQuery { limit: 200, ..PageQuery::default() };
    let listed = store.pages(account, &query).await.expect("pages");
    assert!(!listed.has_more, "the suite's accounts are small");
    let pages = listed.pages.into_iter().map(|page| {
        assert_eq!(page.url.is_some(), !page.urls.is_empty());
        assert!(page.url.is_none_or(|url| page.urls.contains(&url)), "its address is one of its threads'");
        (page.url_id, (page.comments, page.urls))
    });
    pages.collect()
}

/// The expected pages, in the same form: each page's key, comments and addresses.
fn expected<const N: usize>(pages: [(&str, i64, &[&str]); N]) -> BTreeMap<String, (i64, Vec<String>)> {
    let page = |(key, comments, urls): (&str, i64, &[&str])| {
        (key.to_owned(), (comments, urls.iter().map(|url| (*url).to_owned()).collect()))
    };
    pages.into_iter().map(page).collect()
}
