//! Undoing moves by their records.

use rethread_model::{MoveTally, Scope};
use rethread_stores::{CommentStore, ErrorKind};

use super::super::files::{fresh_scope, thread};
use super::super::fixture::{fresh_account, job_id};
use super::{Move, at, domain, filled, rule, shown, undo, url_id};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    an_undo_restores_what_was(store).await;
    what_was_moved_again_is_kept(store).await;
    an_undo_can_be_undone(store).await;
    an_unfinished_move_can_be_undone(store).await;
    only_own_moves_can_be_undone(store).await;
}

async fn site(store: &dyn CommentStore) -> Scope {
    let scope = fresh_scope();
    let threads = [
        (thread("a"), 2),
        (thread("b"), 1),
        (at("post", "https://example.com/post", Some("post-7")), 1),
        (at("empty", "https://example.com/empty", None), 0),
        (at("there", "https://new.example/a", None), 1),
    ];
    filled(store, &scope, threads).await;
    scope
}

async fn an_undo_restores_what_was(store: &dyn CommentStore) {
    let scope = site(store).await;
    let before = shown(store, &scope.account).await;
    let moving = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
    let there = moving.run(2).await;
    assert_eq!(there, MoveTally { threads: 4, pages: 3, comments: 4, merged: 1, kept: 0 });
    let undone = Move::new(store, &scope.account, undo(moving.job));
    let back = undone.run(1).await;
    assert_eq!(back, MoveTally { threads: 4, pages: 3, comments: 4, merged: 0, kept: 0 });
    assert_eq!(shown(store, &scope.account).await, before);
    let again = Move::new(store, &scope.account, undo(moving.job));
    assert_eq!(again.run(3).await, MoveTally { kept: 4, ..MoveTally::default() }, "nothing stands there any more");
    // The vendor's location applies again.
    let moving = Move::new(store, &scope.account, rule(domain("example.com"), domain("other.example")));
    assert_eq!(moving.run(10).await.threads, 4);
}

async fn what_was_moved_again_is_kept(store: &dyn CommentStore) {
    let scope = site(store).await;
    let first = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
    first.run(10).await;
    let second = Move::new(store, &scope.account, rule(url_id("new.example/b"), url_id("last")));
    second.run(10).await;
    let undone = Move::new(store, &scope.account, undo(first.job));
    assert_eq!(undone.run(1).await, MoveTally { threads: 3, pages: 2, comments: 3, merged: 0, kept: 1 });
    let pages = shown(store, &scope.account).await;
    let keys: Vec<_> = pages.keys().map(String::as_str).collect();
    assert_eq!(keys, ["example.com/a", "last", "new.example/a", "post-7"]);
    // After the second was undone, the thread is again where the first put it.
    Move::new(store, &scope.account, undo(second.job)).run(10).await;
    let rest = Move::new(store, &scope.account, undo(first.job));
    assert_eq!(rest.run(10).await, MoveTally { threads: 1, pages: 1, comments: 1, merged: 0, kept: 3 });
    assert!(shown(store, &scope.account).await.contains_key("example.com/b"));
}

async fn an_undo_can_be_undone(store: &dyn CommentStore) {
    let scope = site(store).await;
    let first = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
    first.run(10).await;
    let there = shown(store, &scope.account).await;
    let back = Move::new(store, &scope.account, undo(first.job));
    back.run(10).await;
    let again = Move::new(store, &scope.account, undo(back.job));
    assert_eq!(again.run(2).await, MoveTally { threads: 4, pages: 3, comments: 4, merged: 1, kept: 0 });
    assert_eq!(shown(store, &scope.account).await, there);
}

async fn an_unfinished_move_can_be_undone(store: &dyn CommentStore) {
    let scope = site(store).await;
    let before = shown(store, &scope.account).await;
    let moving = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
    let begun = moving.step(2).await;
    assert!(!begun.complete);
    let undone = Move::new(store, &scope.account, undo(moving.job));
    assert_eq!(undone.run(10).await.threads, 2);
    assert_eq!(shown(store, &scope.account).await, before);
}

async fn only_own_moves_can_be_undone(store: &dyn CommentStore) {
    let scope = site(store).await;
    let moving = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
    moving.run(10).await;
    let stranger = fresh_account();
    let itself = job_id(60);
    for (account, job, undone) in
        [(&stranger, job_id(60), moving.job), (&scope.account, job_id(60), job_id(1)), (&scope.account, itself, itself)]
    {
        let refused = store.preview_move(account, &undo(undone)).await.expect_err("no such move");
        assert_eq!(refused.kind(), ErrorKind::NotFound);
        for _ in 0..2 {
            let refused = store.move_threads(account, job, &undo(undone), 10).await.expect_err("no such move");
            assert_eq!(refused.kind(), ErrorKind::NotFound);
        }
    }
}
