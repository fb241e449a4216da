//! However often, in whatever portions and by however many workers a move is run.

use rethread_model::{MoveTally, Record};
use rethread_stores::CommentStore;

use super::super::files::{Import, comment, fresh_scope, records, thread};
use super::{Move, domain, rule, shown};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    a_move_goes_on_where_it_was(store).await;
    several_workers_move_each_thread_once(store).await;
    moves_of_different_jobs_may_meet(store).await;
}

const THREADS: i64 = 23;

/// Two threads on each page but one, two comments on each thread.
async fn site(store: &dyn CommentStore) -> rethread_model::Scope {
    let scope = fresh_scope();
    let threads = (0..THREADS).map(|number| {
        let page = thread(&format!("{:02}", number / 2));
        Record::Thread(rethread_model::Thread { source_id: format!("{number:02}"), ..page })
    });
    let comments = records((0..THREADS * 2).map(|number| comment(&format!("{number}"), &format!("{:02}", number / 2))));
    Import::new(store, &scope).run(threads.chain(comments)).await;
    scope
}

const ALL: MoveTally = MoveTally { threads: 23, pages: 12, comments: 46, merged: 0, kept: 0 };

async fn a_move_goes_on_where_it_was(store: &dyn CommentStore) {
    for threads in [1, 3, 500] {
        let scope = site(store).await;
        let moving = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
        assert_eq!(moving.preview().await.tally, ALL);
        let first = moving.step(threads).await;
        assert!(first.tally.threads <= u64::from(threads));
        if !first.complete {
            let left = moving.preview().await.tally;
            assert_eq!(left.threads, ALL.threads - first.tally.threads, "a preview tells what is still to be done");
        }
        assert_eq!(moving.finish(threads).await, ALL);
        let pages = shown(store, &scope.account).await;
        assert_eq!(pages.len(), 12);
        assert!(pages.keys().all(|key| key.starts_with("new.example/")));
        assert_eq!(pages.values().map(|(comments, _)| comments).sum::<i64>(), 46);
    }
}

async fn several_workers_move_each_thread_once(store: &dyn CommentStore) {
    let scope = site(store).await;
    let moving = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
    let work = async || while !moving.step(2).await.complete {};
    tokio::join!(work(), work(), work());
    assert_eq!(moving.finish(2).await, ALL);
    assert_eq!(shown(store, &scope.account).await.len(), 12);
}

/// All of them write the same pages.
async fn moves_of_different_jobs_may_meet(store: &dyn CommentStore) {
    let scope = site(store).await;
    let first = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
    let second = Move::new(store, &scope.account, rule(domain("new.example"), domain("example.com")));
    let work = async |moving: &Move<'_>, threads| while !moving.step(threads).await.complete {};
    tokio::join!(work(&first, 3), work(&second, 2), work(&first, 1), work(&second, 4));
    let pages = shown(store, &scope.account).await;
    assert_eq!(pages.values().map(|(comments, _)| comments).sum::<i64>(), 46, "{pages:?}");
    let last = Move::new(store, &scope.account, rule(domain("new.example"), domain("example.com")));
    last.run(5).await;
    assert_eq!(shown(store, &scope.account).await.len(), 12);
}
