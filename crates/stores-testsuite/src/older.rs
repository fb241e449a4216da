//! The contract of [`CommentStore`]: files that are older than what is stored, and how pages were
//! identified.

use rethread_model::{
    Author, Comment, MappingRule, Origin, PageKey, PageOptions, Reason, Record, Scope, Status, Thread, Timestamp,
};
use rethread_stores::CommentStore;

use super::files::{Import, author, comment, fresh_scope, records, reply, rows, thread};
use super::fixture::{at, job_id};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    an_older_file_updates_nothing(store).await;
    an_older_file_creates_what_is_missing(store).await;
    an_older_file_is_told_by_a_dry_run(store).await;
    an_older_file_overwrites_where_it_is_to(store).await;
    a_file_is_not_older_than_itself(store).await;
    comments_dated_after_their_import_make_no_file_older(store).await;
    how_pages_were_identified_is_kept(store).await;
}

/// An import of a file whose newest comment is from `newest`, at a second after all comments.
fn import<'a>(store: &'a dyn CommentStore, scope: &Scope, second: i64, newest: Option<i64>) -> Import<'a> {
    let mut import = Import::of_job(store, scope, job_id(second));
    import.target.newest_comment_at = newest.map(at);
    import
}

fn dated(comment: Comment, second: i64) -> Comment {
    Comment { created_at: Some(at(second)), ..comment }
}

/// The initial state: a thread with a name, a comment, and a reply to it.
fn first() -> Vec<Record> {
    let mut all = vec![Record::Thread(thread("t")), Record::Author(author("ann", "Ann", Some(10)))];
    all.extend(records([dated(comment("1", "t"), 10), dated(reply("2", "t", "1"), 20), dated(comment("3", "t"), 30)]));
    all
}

/// The later state: the first comment was deleted, the reply is alone and on another thread.
fn later() -> Vec<Record> {
    let renamed = Thread { title: Some("Renamed".to_owned()), ..thread("t") };
    let mut all = vec![Record::Thread(renamed), Record::Thread(thread("u"))];
    all.push(Record::Author(Author { name: Some("Anna".to_owned()), ..author("ann", "Ann", Some(10)) }));
    let gone = Comment { status: Status::Deleted, ..dated(comment("1", "t"), 10) };
    all.extend(records([
        gone,
        dated(comment("2", "u"), 20),
        dated(comment("3", "t"), 30),
        dated(comment("4", "t"), 40),
    ]));
    all
}

async fn an_older_file_updates_nothing(store: &dyn CommentStore) {
    let scope = fresh_scope();
    import(store, &scope, 1_000, Some(30)).run(first()).await;
    import(store, &scope, 1_001, Some(40)).run(later()).await;
    let before = rows(store, &scope, &["t", "u"]).await;
    assert_eq!((before["1"].status, before["2"].thread.as_str()), (Status::Deleted, "u"));

    let report = import(store, &scope, 1_002, Some(30)).run(first()).await;
    assert_eq!(rows(store, &scope, &["t", "u"]).await, before, "neither text, status, thread, parent nor author");
    let outcome = report.tally.outcome;
    assert_eq!((outcome.unchanged, outcome.updated, outcome.created), (3, 0, 0));
    assert_eq!(report.tally.findings_of(Reason::OlderFile), 1, "{:#?}", report.findings);
    assert_eq!(report.findings.len(), 1, "the reply is no orphan: {:#?}", report.findings);
    let pages = store
        .pages(&scope.account, &rethread_stores::PageQuery { limit: 10, ..Default::default() })
        .await
        .expect("pages");
    let titles: Vec<_> = pages.pages.iter().map(|page| page.title.as_deref().unwrap_or_default()).collect();
    assert_eq!(titles, ["Renamed", "About u"]);
}

async fn an_older_file_creates_what_is_missing(store: &dyn CommentStore) {
    let scope = fresh_scope();
    import(store, &scope, 1_000, Some(40)).run(later()).await;
    let mut older = first();
    older.extend(records([dated(reply("5", "t", "3"), 25), dated(comment("6", "v"), 26)]));
    older.extend([Record::Thread(thread("v")), Record::Author(author("ben", "Ben", None))]);
    let report = import(store, &scope, 1_001, Some(30)).run(older.clone()).await;
    assert_eq!((report.tally.outcome.created, report.tally.outcome.unchanged), (2, 3));
    let after = rows(store, &scope, &["t", "u", "v"]).await;
    assert_eq!(after.keys().collect::<Vec<_>>(), ["1", "2", "3", "4", "5", "6"]);
    assert_eq!(after["5"].parent.as_deref(), Some("3"));

    // What the import created is its own: duplicate ids are resolved as always, and it is unchanged
    // the next time.
    let report = import(store, &scope, 1_002, Some(30)).run(older).await;
    assert_eq!((report.tally.outcome.created, report.tally.outcome.unchanged), (0, 5));
    assert_eq!(rows(store, &scope, &["t", "u", "v"]).await, after);
}

async fn an_older_file_is_told_by_a_dry_run(store: &dyn CommentStore) {
    let scope = fresh_scope();
    import(store, &scope, 1_000, Some(40)).run(later()).await;
    let report = import(store, &scope, 1_001, Some(30)).dry().run(first()).await;
    assert_eq!(report.tally.findings_of(Reason::OlderFile), 1);
    assert_eq!((report.tally.outcome.unchanged, report.tally.outcome.updated), (3, 0));
    let report = import(store, &scope, 1_002, Some(40)).dry().run(first()).await;
    assert_eq!((report.tally.findings_of(Reason::OlderFile), report.tally.outcome.updated), (0, 2));
}

async fn an_older_file_overwrites_where_it_is_to(store: &dyn CommentStore) {
    let scope = fresh_scope();
    import(store, &scope, 1_000, Some(30)).run(first()).await;
    let before = rows(store, &scope, &["t"]).await;
    import(store, &scope, 1_001, Some(40)).run(later()).await;
    let mut again = import(store, &scope, 1_002, Some(30));
    again.target.overwrite = true;
    let report = again.run(first()).await;
    assert_eq!((report.tally.outcome.updated, report.tally.findings_of(Reason::OlderFile)), (2, 0));
    let after = rows(store, &scope, &["t", "u"]).await;
    for id in ["1", "2", "3"] {
        assert_eq!((&after[id].text, &after[id].thread), (&before[id].text, &before[id].thread), "{id}");
    }
}

/// If the planner cannot read a date, and for another origin, nothing is older.
async fn a_file_is_not_older_than_itself(store: &dyn CommentStore) {
    let scope = fresh_scope();
    import(store, &scope, 1_000, Some(15)).run(first()).await;
    for newest in [Some(15), None] {
        let edited = Comment { text: format!("{newest:?}"), ..dated(comment("3", "t"), 30) };
        let report = import(store, &scope, 1_001, newest).run(records([edited])).await;
        assert_eq!((report.tally.outcome.updated, report.tally.findings_of(Reason::OlderFile)), (1, 0), "{newest:?}");
    }
    let other = Scope { origin: Origin::new("other"), ..scope };
    let report = import(store, &other, 1_002, Some(1)).run(first()).await;
    assert_eq!((report.tally.outcome.created, report.tally.findings_of(Reason::OlderFile)), (3, 0));
}

async fn comments_dated_after_their_import_make_no_file_older(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let for_ever = Comment { created_at: Some(Timestamp::MAX), ..comment("9", "t") };
    let mut all = first();
    all.extend(records([for_ever]));
    import(store, &scope, 1_000, Some(30)).run(all).await;
    let report = import(store, &scope, 1_001, Some(40)).run(later()).await;
    assert_eq!((report.tally.outcome.updated, report.tally.findings_of(Reason::OlderFile)), (2, 0));
}

async fn how_pages_were_identified_is_kept(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let kept = async |scope: &Scope| store.page_options(scope).await.expect("options");
    assert_eq!(kept(&scope).await, None);
    let first_import = import(store, &scope, 1_000, None);
    first_import.run(first()).await;
    assert_eq!(kept(&scope).await, None, "nobody said how");
    let mapping = vec![MappingRule { from: "old.example".to_owned(), to: "new.example".to_owned() }];
    for options in [
        PageOptions { mapping, ..PageOptions::default() },
        PageOptions { page_key: PageKey::Item, ..PageOptions::default() },
    ] {
        for _ in 0..2 {
            store.set_page_options(&first_import.target, &options).await.expect("kept");
        }
        assert_eq!(kept(&scope).await, Some(options));
    }
    let others = [Scope { origin: Origin::new("other"), ..scope.clone() }, fresh_scope()];
    for other in others {
        assert_eq!(kept(&other).await, None);
    }
}
