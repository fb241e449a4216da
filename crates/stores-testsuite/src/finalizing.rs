//! The part of the contract of [`CommentStore`] about what the end of an import reports: merged
//! pages, pages elsewhere, and the time range of the comments.

use std::collections::BTreeMap;

use rethread_model::{
    Comment, DateRange, Finding, FrameCounts, ImportSummary, Located, MergedPage, Origin, Position, Reason, Record,
    Scope, SliceNumber, Step, Thread, Vendor,
};
use rethread_stores::{Batch, CommentStore, Target};

use super::fixture::{at as moment, fresh_account, job_id};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    for dry_run in [true, false] {
        pages_with_several_addresses_are_told(store, dry_run).await;
        the_lists_are_bounded(store, dry_run).await;
        pages_elsewhere_are_found(store, dry_run).await;
        the_dates_of_the_comments_are_told(store, dry_run).await;
    }
}

fn target(dry_run: bool) -> Target {
    let scope = Scope { account: fresh_account(), vendor: Vendor::Disqus, origin: Origin::new("forum") };
    Target { scope, job: job_id(0), dry_run, newest_comment_at: None, overwrite: false }
}

fn thread(source_id: &str, url_id: &str, url: Option<&str>) -> Record {
    Record::Thread(Thread {
        source_id: source_id.to_owned(),
        url_id: url_id.to_owned(),
        url: url.map(str::to_owned),
        title: None,
        created_at: None,
        closed: false,
        reactions: Vec::new(),
    })
}

fn comment(source_id: &str, thread: &str) -> Record {
    Record::Comment(Box::new(Comment { text: "Hello".to_owned(), ..Comment::new(source_id, thread) }))
}

/// Imports records whose positions are their indices, up to the summary.
async fn import(store: &dyn CommentStore, target: &Target, records: Vec<Record>) -> ImportSummary {
    let records: Vec<Located<Record>> = (0..).zip(records).map(|(n, value)| Located { value, at: at(n) }).collect();
    let batch = Batch {
        step: Step::Slice(SliceNumber(0)),
        from: 0,
        position: records.len() as u64,
        complete: true,
        frames: FrameCounts::default(),
        records,
        other_origins: BTreeMap::new(),
        findings: Vec::new(),
    };
    store.commit(target, batch).await.expect("a batch");
    while !store.link(target, 2).await.expect("links").complete {}
    let summary = store.finalize(target, true).await.expect("a summary");
    assert_eq!(store.finalize(target, true).await.expect("a summary"), summary, "summary may be repeated");
    summary
}

const fn at(offset: u64) -> Position {
    Position { part: 0, offset }
}

fn merged(url_id: &str, urls: &[&str]) -> MergedPage {
    MergedPage { url_id: url_id.to_owned(), urls: urls.iter().map(|url| (*url).to_owned()).collect() }
}

async fn pages_with_several_addresses_are_told(store: &dyn CommentStore, dry_run: bool) {
    let records = vec![
        thread("1", "b.example/x", Some("https://b.example/x")),
        thread("2", "b.example/x", Some("http://b.example/x/")),
        thread("3", "b.example/x", Some("https://b.example/x")),
        thread("4", "a.example/y", Some("https://www.a.example/y?utm_source=z")),
        thread("5", "a.example/y", Some("https://a.example/y")),
        // A single address, a thread without comments, and one without an address merge nothing.
        thread("6", "c.example", Some("https://c.example/")),
        thread("7", "c.example", Some("http://c.example/")),
        thread("8", "d.example", Some("https://d.example/")),
        thread("9", "d.example", None),
        comment("c1", "1"),
        comment("c2", "2"),
        comment("c3", "3"),
        comment("c4", "4"),
        comment("c5", "5"),
        comment("c6", "6"),
        comment("c8", "8"),
        comment("c9", "9"),
        comment("c10", "never described"),
    ];
    let target = target(dry_run);
    let summary = import(store, &target, records).await;
    assert_eq!(summary.pages, 5);
    assert_eq!(summary.merged_pages, 2);
    let expected = [
        merged("a.example/y", &["https://a.example/y", "https://www.a.example/y?utm_source=z"]),
        merged("b.example/x", &["http://b.example/x/", "https://b.example/x"]),
    ];
    assert_eq!(summary.merged, expected, "by key, each address once");
}

async fn the_lists_are_bounded(store: &dyn CommentStore, dry_run: bool) {
    let mut records = Vec::new();
    for page in 0..ImportSummary::MERGED + 5 {
        let variants = if page == 0 { MergedPage::URLS + 5 } else { 2 };
        for variant in 0..variants {
            let id = format!("{page:04}-{variant:04}");
            records.push(thread(&id, &format!("a.example/{page:04}"), Some(&format!("https://a.example/{id}"))));
            records.push(comment(&format!("c{id}"), &id));
        }
    }
    let summary = import(store, &target(dry_run), records).await;
    assert_eq!(summary.merged_pages, 105);
    assert_eq!(summary.merged.len(), ImportSummary::MERGED);
    assert_eq!(summary.merged[0].urls.len(), MergedPage::URLS);
    assert_eq!(summary.merged[0].urls[0], "https://a.example/0000-0000");
    assert_eq!(summary.merged[99].url_id, "a.example/0099");
}

async fn pages_elsewhere_are_found(store: &dyn CommentStore, dry_run: bool) {
    let records = vec![
        thread("1", "localhost:4000/a", Some("http://localhost:4000/a")),
        thread("2", "localhost:4000/b", Some("http://localhost:4000/b")),
        thread("3", "a.example", Some("https://a.example")),
        comment("c3", "3"),
        comment("c1", "1"),
        comment("c2", "1"),
    ];
    let target = target(dry_run);
    import(store, &target, records).await;
    let listed = store.findings(&target.scope.account, target.job, None, 10).await.expect("findings");
    let findings: Vec<Finding> = listed.findings.into_iter().map(|stored| stored.finding).collect();
    let expected = Finding { at: at(4), reason: Reason::PageElsewhere, source_id: Some("1".to_owned()) };
    assert_eq!(findings, [expected], "once for a thread with comments, at the first of them");
    let tally = store.tally(&target.scope.account, target.job).await.expect("counts");
    assert_eq!(tally.findings_of(Reason::PageElsewhere), 1);
    assert_eq!(tally.outcome.created, 3, "the comments are kept");
}

/// Whatever the order of batches and slices, and however often a step is retried.
async fn the_dates_of_the_comments_are_told(store: &dyn CommentStore, dry_run: bool) {
    let target = target(dry_run);
    let dated = |id: &str, second: Option<i64>| {
        let Record::Comment(plain) = comment(id, "1") else { unreachable!("it was made so") };
        Record::Comment(Box::new(Comment { created_at: second.map(moment), ..*plain }))
    };
    let commit = async |slice: u32, from: u64, complete: bool, records: Vec<Record>| {
        let records =
            (0..).zip(records).map(|(n, value)| Located { value, at: at(u64::from(slice) * 1000 + from * 100 + n) });
        let batch = Batch {
            step: Step::Slice(SliceNumber(slice)),
            from,
            position: 100,
            complete,
            frames: FrameCounts::default(),
            records: records.collect(),
            other_origins: BTreeMap::new(),
            findings: Vec::new(),
        };
        store.commit(&target, batch).await
    };
    commit(1, 0, true, vec![dated("5", Some(50)), dated("6", None)]).await.expect("a batch");
    commit(0, 0, false, vec![dated("1", Some(40)), dated("2", Some(-90))]).await.expect("a batch");
    commit(0, 0, false, vec![dated("0", Some(-900))]).await.expect_err("somebody else wrote it");
    let last = commit(0, 1, true, vec![dated("3", Some(30)), dated("4", Some(99))]).await.expect("a batch");
    assert_eq!(last.dates, Some(DateRange { first: moment(-90), last: moment(99) }), "of the step so far");
    commit(2, 0, true, vec![dated("7", None)]).await.expect("a batch");
    while !store.link(&target, 2).await.expect("links").complete {}
    let summary = store.finalize(&target, true).await.expect("a summary");
    assert_eq!((summary.first_comment_at, summary.last_comment_at), (Some(moment(-90)), Some(moment(99))));

    let none = import(store, &self::target(dry_run), vec![thread("1", "a.example", None), comment("1", "1")]).await;
    assert_eq!((none.first_comment_at, none.last_comment_at), (None, None));
}
