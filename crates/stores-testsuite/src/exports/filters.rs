//! What a filter lets through, and that it never includes another account's comments.

use rethread_model::{Comment, ExportFilter, Origin, Record, Scope, Status, Thread, Vendor};
use rethread_stores::{CommentStore, ExportDepth};

use super::super::files::{Import, comment, fresh_scope, records, thread};
use super::super::fixture::{at, job_id};
use super::content::stranger;
use super::{again, exported, heads, outline, snapshot};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    let scope = filled(store).await;
    each_filter_lets_through_what_it_names(store, &scope).await;
    a_pass_without_comments_gives_the_same_pages_and_threads(store, &scope).await;
    an_account_has_its_own_alone(store, &scope).await;
}

/// An account with comments of two vendors and two origins on two pages.
async fn filled(store: &dyn CommentStore) -> Scope {
    let scope = fresh_scope();
    let content = || {
        let on_a = Thread { source_id: "a2".to_owned(), ..thread("a") };
        let given = |id: &str, thread: &str, second: Option<i64>, status| Comment {
            created_at: second.map(at),
            status,
            ..comment(id, thread)
        };
        [thread("a"), on_a, thread("b")].map(Record::Thread).into_iter().chain(records([
            given("1", "a", Some(10), Status::Approved),
            given("2", "a", Some(20), Status::Spam),
            given("3", "a2", Some(30), Status::Pending),
            given("4", "a", None, Status::Approved),
            given("5", "b", Some(20), Status::Deleted),
        ]))
    };
    Import::of_job(store, &scope, job_id(0)).run(content()).await;
    for (second, vendor, origin) in [(1, Vendor::Disqus, "other"), (2, Vendor::Muut, scope.origin.as_str())] {
        let other = Scope { vendor, origin: Origin::new(origin), ..scope.clone() };
        let own = Record::Comment(Box::new(Comment { created_at: None, ..comment("6", "b") }));
        Import::of_job(store, &other, job_id(second)).run([Record::Thread(thread("b")), own]).await;
    }
    scope
}

fn filters(scope: &Scope) -> Vec<(ExportFilter, Vec<&'static str>)> {
    let all = ExportFilter::default;
    let page = |key: &str| Some(key.to_owned());
    let (a, b) = ("example.com/a", "example.com/b");
    vec![
        (ExportFilter { page: page(a), ..all() }, vec![a, ":a", "1", "2", "4", ":a2", "3"]),
        (ExportFilter { page: page("example.com/"), ..all() }, vec![]),
        (ExportFilter { vendor: Some(Vendor::Muut), ..all() }, vec![b, ":b", "6"]),
        (ExportFilter { vendor: Some(Vendor::Hyvor), ..all() }, vec![]),
        (ExportFilter { origin: Some(Origin::new("other")), ..all() }, vec![b, ":b", "6"]),
        (ExportFilter { origin: Some(scope.origin.clone()), page: page(b), ..all() }, vec![b, ":b", "5", ":b", "6"]),
        (ExportFilter { from: Some(at(20)), ..all() }, vec![a, ":a", "2", ":a2", "3", b, ":b", "5"]),
        (ExportFilter { until: Some(at(20)), ..all() }, vec![a, ":a", "1"]),
        (ExportFilter { from: Some(at(11)), until: Some(at(21)), ..all() }, vec![a, ":a", "2", b, ":b", "5"]),
        (ExportFilter { status: [Status::Pending].into(), ..all() }, vec![a, ":a2", "3"]),
        (
            ExportFilter { status: [Status::Deleted, Status::Spam].into(), vendor: Some(Vendor::Disqus), ..all() },
            vec![a, ":a", "2", b, ":b", "5"],
        ),
    ]
}

async fn each_filter_lets_through_what_it_names(store: &dyn CommentStore, scope: &Scope) {
    for (filter, expected) in filters(scope) {
        assert_eq!(outline(&exported(store, scope, &filter).await), expected, "{filter:?}");
    }
    // A status that was changed here takes precedence.
    let pending = ExportFilter { status: [Status::Pending].into(), ..ExportFilter::default() };
    assert!(store.set_status(scope, "1", Status::Pending).await.expect("a change"));
    let found = outline(&exported(store, scope, &pending).await);
    assert_eq!(found, ["example.com/a", ":a", "1", ":a2", "3"]);
    assert!(store.set_status(scope, "1", Status::Approved).await.expect("a change"));
}

async fn a_pass_without_comments_gives_the_same_pages_and_threads(store: &dyn CommentStore, scope: &Scope) {
    let filters = filters(scope).into_iter().map(|(filter, _)| filter).chain([ExportFilter::default()]);
    for filter in filters {
        let mut snapshot = snapshot(store, scope, &filter).await;
        let whole = again(&mut *snapshot, ExportDepth::Comments).await;
        assert_eq!(again(&mut *snapshot, ExportDepth::Threads).await, heads(&whole), "{filter:?}");
        assert_eq!(again(&mut *snapshot, ExportDepth::Comments).await, whole, "{filter:?}");
    }
}

async fn an_account_has_its_own_alone(store: &dyn CommentStore, scope: &Scope) {
    let stranger = stranger(scope);
    assert_eq!(exported(store, &stranger, &ExportFilter::default()).await, []);
    let file = [Record::Thread(thread("a"))].into_iter().chain(records([comment("strange", "a")]));
    Import::of_job(store, &stranger, job_id(3)).run(file).await;
    let theirs = exported(store, &stranger, &ExportFilter::default()).await;
    assert_eq!(outline(&theirs), ["example.com/a", ":a", "strange"]);
    for filter in filters(scope).into_iter().map(|(filter, _)| filter).chain([ExportFilter::default()]) {
        let ours = outline(&exported(store, scope, &filter).await);
        assert!(!ours.contains(&"strange".to_owned()), "{filter:?}");
    }
}
