//! The contract of [`CommentStore`]: several origins in one import.

use std::collections::{BTreeMap, BTreeSet};

use rethread_model::{
    AuthorRef, Comment, FrameCounts, ImportSummary, Located, Origin, Reason, Record, Scope, SliceNumber, Step, Tally,
    Thread,
};
use rethread_stores::{Batch, CommentStore};

use super::files::{Import, author, comment, file, fresh_scope, records, reply, thread};
use super::fixture::job_id;

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    origins_of_one_import_stand_for_themselves(store).await;
    records_of_many_origins_alternate(store).await;
    origins_share_pages(store).await;
}

/// Records with their origins.
type Of = Vec<(Origin, Record)>;

fn origin(name: &str) -> Origin {
    Origin::new(name)
}

fn of(name: &str, all: Vec<Record>) -> Of {
    all.into_iter().map(|record| (origin(name), record)).collect()
}

fn described(site: &str) -> Record {
    Record::Thread(Thread {
        url_id: format!("{site}.example/t"),
        url: Some(format!("https://{site}.example/t")),
        title: Some(site.to_owned()),
        ..thread("t")
    })
}

fn at(scope: &Scope, name: &str) -> Scope {
    Scope { origin: origin(name), ..scope.clone() }
}

/// Commits records as batches of a slice, a few records in each, and ends the import.
async fn import(import: &Import<'_>, store: &dyn CommentStore, all: Of, in_a_batch: usize) -> ImportSummary {
    let origins: Vec<Origin> = all.iter().map(|(origin, _)| origin.clone()).collect();
    let located = file(all.into_iter().map(|(_, record)| record));
    let all: Vec<(Origin, Located<Record>)> = origins.into_iter().zip(located).collect();
    let count = all.chunks(in_a_batch).count();
    for (index, some) in all.chunks(in_a_batch).enumerate() {
        let mut other_origins = BTreeMap::<Origin, Vec<Located<Record>>>::new();
        for (origin, record) in some {
            other_origins.entry(origin.clone()).or_default().push(record.clone());
        }
        let batch = Batch {
            step: Step::Slice(SliceNumber(0)),
            from: index as u64,
            position: some.last().map_or(0, |(_, record)| record.at.offset + 10),
            complete: index + 1 == count,
            frames: FrameCounts::default(),
            records: other_origins.remove(&import.target.scope.origin).unwrap_or_default(),
            other_origins,
            findings: Vec::new(),
        };
        store.commit(&import.target, batch).await.expect("a batch");
    }
    while !store.link(&import.target, 2).await.expect("links").complete {}
    store.finalize(&import.target, true).await.expect("a summary")
}

async fn tally(import: &Import<'_>, store: &dyn CommentStore) -> Tally {
    store.tally(&import.target.scope.account, import.target.job).await.expect("a tally")
}

/// Two sites with the same ids, and a reply whose parent only the other site has.
async fn origins_of_one_import_stand_for_themselves(store: &dyn CommentStore) {
    let scope = Scope { origin: origin("a"), ..fresh_scope() };
    let named = |site: &str, comments: Vec<Comment>| {
        let by = Record::Author(author("ann", &format!("Ann of {site}"), Some(1)));
        of(site, [described(site), by].into_iter().chain(records(comments)).collect())
    };
    let of_a = named("a", vec![comment("1", "t"), reply("2", "t", "1"), comment("9", "t")]);
    let told = Comment { text: "said on b".to_owned(), ..comment("1", "t") };
    let of_b = named("b", vec![told, reply("2", "t", "1"), reply("3", "t", "9")]);
    let both: Of = of_a.into_iter().chain(of_b.clone()).collect();

    let dry = Import::of_job(store, &scope, job_id(0)).dry();
    let summary = import(&dry, store, both.clone(), 3).await;
    let counts = tally(&dry, store).await;
    assert_eq!((counts.outcome.created, counts.read.threads, summary.pages), (6, 2, 2));
    let first = Import::of_job(store, &scope, job_id(1));
    let summary = import(&first, store, both, 3).await;
    let counts = tally(&first, store).await;
    assert_eq!((counts.outcome.created, counts.outcome.sum(), counts.read.threads), (6, 6, 2));
    assert_eq!((summary.pages, summary.removed, counts.findings_of(Reason::ParentNotInFile)), (2, Some(0), 1));
    assert_eq!(dry.findings().await, first.findings().await);

    let b = rows_of(store, &at(&scope, "b")).await;
    assert_eq!(b.keys().collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(
        (b["1"].0.as_str(), b["1"].1.as_str(), b["1"].2.as_deref()),
        ("b.example/t", "said on b", Some("Ann of b"))
    );
    assert_eq!(b["2"].3.as_deref(), Some("1"));
    assert_eq!(b["3"].3, None, "a parent on another site is none");
    let a = rows_of(store, &at(&scope, "a")).await;
    assert_eq!(a.keys().collect::<Vec<_>>(), ["1", "2", "9"]);
    assert_eq!(
        (a["1"].0.as_str(), a["1"].1.as_str(), a["1"].2.as_deref()),
        ("a.example/t", "text of 1", Some("Ann of a"))
    );

    // The second site alone is complete, and the first one misses nothing.
    store.forget_import(&scope.account, first.target.job).await.expect("dropped");
    let alone = Import::of_job(store, &at(&scope, "b"), job_id(2));
    let summary = import(&alone, store, of_b, 100).await;
    let counts = tally(&alone, store).await;
    assert_eq!((counts.outcome.unchanged, counts.outcome.sum(), summary.removed, summary.pages), (3, 3, Some(0), 1));
}

/// Page, text, name and parent by source id.
type Seen = BTreeMap<String, (String, String, Option<String>, Option<String>)>;

async fn rows_of(store: &dyn CommentStore, scope: &Scope) -> Seen {
    let all = super::files::all_comments(store, scope).await;
    let all: Vec<_> = all.into_iter().filter(|(_, row)| row.origin == scope.origin.as_str()).collect();
    let ids: BTreeMap<_, _> = all.iter().map(|(_, row)| (row.id, row.source_id.clone())).collect();
    let seen = all.into_iter().map(|(page, row)| {
        let parent = row.parent.map(|parent| ids[&parent].clone());
        (row.source_id, (page, row.text, row.author.and_then(|author| author.name), parent))
    });
    seen.collect()
}

/// Twenty sites whose records alternate, a few at a time; then again in reverse.
async fn records_of_many_origins_alternate(store: &dyn CommentStore) {
    let scope = Scope { origin: origin("site0"), ..fresh_scope() };
    let sites: Vec<String> = (0..20).map(|number| format!("site{number}")).collect();
    let guest = |id: &str| Comment { author: AuthorRef::Nobody, ..comment(id, "t") };
    let turn = |id: &'static str| {
        let record = move |site: &String| (origin(site), Record::Comment(Box::new(guest(id))));
        sites.iter().map(record).collect::<Of>()
    };
    let threads: Of = sites.iter().map(|site| (origin(site), described(site))).collect();
    let all: Of = threads.into_iter().chain(["1", "2", "3"].into_iter().flat_map(turn)).collect();
    let first = Import::of_job(store, &scope, job_id(1));
    let summary = import(&first, store, all.clone(), 7).await;
    let counts = tally(&first, store).await;
    assert_eq!((counts.outcome.created, counts.read.threads, summary.pages, summary.removed), (60, 20, 20, Some(0)));

    let again: Of = all.into_iter().rev().collect();
    let second = Import::of_job(store, &scope, job_id(2));
    let summary = import(&second, store, again, 11).await;
    let counts = tally(&second, store).await;
    assert_eq!((counts.outcome.unchanged, counts.outcome.sum(), summary.pages), (60, 60, 20));
    for site in &sites {
        assert_eq!(rows_of(store, &at(&scope, site)).await.len(), 3, "{site}");
    }
}

/// A page shared by two sites of one file is one page, and missing comments of either are counted.
async fn origins_share_pages(store: &dyn CommentStore) {
    let scope = Scope { origin: origin("a"), ..fresh_scope() };
    let on = |name: &str, ids: &[&str]| {
        let comments = ids.iter().map(|id| comment(id, "t"));
        of(name, std::iter::once(Record::Thread(thread("t"))).chain(records(comments)).collect())
    };
    let all: Of = on("a", &["1", "2"]).into_iter().chain(on("b", &["1", "3"])).collect();
    let summary = import(&Import::of_job(store, &scope, job_id(1)), store, all, 100).await;
    assert_eq!(summary.pages, 1);
    let less: Of = on("a", &["1"]).into_iter().chain(on("b", &["3"])).collect();
    for dry in [true, false] {
        let again = Import::of_job(store, &scope, job_id(2 + i64::from(dry)));
        let again = if dry { again.dry() } else { again };
        let summary = import(&again, store, less.clone(), 2).await;
        assert_eq!((summary.pages, summary.removed), (1, Some(2)), "dry run: {dry}");
    }
    let kept: BTreeSet<String> = rows_of(store, &at(&scope, "b")).await.into_keys().collect();
    assert_eq!(kept, ["1", "3"].map(str::to_owned).into());
}
