//! The contract of [`rethread_stores::ImportStore::link`].

use rethread_model::{Comment, Finding, Reason, Record, Scope};
use rethread_stores::CommentStore;

use super::files::{Import, SLICE, comment, file, fresh_scope, position, records, refused, reply, rows, thread};
use super::fixture::job_id;

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    replies_stand_below_their_parents(store).await;
    every_orphan_has_its_reason(store).await;
    circles_are_cut_at_the_first_comment(store).await;
    linking_goes_thread_by_thread(store).await;
    parents_of_earlier_imports_count(store).await;
    what_a_file_leaves_out_remains_the_parent_that_it_was(store).await;
    a_circle_through_the_store_is_cut(store).await;
    what_moved_away_is_in_no_circle(store).await;
    links_follow_the_latest_file(store).await;
    a_reply_may_become_a_comment_at_the_top(store).await;
    a_thread_described_late_takes_its_comments_along(store).await;
}

/// Two threads and then the comments, so the first comment has the position 2.
fn with_threads(comments: impl IntoIterator<Item = Comment>) -> impl Iterator<Item = Record> {
    ["t", "u"].map(|id| Record::Thread(thread(id))).into_iter().chain(records(comments))
}

fn finding(index: usize, reason: Reason, id: &str) -> Finding {
    Finding { at: position(index), reason, source_id: Some(id.to_owned()) }
}

/// The parents of all comments, in order of ids.
async fn parents(store: &dyn CommentStore, scope: &Scope) -> Vec<(String, Option<String>)> {
    let rows = rows(store, scope, &["t", "u", "v"]).await;
    rows.into_iter().map(|(id, row)| (id, row.parent)).collect()
}

fn below(links: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
    let parent = |parent: &str| (!parent.is_empty()).then(|| parent.to_owned());
    links.iter().map(|(id, above)| ((*id).to_owned(), parent(above))).collect()
}

async fn replies_stand_below_their_parents(store: &dyn CommentStore) {
    let scope = fresh_scope();
    // Children before parents, too.
    let comments = [reply("3", "t", "2"), comment("1", "t"), reply("2", "t", "1"), reply("4", "t", "1")];
    let report = Import::new(store, &scope).run(with_threads(comments)).await;
    assert_eq!((report.tally.read.replies, report.findings.len()), (3, 0));
    assert_eq!(parents(store, &scope).await, below(&[("1", ""), ("2", "1"), ("3", "2"), ("4", "1")]));
}

async fn every_orphan_has_its_reason(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let comments = [comment("1", "t"), reply("2", "t", "9"), reply("3", "u", "1"), reply("4", "t", "5")];
    let left_out = Record::Refused(refused(Some("5"), Reason::SpamExcluded));
    let unknown_thread = Record::Comment(Box::new(comment("6", "v")));
    let report = Import::new(store, &scope).run(with_threads(comments).chain([left_out, unknown_thread])).await;
    let expected = [
        finding(3, Reason::ParentNotInFile, "2"),
        finding(4, Reason::ParentElsewhere, "3"),
        finding(5, Reason::ParentNotImported, "4"),
        finding(6, Reason::SpamExcluded, "5"),
        finding(7, Reason::ThreadNotInFile, "6"),
    ];
    assert_eq!(report.findings, expected);
    for found in expected {
        assert_eq!(report.tally.findings_of(found.reason), 1);
    }
    assert_eq!(parents(store, &scope).await, below(&[("1", ""), ("2", ""), ("3", ""), ("4", ""), ("6", "")]));
    let stored = rows(store, &scope, &["t", "u", "v"]).await;
    assert_eq!(stored["6"].page, "v", "on a page named after the thread");
}

async fn circles_are_cut_at_the_first_comment(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let comments =
        [reply("3", "t", "2"), reply("1", "t", "3"), reply("2", "t", "1"), reply("4", "t", "3"), reply("5", "t", "5")];
    let report = Import::new(store, &scope).run(with_threads(comments)).await;
    let expected = [finding(2, Reason::ParentCycle, "3"), finding(6, Reason::ParentCycle, "5")];
    assert_eq!(report.findings, expected);
    assert_eq!(parents(store, &scope).await, below(&[("1", "3"), ("2", "1"), ("3", ""), ("4", "3"), ("5", "")]));
}

async fn linking_goes_thread_by_thread(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let import = Import::new(store, &scope);
    let comments = [
        comment("1", "t"),
        reply("2", "t", "1"),
        reply("3", "t", "2"),
        comment("4", "u"),
        reply("5", "u", "4"),
        reply("6", "u", "9"),
    ];
    import.commit(SLICE, 0, &file(with_threads(comments)), true).await.expect("a batch");
    let first = store.link(&import.target, 1).await.expect("links");
    assert_eq!((first.batches, first.complete), (1, false));
    let mut last = first;
    for _ in 0..10 {
        last = store.link(&import.target, 1).await.expect("links");
    }
    assert!(last.complete);
    assert_eq!(last.tally.findings_of(Reason::ParentNotInFile), 1);
    let report = import.finish(1).await;
    assert_eq!(report.findings, [finding(7, Reason::ParentNotInFile, "6")], "linking what is linked changes nothing");
    assert_eq!(report.tally.findings_of(Reason::ParentNotInFile), 1);
    let expected = [("1", ""), ("2", "1"), ("3", "2"), ("4", ""), ("5", "4"), ("6", "")];
    assert_eq!(parents(store, &scope).await, below(&expected));
}

async fn parents_of_earlier_imports_count(store: &dyn CommentStore) {
    let scope = fresh_scope();
    Import::new(store, &scope).run(with_threads([comment("1", "t"), comment("2", "u")])).await;
    let later = [reply("3", "t", "1"), reply("4", "t", "2"), reply("5", "t", "9")];
    let dry = Import::of_job(store, &scope, job_id(1)).dry().run(records(later.clone())).await;
    let real = Import::of_job(store, &scope, job_id(2)).run(records(later)).await;
    let expected = [finding(1, Reason::ParentElsewhere, "4"), finding(2, Reason::ParentNotInFile, "5")];
    assert_eq!(real.findings, expected, "the thread was described before, too");
    assert_eq!(dry.findings, expected);
    assert_eq!(parents(store, &scope).await, below(&[("1", ""), ("2", ""), ("3", "1"), ("4", ""), ("5", "")]));
}

/// A site's plugin sends pingbacks, which its export contains and the importer leaves out.
async fn what_a_file_leaves_out_remains_the_parent_that_it_was(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let first =
        [comment("1", "t"), reply("2", "t", "1"), reply("3", "t", "2"), comment("4", "u"), reply("5", "u", "4")];
    Import::new(store, &scope).run(with_threads(first)).await;
    let before = parents(store, &scope).await;
    // 1 and 2 are left out; 6 replies to one of them from another thread, and 7 to a comment that
    // does not exist.
    let later =
        [reply("3", "t", "2"), reply("5", "u", "4"), reply("6", "u", "2"), reply("7", "t", "8"), comment("4", "u")];
    let left_out = ["1", "2", "8"].map(|id| Record::Refused(refused(Some(id), Reason::Pingback)));
    let file = || with_threads(later.clone()).chain(left_out.clone());
    let dry = Import::of_job(store, &scope, job_id(1)).dry().run(file()).await;
    let real = Import::of_job(store, &scope, job_id(2)).run(file()).await;
    let expected = [finding(4, Reason::ParentElsewhere, "6"), finding(5, Reason::ParentNotImported, "7")];
    assert_eq!(real.findings[..2], expected);
    assert_eq!(dry.findings, real.findings);
    let after = parents(store, &scope).await;
    assert_eq!(after[..5], before[..], "a reply stays below what it answers");
    assert_eq!(after[5..], below(&[("6", ""), ("7", "")]));
}

/// The store has 3 below 2 below 1; a file that lacks 2 and 3 puts 1 below 3.
async fn a_circle_through_the_store_is_cut(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let first = [comment("1", "t"), reply("2", "t", "1"), reply("3", "t", "2")];
    Import::new(store, &scope).run(with_threads(first)).await;
    let later = [reply("1", "t", "3"), reply("4", "t", "3")];
    let dry = Import::of_job(store, &scope, job_id(1)).dry().run(with_threads(later.clone())).await;
    let real = Import::of_job(store, &scope, job_id(2)).run(with_threads(later)).await;
    assert_eq!(real.findings, [finding(2, Reason::ParentCycle, "1")]);
    assert_eq!((dry.findings, dry.removed), (real.findings, real.removed));
    assert_eq!(parents(store, &scope).await, below(&[("1", ""), ("2", "1"), ("3", "2"), ("4", "3")]));
}

/// The store has 3 below 2 below 1; a file that lacks 3 puts 1 below 3 and 2 on another thread.
async fn what_moved_away_is_in_no_circle(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let first = [comment("1", "t"), reply("2", "t", "1"), reply("3", "t", "2")];
    Import::new(store, &scope).run(with_threads(first)).await;
    let later = [reply("1", "t", "3"), comment("2", "u")];
    let dry = Import::of_job(store, &scope, job_id(1)).dry().run(with_threads(later.clone())).await;
    let real = Import::of_job(store, &scope, job_id(2)).run(with_threads(later)).await;
    assert_eq!((real.findings, dry.findings), (vec![], vec![]));
    assert_eq!(parents(store, &scope).await, below(&[("1", "3"), ("2", ""), ("3", "")]));
}

async fn a_reply_may_become_a_comment_at_the_top(store: &dyn CommentStore) {
    let scope = fresh_scope();
    Import::new(store, &scope).run(with_threads([comment("1", "t"), reply("2", "t", "1"), reply("3", "t", "1")])).await;
    let later = [comment("1", "t"), comment("2", "t"), reply("3", "t", "9")];
    Import::of_job(store, &scope, job_id(1)).run(with_threads(later)).await;
    assert_eq!(parents(store, &scope).await, below(&[("1", ""), ("2", ""), ("3", "")]));
}

async fn links_follow_the_latest_file(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let first =
        [comment("1", "t"), comment("2", "t"), reply("3", "t", "1"), reply("4", "t", "1"), reply("5", "t", "3")];
    Import::new(store, &scope).run(with_threads(first)).await;
    // 3 moves below 2, 4 to the top, 1 to another thread; 5 is no longer in the file.
    let later = [comment("1", "u"), comment("2", "t"), reply("3", "t", "2"), comment("4", "t")];
    let report = Import::of_job(store, &scope, job_id(1)).run(with_threads(later.clone())).await;
    assert_eq!((report.findings.len(), report.removed), (0, Some(1)));
    let expected = below(&[("1", ""), ("2", ""), ("3", "2"), ("4", ""), ("5", "3")]);
    assert_eq!(parents(store, &scope).await, expected);
    // 3 leaves: its former replies become top-level comments, even if the file does not mention
    // them.
    let moved = [comment("1", "u"), comment("2", "t"), reply("3", "u", "1"), comment("4", "t")];
    Import::of_job(store, &scope, job_id(2)).run(with_threads(moved)).await;
    let expected = below(&[("1", ""), ("2", ""), ("3", "1"), ("4", ""), ("5", "")]);
    assert_eq!(parents(store, &scope).await, expected);
}

async fn a_thread_described_late_takes_its_comments_along(store: &dyn CommentStore) {
    let scope = fresh_scope();
    Import::new(store, &scope).run(records([comment("1", "t"), reply("2", "t", "1")])).await;
    assert_eq!(rows(store, &scope, &["t"]).await["2"].page, "t");
    let import = Import::of_job(store, &scope, job_id(1));
    let file =
        file(records([comment("1", "t"), reply("2", "t", "1")]).into_iter().chain([Record::Thread(thread("t"))]));
    // The description comes last, in its own batch.
    import.commit(SLICE, 0, &file[..2], false).await.expect("a batch");
    import.commit(SLICE, 1, &file[2..], true).await.expect("a batch");
    let report = import.finish(10).await;
    assert_eq!((report.findings.len(), report.pages, report.tally.outcome.unchanged), (0, 1, 2));
    let stored = rows(store, &scope, &["t"]).await;
    assert_eq!((stored["1"].page.as_str(), stored["2"].page.as_str()), ("example.com/t", "example.com/t"));
}
