//! The contract of the lists of [`CommentStore`].

use rethread_model::{
    Comment, CommentDetails, PageId, Reaction, Reason, Record, SafeHtml, Scope, Status, Thread, page_id,
};
use rethread_stores::{CommentQuery, CommentStore, ErrorKind, PageQuery, StoredComment, StoredCommentPage, StoredPage};

use super::files::{Import, comment, fresh_scope, reaction, records, refused, reply, rows, thread};
use super::fixture::{at, fresh_account, job_id};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    pages_are_listed_by_key(store).await;
    a_page_tells_the_addresses_of_its_threads(store).await;
    reactions_are_summed_over_the_threads_of_a_page(store).await;
    comments_are_listed_oldest_first(store).await;
    a_comment_comes_back_as_it_was_given(store).await;
    long_comments_are_truncated_in_lists_and_found_whole(store).await;
    a_list_ends_after_so_many_bytes(store).await;
    a_list_of_pages_ends_after_so_many_bytes(store).await;
    votes_of_one_kind_make_a_score(store).await;
    findings_are_listed_by_position(store).await;
    what_is_no_cursor_is_refused(store).await;
}

async fn pages_are_listed_by_key(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let import = Import::new(store, &scope);
    let ids = ["d", "b", "c", "a", "empty"];
    let threads = ids.map(|id| Record::Thread(thread(id)));
    // Two threads on one page.
    let second = Thread { source_id: "a2".to_owned(), title: None, url: None, ..thread("a") };
    let comments = ["d", "b", "c", "a", "a2"].map(|id| comment(&format!("on {id}"), id));
    import.run(threads.into_iter().chain([Record::Thread(second)]).chain(records(comments))).await;

    let list = async |query: PageQuery| {
        let listed = store.pages(&scope.account, &query).await.expect("pages");
        (listed.pages, listed.has_more)
    };
    let query = PageQuery { limit: 3, ..PageQuery::default() };
    let (pages, has_more) = list(query.clone()).await;
    let keys: Vec<_> = pages.iter().map(|page| page.url_id.as_str()).collect();
    assert_eq!(keys, ["example.com/a", "example.com/b", "example.com/c"]);
    assert!(has_more);
    let a = &pages[0];
    assert_eq!((a.comments, a.title.as_deref(), a.url.as_deref()), (2, Some("About a"), Some("https://example.com/a")));
    assert_eq!(a.id, page_id(&scope.account, "example.com/a"));
    assert_eq!(store.page(&scope.account, a.id).await.expect("an answer").as_ref(), Some(a));
    let (rest, has_more) = list(PageQuery { after: Some(pages[2].url_id.clone()), ..query.clone() }).await;
    assert_eq!((rest.len(), has_more), (1, false), "a page without comments is none");
    let (found, _) = list(PageQuery { search: Some("ABOUT C".to_owned()), ..query.clone() }).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].url_id, "example.com/c");
    let (found, _) = list(PageQuery { search: Some("100%".to_owned()), ..query }).await;
    assert!(found.is_empty(), "nothing in the text is a wildcard");
}

/// Comments with this text, on one page.
#[expect(clippy::disallowed_methods, reason = "stands for what a reader made")]
async fn import_long(store: &dyn CommentStore, scope: &Scope, ids: &[&str], text: &str) -> PageId {
    let html = SafeHtml::assume_sanitised(format!("<p>{text}</p>"));
    let long = |id: &str| Comment { text: text.to_owned(), html: html.clone(), ..comment(id, "a") };
    let file = [Record::Thread(thread("a"))].into_iter().chain(records(ids.iter().map(|id| long(id))));
    Import::new(store, scope).run(file).await;
    page_id(&scope.account, "example.com/a")
}

async fn long_comments_are_truncated_in_lists_and_found_whole(store: &dyn CommentStore) {
    let (scope, other) = (fresh_scope(), fresh_scope());
    // Three bytes each, so that the limit falls inside a character.
    let text = "語".repeat(StoredComment::LISTED_BYTES / 3 + 10);
    let page = import_long(store, &scope, &["long"], &text).await;
    let listed = store.comments(&scope.account, page, &CommentQuery { after: None, limit: 9 }).await.expect("a list");
    let [short] = listed.comments.as_slice() else { panic!("one comment, not {}", listed.comments.len()) };
    assert!(short.truncated && !listed.has_more);
    assert!(text.starts_with(&short.text) && short.html.as_str().is_empty(), "no half of a tag is shown");
    assert!((StoredComment::LISTED_BYTES - 2..=StoredComment::LISTED_BYTES).contains(&short.text.len()));

    let wrong = format!("{}0", short.cursor);
    for cursor in [Some(short.cursor.as_str()), Some(&wrong), Some("none"), None] {
        let whole = store.find_comment(&scope.account, short.id, cursor).await.expect("an answer").expect("a comment");
        assert!(whole.text == text && !whole.truncated && whole.id == short.id, "{cursor:?}");
        assert!(whole.html.as_str().len() > text.len(), "{cursor:?}");
    }
    for cursor in [Some(short.cursor.as_str()), None] {
        let found = store.find_comment(&other.account, short.id, cursor).await.expect("an answer");
        assert_eq!(found, None, "another account's");
    }
}

async fn a_list_ends_after_so_many_bytes(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let ids: Vec<String> = (10..50).map(|id| id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let page = import_long(store, &scope, &ids, &"x".repeat(StoredComment::LISTED_BYTES - 7)).await;
    let mut query = CommentQuery { after: None, limit: 200 };
    let (mut seen, mut lists) = (Vec::new(), 0);
    loop {
        let listed = store.comments(&scope.account, page, &query).await.expect("a list");
        let bytes: usize = listed.comments.iter().map(|one| one.text.len() + one.html.as_str().len()).sum();
        assert!(bytes <= StoredCommentPage::BYTES && listed.comments.iter().all(|one| !one.truncated));
        query.after = listed.comments.last().map(|last| last.cursor.clone());
        seen.extend(listed.comments.into_iter().map(|one| one.source_id));
        lists += 1;
        if !listed.has_more {
            break;
        }
    }
    assert_eq!((seen, lists), (ids.iter().map(|id| (*id).to_owned()).collect(), 2));
}

/// Nothing bounds the addresses and titles in a file but the size of its records.
async fn a_list_of_pages_ends_after_so_many_bytes(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let mut file = Vec::new();
    for id in ["a", "b", "c", "d", "e"] {
        let url = Some(format!("https://example.com/{id}?{}", "x".repeat(600_000)));
        file.push(Record::Thread(Thread { url, title: Some("語".repeat(5_000)), ..thread(id) }));
        file.extend(records([comment(id, id)]));
    }
    Import::new(store, &scope).run(file).await;
    let mut query = PageQuery { limit: 200, ..PageQuery::default() };
    let (mut seen, mut lists) = (Vec::new(), 0);
    loop {
        let listed = store.pages(&scope.account, &query).await.expect("a list");
        lists += 1;
        query.after = listed.pages.last().map(|last| last.url_id.clone());
        for page in listed.pages {
            assert_eq!(page.title.map(|title| title.chars().count()), Some(StoredPage::TITLE_CHARACTERS));
            assert_eq!(page.url.map(|url| url.len()), Some(600_022), "an address is never cut");
            seen.push(page.url_id);
        }
        if !listed.has_more {
            break;
        }
    }
    let expected = ["a", "b", "c", "d", "e"].map(|id| format!("example.com/{id}"));
    assert_eq!((seen, lists), (expected.to_vec(), 2), "an address counts twice: in the list of all, too");
}

async fn a_page_tells_the_addresses_of_its_threads(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let on_a = |id: String, url: Option<String>| {
        Record::Thread(Thread { source_id: id, url, url_id: "example.com/a".to_owned(), ..thread("a") })
    };
    let last = StoredPage::URLS + 3;
    let mut file: Vec<Record> =
        (0..last).rev().map(|n| on_a(format!("{n:02}"), Some(format!("https://example.com/a?{n:02}")))).collect();
    // The same address again, none, and one of a thread without comments.
    file.push(on_a("again".to_owned(), Some("https://example.com/a?00".to_owned())));
    file.push(on_a("without".to_owned(), None));
    file.push(on_a("empty".to_owned(), Some("https://example.com/a?none".to_owned())));
    let threads = (0..last).map(|n| format!("{n:02}")).chain(["again".to_owned(), "without".to_owned()]);
    let comments = threads.map(|id| comment(&format!("on {id}"), &id)).chain([comment("on b", "b")]);
    file.extend(records(comments));
    file.push(Record::Thread(Thread { url: None, ..thread("b") }));
    Import::new(store, &scope).run(file).await;

    let listed =
        store.pages(&scope.account, &PageQuery { limit: 9, ..PageQuery::default() }).await.expect("pages").pages;
    let addresses: Vec<_> = (0..StoredPage::URLS).map(|n| format!("https://example.com/a?{n:02}")).collect();
    assert_eq!((&listed[0].urls, usize::try_from(listed[0].url_count)), (&addresses, Ok(last)));
    assert_eq!((listed[1].urls.len(), listed[1].url_count), (0, 0));
    let page = store.page(&scope.account, listed[0].id).await.expect("an answer");
    assert_eq!(page.as_ref(), Some(&listed[0]));
}

/// However often a file is imported, in whatever order its descriptions are written: reactions are
/// neither doubled nor lost.
async fn reactions_are_summed_over_the_threads_of_a_page(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let described = |id: &str, reactions: &[Reaction]| {
        let url_id = "example.com/a".to_owned();
        Record::Thread(Thread { source_id: id.to_owned(), url_id, reactions: reactions.to_vec(), ..thread("a") })
    };
    let (love, wow) = (reaction("love", u64::MAX - 1), reaction("wow", 2));
    // The last one has no comments.
    let threads = [
        described("a1", &[love, wow.clone()]),
        described("a2", &[reaction("love", 7)]),
        described("a3", &[]),
        described("a4", std::slice::from_ref(&wow)),
    ];
    let comments = records(["a1", "a2", "a3"].map(|id| comment(&format!("on {id}"), id)));
    let shown = async || {
        let id = page_id(&scope.account, "example.com/a");
        let page = store.page(&scope.account, id).await.expect("an answer").expect("a page");
        let query = PageQuery { limit: 10, ..PageQuery::default() };
        let listed = store.pages(&scope.account, &query).await.expect("pages").pages;
        assert_eq!(listed, std::slice::from_ref(&page));
        page.reactions
    };
    for second in 0..2 {
        let file = comments.iter().chain(&threads).cloned();
        Import::of_job(store, &scope, job_id(second)).run(file).await;
        assert_eq!(shown().await, [reaction("love", u64::MAX), wow.clone()]);
    }
    let newer = [described("a1", &[reaction("sad", 1)]), described("a2", &[])];
    let dry = Import::of_job(store, &scope, job_id(2)).dry();
    dry.run(newer.iter().chain(&comments).cloned()).await;
    assert_eq!(shown().await.len(), 2, "a dry run changes nothing");
    Import::of_job(store, &scope, job_id(3)).run(newer.into_iter().chain(comments)).await;
    assert_eq!(shown().await, [reaction("sad", 1)]);
}

async fn comments_are_listed_oldest_first(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let import = Import::new(store, &scope);
    let when = |id: &str, second: Option<i64>| Comment { created_at: second.map(at), ..comment(id, "t") };
    let times = [("e", None), ("c", Some(30)), ("a", Some(10)), ("d", None), ("b", Some(20)), ("b2", Some(20))];
    let comments = times.map(|(id, second)| when(id, second));
    import.run([Record::Thread(thread("t"))].into_iter().chain(records(comments))).await;

    let page = page_id(&scope.account, "example.com/t");
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let query = CommentQuery { after: after.clone(), limit: 2 };
        let listed = store.comments(&scope.account, page, &query).await.expect("comments");
        assert!(listed.comments.len() <= 2);
        after = listed.comments.last().map(|comment| comment.cursor.clone());
        ids.extend(listed.comments.into_iter().map(|comment| comment.source_id));
        if !listed.has_more {
            break;
        }
    }
    ids[1..3].sort_unstable();
    ids[4..].sort_unstable();
    assert_eq!(ids, ["a", "b", "b2", "c", "d", "e"]);

    let query = CommentQuery { after: None, limit: 10 };
    let foreign = store.comments(&fresh_account(), page, &query).await.expect("comments");
    assert!(foreign.comments.is_empty(), "another account has no such page");
}

async fn a_comment_comes_back_as_it_was_given(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let given = Comment {
        created_at: Some(at(5) + jiff::SignedDuration::from_micros(123_456)),
        text: "Grüße 👋 <b>'\"\0</b>".to_owned(),
        details: CommentDetails { score: Some(-4), ..comment("2", "t").details },
        status: Status::Pending,
        ..reply("2", "t", "1")
    };
    let html = given.html.clone();
    Import::new(store, &scope)
        .run([Record::Thread(thread("t"))].into_iter().chain(records([comment("1", "t"), given.clone()])))
        .await;
    let query = CommentQuery { after: None, limit: 10 };
    let page = page_id(&scope.account, "example.com/t");
    let listed = store.comments(&scope.account, page, &query).await.expect("comments").comments;
    let stored = &listed[0];
    assert_eq!(stored.source_id, "2");
    assert_eq!((stored.id, stored.thread), (scope.comment_id("2"), scope.thread_id("t")));
    assert_eq!(stored.parent, Some(scope.comment_id("1")));
    assert_eq!((stored.vendor, stored.origin.as_str()), (scope.vendor, scope.origin.as_str()));
    assert_eq!((stored.created_at, stored.status), (given.created_at, given.status));
    assert_eq!((&stored.text, stored.text_kind, &stored.html), (&given.text, given.text_kind, &html));
    assert_eq!(stored.score, Some(-4));
    assert_eq!(listed[1].score, Some(2), "up minus down, where the vendor gives no net votes");
}

/// A vendor may count only one kind of votes and omit the other.
async fn votes_of_one_kind_make_a_score(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let voted = |id: &str, votes_up, votes_down| Comment {
        details: CommentDetails { votes_up, votes_down, ..CommentDetails::default() },
        ..comment(id, "t")
    };
    let comments =
        [voted("1", None, Some(2)), voted("2", Some(2), None), voted("3", None, None), voted("4", Some(0), Some(0))];
    Import::new(store, &scope).run([Record::Thread(thread("t"))].into_iter().chain(records(comments))).await;
    let rows = rows(store, &scope, &["t"]).await;
    let scores: Vec<Option<i64>> = rows.values().map(|row| row.score).collect();
    assert_eq!(scores, [Some(-2), Some(2), None, Some(0)]);
}

async fn findings_are_listed_by_position(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let import = Import::new(store, &scope);
    let ids: Vec<_> = (0..30).map(|number| format!("{number}")).collect();
    let report = import.run(ids.iter().map(|id| Record::Refused(refused(Some(id), Reason::Pingback)))).await;
    assert_eq!(report.findings.len(), 30);
    assert!(report.findings.is_sorted_by_key(|finding| finding.at));
    let stranger = store.findings(&fresh_account(), import.target.job, None, 10).await.expect("findings");
    assert!(stranger.findings.is_empty());
    let unknown = store.findings(&scope.account, job_id(0), None, 10).await.expect("findings");
    assert!(unknown.findings.is_empty() && !unknown.has_more);
}

async fn what_is_no_cursor_is_refused(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let import = Import::new(store, &scope);
    import.run(records([comment("1", "t")])).await;
    let findings = store.findings(&scope.account, import.target.job, Some("x"), 10).await;
    assert_eq!(findings.expect_err("no cursor").kind(), ErrorKind::NotFound);
    let query = CommentQuery { after: Some("x".to_owned()), limit: 10 };
    let comments = store.comments(&scope.account, page_id(&scope.account, "t"), &query).await;
    assert_eq!(comments.expect_err("no cursor").kind(), ErrorKind::NotFound);
}
