//! Moves before, during and after imports of the same origin.

use rethread_model::{Comment, Record, Scope, Step, Thread};
use rethread_stores::CommentStore;

use super::super::files::{Import, SLICE, comment, file, fresh_scope, records, thread};
use super::super::fixture::job_id;
use super::{Move, at, domain, expected, filled, rule, shown, undo, url_id};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    a_later_import_keeps_the_move(store).await;
    an_import_between_batches_keeps_the_move(store).await;
    a_move_while_an_import_runs_is_kept(store).await;
    threads_that_have_no_page_yet_get_the_new_one(store).await;
    a_dry_run_counts_the_new_pages(store).await;
    a_thread_that_lost_its_comments_moves(store).await;
    moves_and_the_ends_of_imports_may_meet(store).await;
}

/// The content of a later export of the vendor: new descriptions, and one more comment on each
/// thread.
fn newer(ids: &[&str]) -> Vec<Record> {
    let threads = ids
        .iter()
        .map(|id| Record::Thread(Thread { title: Some(format!("More about {id}")), closed: true, ..thread(id) }));
    let comments = ids.iter().map(|id| comment(&format!("newer on {id}"), id));
    threads.chain(records(comments)).collect()
}

async fn a_later_import_keeps_the_move(store: &dyn CommentStore) {
    let scope = fresh_scope();
    filled(store, &scope, [(thread("a"), 1), (thread("b"), 1)]).await;
    let moving = Move::new(store, &scope.account, rule(url_id("example.com/a"), url_id("new")));
    moving.run(10).await;
    let report = Import::of_job(store, &scope, job_id(1)).run(newer(&["a", "b"])).await;
    assert_eq!((report.tally.outcome.created, report.pages), (2, 2));
    let pages = expected([("example.com/b", 2, &["https://example.com/b"]), ("new", 2, &["https://example.com/a"])]);
    assert_eq!(shown(store, &scope.account).await, pages);

    // Even if the vendor now has it at another address, which applies again after an undo.
    let elsewhere = at("a", "https://vendor.example/a", None);
    Import::of_job(store, &scope, job_id(2))
        .run([Record::Thread(elsewhere)].into_iter().chain(records([comment("3", "a")])))
        .await;
    assert_eq!(shown(store, &scope.account).await["new"], (3, vec!["https://vendor.example/a".to_owned()]));
    Move::new(store, &scope.account, undo(moving.job)).run(10).await;
    let pages = expected([
        ("example.com/b", 2, &["https://example.com/b"]),
        ("vendor.example/a", 3, &["https://vendor.example/a"]),
    ]);
    assert_eq!(shown(store, &scope.account).await, pages);
}

async fn an_import_between_batches_keeps_the_move(store: &dyn CommentStore) {
    let scope = fresh_scope();
    filled(store, &scope, [(thread("a"), 1), (thread("b"), 1), (thread("c"), 1)]).await;
    let moving = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
    assert!(!moving.step(1).await.complete);
    Import::of_job(store, &scope, job_id(1)).run(newer(&["a", "b", "c"])).await;
    let tally = moving.finish(1).await;
    assert_eq!((tally.threads, tally.pages, tally.merged), (3, 3, 0));
    let pages = expected([
        ("new.example/a", 2, &["https://new.example/a"]),
        ("new.example/b", 2, &["https://new.example/b"]),
        ("new.example/c", 2, &["https://new.example/c"]),
    ]);
    assert_eq!(shown(store, &scope.account).await, pages);
}

async fn a_move_while_an_import_runs_is_kept(store: &dyn CommentStore) {
    let scope = fresh_scope();
    filled(store, &scope, [(thread("a"), 1), (thread("b"), 1)]).await;
    let import = Import::of_job(store, &scope, job_id(1));
    let file = file(newer(&["a", "b"]));
    import.commit(SLICE, 0, &file[..3], false).await.expect("a batch");
    let moving = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
    moving.run(10).await;
    import.commit(SLICE, 1, &file[3..], true).await.expect("a batch");
    import.finish(10).await;
    let pages =
        expected([("new.example/a", 2, &["https://new.example/a"]), ("new.example/b", 2, &["https://new.example/b"])]);
    assert_eq!(shown(store, &scope.account).await, pages);
}

async fn threads_that_have_no_page_yet_get_the_new_one(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let import = Import::new(store, &scope);
    import.commit(SLICE, 0, &file(newer(&["a", "b"])), true).await.expect("a batch");
    let moving = Move::new(store, &scope.account, rule(url_id("example.com/a"), url_id("new")));
    let tally = moving.run(10).await;
    assert_eq!((tally.threads, tally.pages, tally.comments), (1, 0, 1));
    assert!(shown(store, &scope.account).await.is_empty());
    assert_eq!(import.finish(10).await.pages, 2);
    let pages = expected([("example.com/b", 1, &["https://example.com/b"]), ("new", 1, &["https://example.com/a"])]);
    assert_eq!(shown(store, &scope.account).await, pages);
}

async fn a_dry_run_counts_the_new_pages(store: &dyn CommentStore) {
    let scope = fresh_scope();
    filled(store, &scope, [(thread("a"), 1), (thread("b"), 1)]).await;
    let moving = rule(url_id("example.com/a"), url_id("example.com/b"));
    Move::new(store, &scope.account, moving).run(10).await;
    let dry = Import::of_job(store, &scope, job_id(1)).dry().run(newer(&["a", "b"])).await;
    let real = Import::of_job(store, &scope, job_id(2)).run(newer(&["a", "b"])).await;
    assert_eq!((dry.pages, real.pages), (1, 1));
}

/// A running import moved its comments to another thread, and has not counted pages yet.
async fn a_thread_that_lost_its_comments_moves(store: &dyn CommentStore) {
    let scope = fresh_scope();
    filled(store, &scope, [(thread("a"), 1), (thread("b"), 1)]).await;
    let import = Import::of_job(store, &scope, job_id(1));
    let taken = Comment { thread: "b".to_owned(), ..comment("0 on a", "a") };
    import.commit(SLICE, 0, &file(records([taken])), true).await.expect("a batch");
    let moving = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
    moving.finish(10).await;
    import.finish(10).await;
    assert_eq!(shown(store, &scope.account).await, expected([("new.example/b", 2, &["https://new.example/b"])]));
}

/// Both repeatedly write the same threads and pages at the same time.
async fn moves_and_the_ends_of_imports_may_meet(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let other = Scope { origin: rethread_model::Origin::new("another"), ..scope.clone() };
    let ids: Vec<String> = (0..30).map(|number| format!("{number:02}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    for scope in [&scope, &other] {
        Import::new(store, scope).run(newer(&ids)).await;
    }
    for (second, domains) in (1..).zip([["example.com", "new.example"], ["new.example", "example.com"]]) {
        let imports = [&scope, &other].map(|scope| Import::of_job(store, scope, job_id(second)));
        for import in &imports {
            import.commit(SLICE, 0, &file(newer(&ids)), true).await.expect("a batch");
            while !store.link(&import.target, 100).await.expect("links").complete {}
        }
        let [from, to] = domains;
        let moving = Move::new(store, &scope.account, rule(domain(from), domain(to)));
        let close = async |import: &Import<'_>| store.finalize(&import.target, true).await.expect("an end");
        let [first, last] = &imports;
        let (tally, ..) = tokio::join!(moving.finish(7), close(first), close(last), close(first), close(last));
        assert_eq!(tally.threads, 60);
        let pages = shown(store, &scope.account).await;
        assert_eq!(pages.len(), 30);
        assert!(pages.iter().all(|(key, (comments, _))| key.starts_with(to) && *comments == 2), "{pages:?}");
        for import in &imports {
            let done = store.checkpoint(&scope.account, import.target.job, Step::Finish).await.expect("a checkpoint");
            assert!(done.complete);
        }
    }
}
