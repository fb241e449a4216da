//! The contract of [`CommentStore`]: commits, checkpoints, counts and re-imports.

use std::collections::BTreeMap;

use rethread_model::{
    Author, AuthorRef, Comment, Finding, FrameCounts, Origin, Outcome, Reason, Record, Scope, Signature, Status, Step,
    Vendor, Written,
};
use rethread_stores::{Batch, Checkpoint, CommentStore, ErrorKind, PageQuery};

use super::files::{
    Import, SLICE, author, comment, file, fresh_scope, position, records, refused, reply, rows, thread,
};
use super::fixture::{fresh_account, job_id};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    store.check().await.expect("a store that works");
    a_commit_moves_its_checkpoint(store).await;
    a_commit_from_a_wrong_checkpoint_writes_nothing(store).await;
    what_is_written_is_told_as_it_is_stored(store).await;
    importing_again_writes_what_changed(store).await;
    the_first_of_an_id_counts_in_any_order(store).await;
    refused_comments_are_counted_and_listed(store).await;
    tombstones_have_neither_text_nor_author(store).await;
    a_status_changed_here_is_kept(store).await;
    a_comment_deleted_here_loses_its_text(store).await;
    the_latest_description_stays(store).await;
    a_dry_run_writes_nothing(store).await;
    a_page_is_counted_that_loses_comments_to_a_thread_of_the_file(store).await;
    accounts_and_origins_are_apart(store).await;
    a_forgotten_import_takes_nothing_more(store).await;
}

fn finding(index: usize, reason: Reason, id: Option<&str>) -> Finding {
    Finding { at: position(index), reason, source_id: id.map(str::to_owned) }
}

async fn a_commit_moves_its_checkpoint(store: &dyn CommentStore) {
    let import = Import::new(store, &fresh_scope());
    let (account, job) = (&import.target.scope.account, import.target.job);
    let stored = async || store.checkpoint(account, job, SLICE).await.expect("a checkpoint");
    assert_eq!(stored().await, Checkpoint::default(), "nothing was begun");
    let file = file([Record::Thread(thread("t"))].into_iter().chain(records([comment("1", "t"), comment("2", "t")])));

    let first = import.commit(SLICE, 0, &file[..2], false).await.expect("a batch");
    assert_eq!((first.batches, first.position, first.complete), (1, Some(20), false));
    assert_eq!((first.tally.read.threads, first.tally.read.comments), (1, 1));
    assert_eq!(stored().await, first);
    let second = import.commit(SLICE, 1, &file[2..], true).await.expect("a batch");
    assert_eq!((second.batches, second.position, second.complete), (2, Some(30), true));
    assert_eq!(second.tally.read.comments, 2, "the counts are those of the step so far");
    assert_eq!(stored().await, second);
    assert_eq!(store.checkpoint(account, job, Step::Plan).await.expect("a checkpoint"), Checkpoint::default());
    assert_eq!(store.checkpoint(&fresh_account(), job, SLICE).await.expect("a checkpoint"), Checkpoint::default());

    let repaired = finding(9, Reason::ByteOrderMark, None);
    let plan = Batch {
        step: Step::Plan,
        from: 0,
        position: 0,
        complete: true,
        frames: FrameCounts::default(),
        records: Vec::new(),
        other_origins: BTreeMap::new(),
        findings: vec![repaired.clone()],
    };
    store.commit(&import.target, plan).await.expect("a batch");
    let sum = store.tally(account, job).await.expect("a tally");
    assert_eq!((sum.read.comments, sum.findings_of(Reason::ByteOrderMark)), (2, 1));
    assert_eq!(import.findings().await, [repaired]);
}

async fn a_commit_from_a_wrong_checkpoint_writes_nothing(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let import = Import::new(store, &scope);
    let file = file(records([comment("1", "t"), comment("2", "t"), comment("3", "t")]));
    import.commit(SLICE, 0, &file[..1], false).await.expect("a batch");
    let before = store.checkpoint(&scope.account, import.target.job, SLICE).await.expect("a checkpoint");
    for from in [0, 2] {
        let refused = import.commit(SLICE, from, &file[1..], true).await.expect_err("somebody was faster");
        assert_eq!(refused.kind(), ErrorKind::Conflict);
    }
    assert_eq!(store.checkpoint(&scope.account, import.target.job, SLICE).await.expect("a checkpoint"), before);
    import.commit(SLICE, 1, &file[1..2], true).await.expect("a batch");
    let refused = import.commit(SLICE, 2, &file[2..], true).await.expect_err("the step is complete");
    assert_eq!(refused.kind(), ErrorKind::Conflict);

    import.finish(10).await;
    assert_eq!(rows(store, &scope, &["t"]).await.keys().collect::<Vec<_>>(), ["1", "2"]);
}

async fn importing_again_writes_what_changed(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let first = [comment("1", "t"), comment("2", "t"), comment("3", "t"), comment("4", "t")];
    let report = Import::new(store, &scope).run(records(first.clone())).await;
    assert_eq!((report.tally.outcome.created, report.removed, report.pages), (4, Some(0), 1));
    let before = rows(store, &scope, &["t"]).await;

    let report = Import::of_job(store, &scope, job_id(1)).run(records(first.clone())).await;
    assert_eq!((report.tally.outcome.unchanged, report.tally.outcome.sum()), (4, 4));
    assert_eq!(rows(store, &scope, &["t"]).await, before);

    let [one, two, three, _] = first;
    let three = Comment { text: "edited".to_owned(), ..three };
    let moved = Comment { thread: "u".to_owned(), ..two };
    let report = Import::of_job(store, &scope, job_id(2)).run(records([one, moved, three, comment("5", "t")])).await;
    let outcome = report.tally.outcome;
    assert_eq!((outcome.created, outcome.updated, outcome.unchanged), (1, 2, 1));
    assert_eq!((report.removed, report.pages), (Some(1), 2));
    let after = rows(store, &scope, &["t", "u"]).await;
    assert_eq!(after.keys().collect::<Vec<_>>(), ["1", "2", "3", "4", "5"], "what the file lacks stays");
    assert_eq!(after["3"].text, "edited");
    assert_eq!((after["2"].thread.as_str(), after["2"].page.as_str()), ("u", "u"));
    assert_eq!(after["1"], before["1"]);
}

/// Three comments with one id, written in every order.
async fn the_first_of_an_id_counts_in_any_order(store: &dyn CommentStore) {
    let statuses = [Status::Approved, Status::Spam, Status::Pending];
    let copies = |text: &str| {
        let copy = |(index, status)| Comment { text: format!("{text} {index}"), status, ..comment("1", "t") };
        file(records(statuses.into_iter().enumerate().map(copy)))
    };
    // A first import, one that changed all of them, and one where only the copies that do not count
    // are as stored.
    for (earlier, outcome) in
        [(None, Outcome::Created), (Some("other"), Outcome::Updated), (Some("same"), Outcome::Unchanged)]
    {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let scope = fresh_scope();
            if let Some(text) = earlier {
                Import::new(store, &scope).run(copies(text).into_iter().map(|record| record.value)).await;
            }
            let import = Import::of_job(store, &scope, job_id(1));
            let file = copies("same");
            for (batch, copy) in order.into_iter().enumerate() {
                import.commit(SLICE, batch as u64, &file[copy..=copy], batch == 2).await.expect("a batch");
            }
            let mut report = import.finish(10).await;
            let tally = &mut report.tally;
            assert_eq!((tally.read.comments, tally.outcome.skipped, tally.outcome.sum()), (3, 2, 3), "{order:?}");
            assert_eq!(*tally.outcome.of(outcome), 1, "{order:?}");
            assert_eq!((tally.status.approved, tally.status.spam, tally.status.pending), (1, 0, 0), "{order:?}");
            let duplicates: Vec<_> =
                report.findings.iter().filter(|finding| finding.reason == Reason::DuplicateId).cloned().collect();
            let expected = [1, 2].map(|index| finding(index, Reason::DuplicateId, Some("1")));
            assert_eq!(duplicates, expected, "{order:?}");
            assert_eq!(rows(store, &scope, &["t"]).await["1"].text, "same 0", "{order:?}");
        }
    }
}

async fn refused_comments_are_counted_and_listed(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let mut of_reply = refused(Some("2"), Reason::SpamExcluded);
    of_reply.is_reply = true;
    let import = Import::new(store, &scope);
    let report = import
        .run(
            records([comment("1", "t")]).into_iter().chain(
                [of_reply, refused(None, Reason::UnreadableRecord), refused(Some("1"), Reason::Pingback)]
                    .map(Record::Refused),
            ),
        )
        .await;
    let tally = &report.tally;
    assert_eq!((tally.read.comments, tally.read.replies), (4, 1));
    assert_eq!((tally.outcome.created, tally.outcome.skipped, tally.outcome.failed), (1, 2, 1));
    assert_eq!((tally.status.approved, tally.status.spam), (1, 0), "the status of what was left out does not count");
    let expected = [
        finding(0, Reason::ThreadNotInFile, Some("1")),
        finding(1, Reason::SpamExcluded, Some("2")),
        finding(2, Reason::UnreadableRecord, None),
        finding(3, Reason::Pingback, Some("1")),
    ];
    assert_eq!(report.findings, expected);
    for found in &expected {
        assert_eq!(tally.findings_of(found.reason), 1);
    }
    assert_eq!(rows(store, &scope, &["t"]).await.len(), 1, "a refused comment does not take the place of a good one");
}

async fn tombstones_have_neither_text_nor_author(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let written = reply("2", "t", "1");
    let deleted = Comment { status: Status::Deleted, ..written.clone() };
    Import::new(store, &scope).run(records([comment("1", "t"), written])).await;
    let report = Import::of_job(store, &scope, job_id(1)).run(records([comment("1", "t"), deleted.clone()])).await;
    assert_eq!((report.tally.outcome.updated, report.tally.status.deleted), (1, 1));
    let row = rows(store, &scope, &["t"]).await.remove("2").expect("a tombstone");
    assert_eq!((row.text.as_str(), row.html.as_str(), row.author, row.score), ("", "", None, None));
    assert_eq!((row.parent.as_deref(), row.status), (Some("1"), Status::Deleted), "it keeps its place");
    // What the vendor does with a deleted text is not a change.
    let other_text = Comment { text: "gone".to_owned(), ..deleted };
    let report = Import::of_job(store, &scope, job_id(2)).run(records([comment("1", "t"), other_text])).await;
    assert_eq!(report.tally.outcome.unchanged, 2);
}

async fn a_status_changed_here_is_kept(store: &dyn CommentStore) {
    let scope = fresh_scope();
    Import::new(store, &scope).run(records([comment("1", "t"), comment("2", "t")])).await;
    assert!(store.set_status(&scope, "1", Status::Spam).await.expect("an answer"));
    assert!(!store.set_status(&scope, "9", Status::Spam).await.expect("an answer"), "there is no such comment");
    let stranger = Scope { account: fresh_account(), ..scope.clone() };
    assert!(!store.set_status(&stranger, "2", Status::Spam).await.expect("an answer"));

    let unchanged = Import::of_job(store, &scope, job_id(1)).run(records([comment("1", "t"), comment("2", "t")])).await;
    assert_eq!(unchanged.tally.outcome.unchanged, 2, "the source is as it was");
    assert_eq!(unchanged.tally.status.approved, 2, "the counts are the file's");
    let edited = Comment { text: "edited".to_owned(), status: Status::Pending, ..comment("1", "t") };
    Import::of_job(store, &scope, job_id(2)).run(records([edited])).await;
    let rows = rows(store, &scope, &["t"]).await;
    assert_eq!((rows["1"].status, rows["1"].text.as_str()), (Status::Spam, "edited"));
    assert_eq!(rows["2"].status, Status::Approved);
}

async fn a_comment_deleted_here_loses_its_text(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let text = async || rows(store, &scope, &["t"]).await["1"].text.clone();
    Import::new(store, &scope).run(records([comment("1", "t")])).await;
    store.set_status(&scope, "1", Status::Deleted).await.expect("an answer");
    assert_eq!(text().await, "");
    let edited = Comment { text: "edited".to_owned(), ..comment("1", "t") };
    Import::of_job(store, &scope, job_id(1)).run(records([edited.clone()])).await;
    assert_eq!(text().await, "", "an import does not bring it back");
    let row = rows(store, &scope, &["t"]).await.remove("1").expect("a tombstone");
    assert_eq!((row.status, row.author), (Status::Deleted, None));

    store.set_status(&scope, "1", Status::Approved).await.expect("an answer");
    let report = Import::of_job(store, &scope, job_id(2)).run(records([edited])).await;
    assert_eq!(report.tally.outcome.updated, 1);
    assert_eq!(text().await, "edited", "once it is wanted again, the next import does");
}

async fn the_latest_description_stays(store: &dyn CommentStore) {
    let old = author("ann", "Ann", Some(1));
    let new = author("ann", "Ann B.", Some(2));
    let timeless = author("ann", "Nobody knows when", None);
    let signature = Some(Signature { name: Some("Gast".to_owned()), ..Signature::default() });
    let by_guest = Comment { author: AuthorRef::Guest, signature, ..comment("2", "t") };
    for order in [[&old, &new, &timeless], [&new, &timeless, &old], [&timeless, &old, &new]] {
        let scope = fresh_scope();
        // The comment comes before its author is described.
        let comments = records([comment("1", "t"), by_guest.clone()]);
        let file = file(comments.into_iter().chain(order.map(|author: &Author| Record::Author(author.clone()))));
        let import = Import::new(store, &scope);
        for (batch, record) in file.iter().enumerate() {
            import.commit(SLICE, batch as u64, std::slice::from_ref(record), false).await.expect("a batch");
        }
        import.finish(10).await;
        let name = |rows: &std::collections::BTreeMap<String, super::files::Row>, id: &str| {
            rows[id].author.clone().expect("an author").name.expect("a name")
        };
        let stored = rows(store, &scope, &["t"]).await;
        assert_eq!((name(&stored, "1").as_str(), name(&stored, "2").as_str()), ("Ann B.", "Gast"));

        // With equal times, a newer import wins and an older one does not.
        let renamed = |name: &str| [Record::Author(author("ann", name, Some(2)))];
        Import::of_job(store, &scope, job_id(9)).run(renamed("of import 9")).await;
        Import::of_job(store, &scope, job_id(5)).run(renamed("of import 5")).await;
        assert_eq!(name(&rows(store, &scope, &["t"]).await, "1"), "of import 9");
    }
}

async fn a_dry_run_writes_nothing(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let content = || {
        [Record::Thread(thread("t")), Record::Author(author("ann", "Ann", None))].into_iter().chain(records([
            comment("1", "t"),
            reply("2", "t", "1"),
            reply("3", "u", "9"),
        ]))
    };
    let dry = Import::new(store, &scope).dry().run(content()).await;
    assert!(rows(store, &scope, &["t", "u"]).await.is_empty());
    let real = Import::of_job(store, &scope, job_id(1)).run(content()).await;
    assert_eq!(dry, real);
    assert_eq!((real.pages, real.tally.outcome.created), (2, 3));

    let before = rows(store, &scope, &["t", "u"]).await;
    let edited = Comment { text: "edited".to_owned(), ..comment("1", "t") };
    let dry = Import::of_job(store, &scope, job_id(2)).dry().run(records([edited, comment("4", "t")])).await;
    assert_eq!((dry.tally.outcome.updated, dry.tally.outcome.created, dry.removed), (1, 1, Some(2)));
    assert_eq!(dry.pages, 1, "of this file alone");
    assert_eq!(rows(store, &scope, &["t", "u"]).await, before);
}

/// A file that lacks threads counts what it takes away from them, and nothing else.
async fn a_page_is_counted_that_loses_comments_to_a_thread_of_the_file(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let all = [comment("1", "t"), comment("2", "t"), comment("3", "u"), comment("4", "v")];
    let threads = ["t", "u", "v"].map(|id| Record::Thread(thread(id)));
    let before = Import::new(store, &scope).run(threads.into_iter().chain(records(all))).await;
    assert_eq!(before.pages, 3);

    let moved = || [Record::Thread(thread("w"))].into_iter().chain(records(["1", "3"].map(|id| comment(id, "w"))));
    let dry = Import::of_job(store, &scope, job_id(1)).dry().run(moved()).await;
    let real = Import::of_job(store, &scope, job_id(2)).run(moved()).await;
    assert_eq!((real.tally.read.threads, real.pages, real.removed), (1, 1, Some(2)), "what the file holds");
    assert_eq!((dry.tally, dry.pages, dry.removed), (real.tally, real.pages, real.removed));
    let query = PageQuery { limit: 10, ..PageQuery::default() };
    let pages = store.pages(&scope.account, &query).await.expect("pages").pages;
    let counts: Vec<(&str, i64)> = pages.iter().map(|page| (page.url_id.as_str(), page.comments)).collect();
    assert_eq!(counts, [("example.com/t", 1), ("example.com/v", 1), ("example.com/w", 2)]);
}

async fn accounts_and_origins_are_apart(store: &dyn CommentStore) {
    let one = fresh_scope();
    let other_origin = Scope { origin: Origin::new("other"), ..one.clone() };
    let other_vendor = Scope { vendor: Vendor::WordPress, ..one.clone() };
    let other_account = Scope { account: fresh_account(), ..one.clone() };
    let content = || [Record::Thread(thread("t"))].into_iter().chain(records([comment("1", "t")]));
    for (second, scope) in [(0, &one), (1, &other_origin), (2, &other_vendor), (3, &other_account)] {
        let report = Import::of_job(store, scope, job_id(second)).run(content()).await;
        assert_eq!((report.tally.outcome.created, report.removed, report.pages), (1, Some(0), 1));
    }
    let listed = async |scope: &Scope| {
        let query = PageQuery { limit: 10, ..PageQuery::default() };
        store.pages(&scope.account, &query).await.expect("pages").pages
    };
    assert_eq!(listed(&one).await.len(), 1, "one page, whichever origins meet on it");
    assert_eq!(listed(&one).await[0].comments, 3);
    assert_eq!(listed(&other_account).await[0].comments, 1);
    let foreign = store.page(&other_account.account, listed(&one).await[0].id).await.expect("an answer");
    assert_eq!(foreign, None, "another account's page does not exist");
}

async fn a_forgotten_import_takes_nothing_more(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let import = Import::new(store, &scope);
    let entry = (scope.account.clone(), import.target.job);
    let report = import.run(records([comment("1", "t"), comment("1", "t")])).await;
    assert!(store.imports_to_clean_up().await.expect("imports").contains(&entry));
    for _ in 0..2 {
        store.forget_import(&scope.account, import.target.job).await.expect("an end");
        assert!(!store.imports_to_clean_up().await.expect("imports").contains(&entry));
    }
    assert_eq!(import.findings().await, report.findings, "findings stay");
    assert_eq!(store.tally(&scope.account, import.target.job).await.expect("a tally"), report.tally);
    let late = import.commit(SLICE, 0, &file(records([comment("2", "t")])), true).await.expect_err("it has ended");
    assert_eq!(late.kind(), ErrorKind::Conflict);
    assert!(store.checkpoint(&scope.account, import.target.job, SLICE).await.expect("a checkpoint").complete);
    assert!(store.link(&import.target, 10).await.expect("nothing to link").complete);
    assert_eq!(rows(store, &scope, &["t"]).await.len(), 1);
    store.forget_import(&fresh_account(), job_id(0)).await.expect("forgetting what was not begun is success");
}

/// Steps, frames and the ledger, which the end of an import compares with the plan.
async fn what_is_written_is_told_as_it_is_stored(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let import = Import::new(store, &scope);
    let (account, job) = (&scope.account, import.target.job);
    assert_eq!(store.written(account, job).await.expect("an answer"), Written::default(), "nothing was begun");
    let of = |id: &str| Record::Comment(Box::new(comment(id, "1")));
    let refused = Record::Refused(refused(Some("3"), Reason::RecordTooLarge));
    let records = file([Record::Thread(thread("1")), of("1"), of("2"), of("1"), refused]);
    import.commit(SLICE, 0, &records[..2], false).await.expect("a batch");
    import.commit(SLICE, 1, &records[2..], false).await.expect("a batch");
    let written = store.written(account, job).await.expect("an answer");
    let checkpoint = store.checkpoint(account, job, SLICE).await.expect("a checkpoint");
    let step = written.steps.get(&SLICE).expect("the slice");
    assert_eq!(step.frames, FrameCounts { comments: 5, ..FrameCounts::default() }, "of both batches");
    assert_eq!((step.complete, step.position, &step.tally), (false, checkpoint.position, &checkpoint.tally));
    assert_eq!(checkpoint.frames, step.frames);
    assert_eq!((written.tally().outcome.taken(), written.ledger_comments), (2, 2), "each id once, refused ones not");
    let summary = store.finalize(&import.target, false).await.expect("a summary");
    assert_eq!(summary.removed, None, "nobody knows what a file lacks that was not read to its end");

    assert_eq!(store.count_comments(account, Vendor::Disqus).await.expect("a number"), 2);
    assert_eq!(store.count_comments(account, Vendor::Muut).await.expect("a number"), 0);
    store.end_import(account, job).await.expect("an end");
    store.end_import(account, job).await.expect("an end, again");
    let ended = Written { has_ended: true, ..Written::default() };
    assert_eq!(store.written(account, job).await.expect("an answer"), ended, "nothing more is kept");
    assert_eq!(import.commit(SLICE, 2, &records, true).await.expect_err("it has ended").kind(), ErrorKind::Conflict);
    assert_eq!(store.tally(account, job).await.expect("a tally"), checkpoint.tally);
    let is_left = async || store.imports_to_clean_up().await.expect("a list").contains(&(account.clone(), job));
    assert!(is_left().await, "its ledger is still there");
    store.forget_import(account, job).await.expect("forgotten");
    assert!(!is_left().await);
}
