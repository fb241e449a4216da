//! What is moved, and where to.

use rethread_model::{ExportFilter, Exported, MoveTally, Origin, Scope, Thread};
use rethread_stores::{CommentStore, MovePreview, MovedPage};

use super::super::exports::exported;
use super::super::files::{Import, all_comments, comment, fresh_scope, reaction, records, reply, thread};
use super::super::fixture::job_id;
use super::{Move, at, domain, expected, filled, rule, shown, url, url_id};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    a_domain_moves(store).await;
    hosts_are_found_however_they_are_written(store).await;
    a_page_moves_alone(store).await;
    a_page_moves_to_a_key(store).await;
    pages_come_together(store).await;
    an_export_shows_the_new_page(store).await;
    what_concerns_nothing_does_nothing(store).await;
    accounts_are_apart(store).await;
    threads_are_found_among_many(store).await;
    keys_of_any_length_move(store).await;
    the_first_pages_are_previewed(store).await;
}

async fn a_domain_moves(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let other = Scope { origin: Origin::new("another"), ..scope.clone() };
    let threads = [
        (at("a", "https://old.example/a", None), 2),
        (at("b", "http://www.old.example/b/", None), 1),
        (at("post", "https://old.example/post?id=7#top", Some("post-7")), 3),
        (at("sub", "https://blog.old.example/a", None), 1),
        (at("port", "https://old.example:8080/a", None), 1),
        (at("empty", "https://old.example/empty", None), 0),
        (Thread { url: None, ..at("bare", "https://old.example/bare", None) }, 1),
    ];
    filled(store, &scope, threads).await;
    filled(store, &other, [(at("a", "https://www.new.example/a", None), 4)]).await;

    let moving = rule(domain("www.old.example"), domain("new.example"));
    let tally = Move::new(store, &scope.account, moving).run(2).await;
    assert_eq!(tally, MoveTally { threads: 5, pages: 4, comments: 7, merged: 1, kept: 0 });
    let pages = expected([
        ("blog.old.example/a", 1, &["https://blog.old.example/a"]),
        ("new.example/a", 6, &["https://new.example/a", "https://www.new.example/a"]),
        ("new.example/b", 1, &["http://new.example/b/"]),
        ("new.example/bare", 1, &["https://new.example/bare"]),
        ("old.example:8080/a", 1, &["https://old.example:8080/a"]),
        ("post-7", 3, &["https://new.example/post?id=7#top"]),
    ]);
    assert_eq!(shown(store, &scope.account).await, pages);

    // It had no comments when it was moved.
    let first = records([comment("first", "empty")]);
    Import::of_job(store, &scope, job_id(1)).run(first).await;
    assert_eq!(
        shown(store, &scope.account).await["new.example/empty"],
        (1, vec!["https://new.example/empty".to_owned()])
    );
}

async fn hosts_are_found_however_they_are_written(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let addresses = [
        "HTTPS://BÜCHER.example/1",
        "https://xn--bcher-kva.EXAMPLE/2",
        "https://b%C3%BCcher.example/3",
        "https://me:secret@bücher.example/4",
    ];
    let threads = addresses.map(|address| (at(&format!("of {address}"), address, Some("by its identifier")), 1));
    filled(store, &scope, threads).await;
    let numeric = fresh_scope();
    filled(store, &numeric, [(at("a", "http://0x7f.1/a", Some("a")), 1), (at("b", "http://127.0.0.2/b", None), 1)])
        .await;

    let moving = rule(domain("bücher.example"), domain("books.example"));
    let tally = Move::new(store, &scope.account, moving).run(10).await;
    assert_eq!((tally.threads, tally.pages, tally.comments, tally.merged), (4, 1, 4, 0));
    let addresses = &shown(store, &scope.account).await["by its identifier"].1;
    assert!(addresses.iter().all(|address| address.starts_with("https://books.example/")), "{addresses:?}");

    let moving = rule(domain("127.0.0.1"), domain("books.example"));
    assert_eq!(Move::new(store, &numeric.account, moving).run(10).await.threads, 1);
}

async fn a_page_moves_alone(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let threads = [
        (at("a", "https://old.example/a/", None), 1),
        (at("a2", "http://www.old.example/a?utm_source=x", None), 1),
        (at("below", "https://old.example/a/below", None), 1),
        (at("identified", "https://old.example/a", Some("post-7")), 1),
    ];
    filled(store, &scope, threads).await;
    let moving = rule(url("http://old.example/a"), url("https://new.example/b/"));
    let tally = Move::new(store, &scope.account, moving).run(1).await;
    assert_eq!(tally, MoveTally { threads: 2, pages: 1, comments: 2, merged: 0, kept: 0 });
    let pages = expected([
        ("new.example/b", 2, &["https://new.example/b/"]),
        ("old.example/a/below", 1, &["https://old.example/a/below"]),
        ("post-7", 1, &["https://old.example/a"]),
    ]);
    assert_eq!(shown(store, &scope.account).await, pages);
}

/// For the next move, its current location counts.
async fn a_page_moves_to_a_key(store: &dyn CommentStore) {
    let scope = fresh_scope();
    filled(store, &scope, [(at("a", "https://old.example/a", None), 1), (thread("b"), 1)]).await;
    let key = Move::new(store, &scope.account, rule(url("https://old.example/a"), url_id("post-7")));
    assert_eq!(key.run(10).await.threads, 1);
    assert_eq!(shown(store, &scope.account).await["post-7"], (1, vec!["https://old.example/a".to_owned()]));

    let back = Move::new(store, &scope.account, rule(url("https://old.example/a"), url_id("post-8")));
    assert_eq!(back.run(10).await, MoveTally::default(), "nothing is there any more");
    let site = Move::new(store, &scope.account, rule(domain("old.example"), domain("new.example")));
    assert_eq!(site.run(10).await.threads, 1);
    assert_eq!(shown(store, &scope.account).await["post-7"], (1, vec!["https://new.example/a".to_owned()]));
    let page = Move::new(store, &scope.account, rule(url_id("post-7"), url("https://last.example/a")));
    assert_eq!(page.run(10).await.threads, 1);
    let pages = expected([
        ("example.com/b", 1, &["https://example.com/b"]),
        ("last.example/a", 1, &["https://last.example/a"]),
    ]);
    assert_eq!(shown(store, &scope.account).await, pages);
}

async fn pages_come_together(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let with = |id: &str, count: u64| Thread { reactions: vec![reaction("love", count)], ..thread(id) };
    let file = [with("a", 2), with("b", 3)].map(rethread_model::Record::Thread);
    let comments = records([comment("1", "a"), reply("2", "a", "1"), comment("3", "b")]);
    Import::new(store, &scope).run(file.into_iter().chain(comments)).await;

    let moving = Move::new(store, &scope.account, rule(url_id("example.com/a"), url_id("example.com/b")));
    let preview = moving.preview().await;
    let page =
        MovedPage { from: "example.com/a".to_owned(), to: "example.com/b".to_owned(), comments: 2, is_merged: true };
    let tally = MoveTally { threads: 1, pages: 1, comments: 2, merged: 1, kept: 0 };
    assert_eq!(preview, MovePreview { tally, pages: vec![page] });
    assert_eq!(moving.run(10).await, tally);
    let pages = expected([("example.com/b", 3, &["https://example.com/a", "https://example.com/b"])]);
    assert_eq!(shown(store, &scope.account).await, pages);
    let id = rethread_model::page_id(&scope.account, "example.com/b");
    let page = store.page(&scope.account, id).await.expect("an answer").expect("a page");
    assert_eq!((page.reactions, page.title.as_deref()), (vec![reaction("love", 5)], Some("About a")));
    let listed = all_comments(store, &scope).await;
    let two = listed.iter().find(|(_, comment)| comment.source_id == "2").expect("a reply");
    assert_eq!(two.1.parent, Some(scope.comment_id("1")), "replies stay with what they answer");
}

async fn an_export_shows_the_new_page(store: &dyn CommentStore) {
    let scope = fresh_scope();
    filled(store, &scope, [(thread("a"), 1)]).await;
    let moving = rule(url_id("example.com/a"), url("https://new.example/a"));
    Move::new(store, &scope.account, moving).run(10).await;
    let given = exported(store, &scope, &ExportFilter::default()).await;
    let [Exported::Page(page), Exported::Thread(given), Exported::Comment(_)] = given.as_slice() else {
        panic!("a page, a thread and a comment: {given:?}");
    };
    assert_eq!((page.url_id.as_str(), page.url.as_deref()), ("new.example/a", Some("https://new.example/a")));
    assert_eq!(page.id, rethread_model::page_id(&scope.account, "new.example/a"));
    assert_eq!(given.thread, thread("a"), "what the vendor says stays");
}

async fn what_concerns_nothing_does_nothing(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let nowhere = rule(domain("old.example"), domain("new.example"));
    assert_eq!(Move::new(store, &scope.account, nowhere.clone()).preview().await, MovePreview::default());
    assert_eq!(Move::new(store, &scope.account, nowhere.clone()).run(10).await, MoveTally::default());
    filled(store, &scope, [(thread("a"), 1), (thread("old.example"), 1)]).await;
    let before = shown(store, &scope.account).await;
    assert_eq!(Move::new(store, &scope.account, nowhere).run(10).await, MoveTally::default());
    assert_eq!(shown(store, &scope.account).await, before);
}

async fn accounts_are_apart(store: &dyn CommentStore) {
    let (scope, stranger) = (fresh_scope(), fresh_scope());
    for scope in [&scope, &stranger] {
        filled(store, scope, [(thread("a"), 1)]).await;
    }
    let mine = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
    mine.run(10).await;
    assert_eq!(shown(store, &stranger.account).await, expected([("example.com/a", 1, &["https://example.com/a"])]));
    // Another account's job with the same id is another job.
    let theirs = Move { account: &stranger.account, ..mine };
    assert_eq!(theirs.run(10).await.threads, 1);
}

/// More than one transaction examines.
async fn threads_are_found_among_many(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let many = (0..5_300).map(|number| rethread_model::Record::Thread(thread(&format!("{number:04}"))));
    let comments = records([comment("1", "5299"), comment("2", "0000")]);
    Import::new(store, &scope).run(many.chain(comments)).await;
    let last = rule(url_id("example.com/5299"), url_id("the last"));
    assert_eq!(Move::new(store, &scope.account, last).run(10).await.comments, 1);
    let all = rule(domain("example.com"), domain("new.example"));
    let tally = Move::new(store, &scope.account, all).run(500).await;
    assert_eq!(tally, MoveTally { threads: 5_300, pages: 2, comments: 2, merged: 0, kept: 0 });
    let pages = expected([
        ("new.example/0000", 1, &["https://new.example/0000"]),
        ("the last", 1, &["https://new.example/5299"]),
    ]);
    assert_eq!(shown(store, &scope.account).await, pages);
}

/// Stores may shorten what their indexes cannot hold.
async fn keys_of_any_length_move(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let long = "x".repeat(1_500);
    let (old, new) = (format!("https://old.example/{long}"), format!("https://new.example/{long}"));
    filled(store, &scope, [(at("a", &old, None), 1), (at("b", &new, None), 1)]).await;
    let site = Move::new(store, &scope.account, rule(domain("old.example"), domain("new.example")));
    assert_eq!(site.run(10).await.merged, 1, "it is the page of the other thread");
    let page = Move::new(store, &scope.account, rule(url(&new), url(&old)));
    assert_eq!(page.run(10).await.threads, 2);
    assert_eq!(shown(store, &scope.account).await.len(), 1);
}

async fn the_first_pages_are_previewed(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let ids = (0..30).map(|number| format!("{:02}", number * 7 % 30));
    Import::new(store, &scope).run(records(ids.map(|id| comment(&id, &id)))).await;
    let threads = (0..30).map(|number| rethread_model::Record::Thread(thread(&format!("{number:02}"))));
    Import::of_job(store, &scope, job_id(1)).run(threads).await;
    let moving = Move::new(store, &scope.account, rule(domain("example.com"), domain("new.example")));
    let preview = moving.preview().await;
    assert_eq!((preview.tally.pages, preview.pages.len()), (30, MovePreview::PAGES));
    let page = |number: usize| MovedPage {
        from: format!("example.com/{number:02}"),
        to: format!("new.example/{number:02}"),
        comments: 1,
        is_merged: false,
    };
    assert_eq!(preview.pages, (0..MovePreview::PAGES).map(page).collect::<Vec<_>>());
}
