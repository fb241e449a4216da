//! A snapshot shows one moment, whatever happens after it.

use rethread_model::{Comment, ExportFilter, Record, Scope, Status};
use rethread_stores::{CommentStore, ExportDepth};

use super::super::files::{Import, comment, fresh_scope, records, thread};
use super::super::fixture::job_id;
use super::{again, comments, exported, rest, snapshot};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    what_is_written_later_is_not_seen(store).await;
    what_is_written_before_the_first_batch_is_not_seen(store).await;
    many_may_be_kept_and_dropped_anywhere(store).await;
}

/// More comments than fit in a batch, on ten threads.
fn content(text: &str) -> Vec<Record> {
    let comments = (0..2_500).map(|number| Comment {
        text: text.to_owned(),
        ..comment(&format!("{number:04}"), &format!("t{}", number % 10))
    });
    (0..10).map(|number| Record::Thread(thread(&format!("t{number}")))).chain(records(comments)).collect()
}

async fn filled(store: &dyn CommentStore) -> Scope {
    let scope = fresh_scope();
    Import::of_job(store, &scope, job_id(0)).run(content("first")).await;
    scope
}

/// Another import that changes every comment, adds some and moves the pages; and a status change
/// here.
async fn change_everything(store: &dyn CommentStore, scope: &Scope, second: i64, text: &str) {
    let added = (0..10).map(|number| comment(&format!("{text}-{number}"), &format!("t{number}")));
    let moved = (0..10).map(|number| {
        let id = format!("t{number}");
        Record::Thread(rethread_model::Thread { url_id: format!("{text}.example/{id}"), ..thread(&id) })
    });
    let file = content(text).into_iter().skip(10).chain(records(added)).chain(moved);
    let import = Import::of_job(store, scope, job_id(second));
    assert_eq!(import.run(file).await.tally.outcome.updated, 2_500);
    assert!(store.set_status(scope, "0000", Status::Deleted).await.expect("a change"));
    store.forget_import(&scope.account, import.target.job).await.expect("an end");
}

async fn what_is_written_later_is_not_seen(store: &dyn CommentStore) {
    let scope = filled(store).await;
    let everything = ExportFilter::default();
    let before = exported(store, &scope, &everything).await;

    let mut kept = snapshot(store, &scope, &everything).await;
    let mut seen = kept.next().await.expect("a batch");
    assert!(comments(&seen).len() < 2_500, "there is more to come");
    // The snapshot holds no lock: these complete while it is held.
    change_everything(store, &scope, 1, "second").await;
    seen.extend(rest(&mut *kept).await);
    assert_eq!(seen, before);
    change_everything(store, &scope, 2, "third").await;
    assert_eq!(again(&mut *kept, ExportDepth::Comments).await, before, "the same in every pass");

    let now = exported(store, &scope, &everything).await;
    assert_eq!(comments(&now).len(), 2_520);
    assert!(comments(&now).iter().all(|comment| comment.text != "first"));
}

async fn what_is_written_before_the_first_batch_is_not_seen(store: &dyn CommentStore) {
    let scope = filled(store).await;
    let mut kept = snapshot(store, &scope, &ExportFilter::default()).await;
    change_everything(store, &scope, 1, "second").await;
    let seen = rest(&mut *kept).await;
    assert_eq!(comments(&seen).len(), 2_500);
    assert!(comments(&seen).iter().all(|comment| comment.text == "first"));
}

/// More snapshots than there are connections in the pool.
async fn many_may_be_kept_and_dropped_anywhere(store: &dyn CommentStore) {
    let scope = filled(store).await;
    let everything = ExportFilter::default();
    let mut kept = Vec::new();
    for _ in 0..12 {
        let mut snapshot = snapshot(store, &scope, &everything).await;
        assert!(!snapshot.next().await.expect("a batch").is_empty());
        kept.push(snapshot);
    }
    store.check().await.expect("the store has connections left");
    kept.truncate(1);
    let mut last = kept.remove(0);
    // Cancelled.
    drop(last.next());
    assert_eq!(comments(&again(&mut *last, ExportDepth::Comments).await).len(), 2_500);
    drop(last);
    change_everything(store, &scope, 1, "second").await;
    assert_eq!(comments(&exported(store, &scope, &everything).await).len(), 2_510);
}
