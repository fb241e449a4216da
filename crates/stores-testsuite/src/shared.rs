//! The part of the contract of [`CommentStore`] that linked sites need: what is known of records,
//! and which pages an origin shares with others.

use std::collections::BTreeMap;

use rethread_model::{
    Author, AuthorRef, Comment, CommentDetails, FrameCounts, Located, Origin, Position, Record, Scope, Signature,
    SliceNumber, Status, Step, Thread, Vendor, page_id,
};
use rethread_stores::{Batch, CommentStore, LookupKeys, SharedPage, SitePage, Target};

use super::fixture::{at as moment, fresh_account, job_id};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    what_is_stored_and_brought_is_known(store).await;
    pages_are_shared_with_others_and_with_what_was_changed_here(store).await;
    a_site_can_have_what_is_on_its_pages(store).await;
}

fn target(scope: &Scope, second: i64) -> Target {
    Target { scope: scope.clone(), job: job_id(second), dry_run: false, newest_comment_at: None, overwrite: false }
}

fn scope(vendor: Vendor, origin: &str) -> Scope {
    Scope { account: fresh_account(), vendor, origin: Origin::new(origin) }
}

fn thread(source_id: &str, url_id: &str) -> Thread {
    Thread {
        source_id: source_id.to_owned(),
        url_id: url_id.to_owned(),
        url: Some(format!("https://{url_id}")),
        title: Some("A title".to_owned()),
        created_at: Some(moment(1)),
        closed: true,
        reactions: Vec::new(),
    }
}

fn comment(source_id: &str, thread: &str, author: AuthorRef) -> Comment {
    Comment {
        author,
        created_at: Some(moment(2)),
        edited_at: Some(moment(3)),
        text: "Hello".to_owned(),
        details: CommentDetails::example(),
        ..Comment::new(source_id, thread)
    }
}

fn author(key: &str) -> Author {
    Author {
        key: key.to_owned(),
        name: Some("Ann".to_owned()),
        email: None,
        link: Some("https://ann.example".to_owned()),
        avatar: None,
        moderator: Some(true),
        as_of: Some(moment(2)),
    }
}

/// Commits records whose positions are their indices.
async fn commit(store: &dyn CommentStore, target: &Target, records: Vec<Record>) {
    let located = (0..).zip(records).map(|(offset, value)| Located { value, at: Position { part: 0, offset } });
    let batch = Batch {
        step: Step::Slice(SliceNumber(0)),
        from: 0,
        position: 100,
        complete: true,
        frames: FrameCounts::default(),
        records: located.collect(),
        other_origins: BTreeMap::new(),
        findings: Vec::new(),
    };
    store.commit(target, batch).await.expect("a batch");
}

async fn end(store: &dyn CommentStore, target: &Target) {
    while !store.link(target, 10).await.expect("links").complete {}
    store.finalize(target, true).await.expect("a summary");
    store.forget_import(&target.scope.account, target.job).await.expect("forgotten");
}

async fn what_is_stored_and_brought_is_known(store: &dyn CommentStore) {
    let scope = scope(Vendor::WordPress, "blog.example");
    let ids = |all: &[&str]| all.iter().map(|id| (*id).to_owned()).collect();
    let asked = LookupKeys {
        comments: ids(&["7:1", "7:2", "7:3"]),
        threads: ids(&["7", "8"]),
        authors: ids(&["user:1", "user:2"]),
    };
    let first = target(&scope, 0);
    let nothing = store.known(&first, &asked).await.expect("an answer");
    assert!(nothing.brought.is_empty() && nothing.comments.is_empty() && nothing.threads.is_empty());

    let signed = |comment: Comment, name: &str| {
        let link = Some("https://own.example".to_owned());
        Box::new(Comment { signature: Some(Signature { name: Some(name.to_owned()), link, avatar: None }), ..comment })
    };
    let by_user = comment("7:1", "7", AuthorRef::Known("user:1".to_owned()));
    let comments = [signed(by_user, "Ann"), signed(comment("7:2", "7", AuthorRef::Guest), "Ben")];
    let mut records = vec![Record::Thread(thread("7", "blog.example/7")), Record::Author(author("user:1"))];
    records.extend(comments.iter().cloned().map(Record::Comment));
    commit(store, &first, records).await;
    let known = store.known(&first, &asked).await.expect("an answer");
    assert_eq!(known.brought, ids(&["7:1", "7:2"]));

    end(store, &first).await;
    let known = store.known(&target(&scope, 1), &asked).await.expect("an answer");
    assert!(known.brought.is_empty(), "by another import");
    assert_eq!(known.threads.into_values().collect::<Vec<_>>(), [thread("7", "blog.example/7")]);
    assert_eq!(known.authors.into_values().collect::<Vec<_>>(), [author("user:1")]);
    assert_eq!(known.comments.len(), 2);
    for comment in comments {
        let said_less = Comment {
            author: match &comment.author {
                AuthorRef::Known(_) => AuthorRef::Known("email:ann@mail.example".to_owned()),
                other => other.clone(),
            },
            signature: comment.signature.clone().map(|signature| Signature { link: None, ..signature }),
            edited_at: None,
            details: CommentDetails::default(),
            ..(*comment).clone()
        };
        let completed = said_less.fill_from_store(&known.comments[&comment.source_id]);
        assert_eq!(completed.fingerprint(), comment.fingerprint(), "{completed:?}");
    }
    let stranger = Scope { account: fresh_account(), ..scope };
    assert!(store.known(&target(&stranger, 2), &asked).await.expect("an answer").comments.is_empty());
}

async fn pages_are_shared_with_others_and_with_what_was_changed_here(store: &dyn CommentStore) {
    let own = scope(Vendor::WordPress, "blog.example");
    let other = Scope { vendor: Vendor::Disqus, origin: Origin::new("forum"), ..own.clone() };
    let mut records = Vec::new();
    for post in ["1", "2", "3"] {
        records.push(Record::Thread(thread(post, &format!("blog.example/{post}"))));
        records.push(Record::Comment(Box::new(comment(&format!("{post}:1"), post, AuthorRef::Nobody))));
    }
    let mine = target(&own, 0);
    commit(store, &mine, records).await;
    end(store, &mine).await;
    assert_eq!(store.shared_pages(&own, None, 10).await.expect("pages"), []);

    let theirs = target(&other, 1);
    let records = vec![
        Record::Thread(thread("t", "blog.example/2")),
        Record::Comment(Box::new(comment("c", "t", AuthorRef::Nobody))),
    ];
    commit(store, &theirs, records).await;
    end(store, &theirs).await;
    assert!(store.set_status(&own, "3:1", Status::Spam).await.expect("an answer"));
    let page = |post: &str| page_id(&own.account, &format!("blog.example/{post}"));
    let shared = |post: &str| SharedPage { thread: post.to_owned(), page: page(post) };
    assert_eq!(store.shared_pages(&own, None, 10).await.expect("pages"), [shared("2"), shared("3")]);
    assert_eq!(store.shared_pages(&own, None, 1).await.expect("pages"), [shared("2")]);
    assert_eq!(store.shared_pages(&own, Some("2"), 10).await.expect("pages"), [shared("3")]);
    let stranger = Scope { account: fresh_account(), ..own.clone() };
    assert_eq!(store.shared_pages(&stranger, None, 10).await.expect("pages"), []);

    assert_eq!(store.thread_on(&own, page("2")).await.expect("an answer").as_deref(), Some("2"));
    assert_eq!(store.thread_on(&other, page("2")).await.expect("an answer").as_deref(), Some("t"));
    assert_eq!(store.thread_on(&other, page("1")).await.expect("an answer"), None);
    assert_eq!(store.thread_on(&stranger, page("2")).await.expect("an answer"), None);

    let changed = store.comment(&own, "3:1").await.expect("an answer").expect("a comment");
    assert_eq!((changed.id, changed.status, changed.changed_here), (own.comment_id("3:1"), Status::Spam, true));
    let imported = store.comment(&other, "c").await.expect("an answer").expect("a comment");
    assert!(!imported.changed_here && imported.text == "Hello");
    assert_eq!(store.comment(&own, "c").await.expect("an answer"), None);
    assert_eq!(store.comment(&stranger, "3:1").await.expect("an answer"), None);
}

async fn a_site_can_have_what_is_on_its_pages(store: &dyn CommentStore) {
    let own = scope(Vendor::WordPress, "blog.example");
    let other = Scope { vendor: Vendor::Disqus, origin: Origin::new("forum"), ..own.clone() };
    let at = |second, status, parent: Option<&str>, source_id: &str, thread: &str| {
        let parent = parent.map(str::to_owned);
        let comment = Comment {
            parent,
            status,
            created_at: Some(moment(second)),
            ..comment(source_id, thread, AuthorRef::Nobody)
        };
        Record::Comment(Box::new(comment))
    };
    let (approved, spam) = (Status::Approved, Status::Spam);
    let records = vec![
        Record::Thread(thread("1", "blog.example/1")),
        Record::Thread(thread("2", "blog.example/2")),
        // A second thread on the same page, and one without comments.
        Record::Thread(thread("3", "blog.example/1")),
        Record::Thread(thread("4", "blog.example/4")),
        at(5, approved, Some("1:2"), "1:1", "1"),
        at(9, Status::Pending, None, "1:2", "1"),
        at(1, spam, None, "3:3", "3"),
        at(1, Status::Deleted, None, "2:4", "2"),
    ];
    let mine = target(&own, 0);
    commit(store, &mine, records).await;
    end(store, &mine).await;
    let theirs = target(&other, 1);
    let records = vec![
        Record::Thread(thread("t", "blog.example/1")),
        Record::Thread(thread("u", "elsewhere.example/1")),
        at(6, approved, None, "a", "t"),
        at(7, spam, None, "b", "t"),
        at(2, approved, Some("a"), "c", "t"),
        at(2, approved, None, "d", "u"),
    ];
    commit(store, &theirs, records).await;
    end(store, &theirs).await;

    let page = |key: &str| page_id(&own.account, key);
    let site_page = |thread: &str, comments| SitePage {
        thread: thread.to_owned(),
        page: page(&format!("blog.example/{thread}")),
        comments,
    };
    let pages = store.site_pages(&own, None, 10).await.expect("pages");
    assert_eq!(pages[0], site_page("1", 5), "each page once, and what is deleted or others' spam is left out");
    // The store decides whether a page without comments exists.
    assert!(pages[1..].iter().all(|page| page.comments == 0), "{pages:?}");
    assert_eq!(store.site_pages(&own, None, 1).await.expect("pages"), [site_page("1", 5)]);
    assert!(!store.site_pages(&own, Some("1"), 10).await.expect("pages").contains(&site_page("1", 5)));

    let listed = async |skip, limit| {
        let keys = store.site_comments(&own, page("blog.example/1"), skip, limit).await.expect("comments");
        keys.into_iter().map(|key| (key.vendor, key.source_id)).collect::<Vec<_>>()
    };
    let expected = [
        (Vendor::WordPress, "3:3".to_owned()),
        (Vendor::Disqus, "a".to_owned()),
        (Vendor::Disqus, "c".to_owned()),
        (Vendor::WordPress, "1:2".to_owned()),
        (Vendor::WordPress, "1:1".to_owned()),
    ];
    assert_eq!(listed(0, 10).await, expected, "parents first, then the earliest");
    assert_eq!(listed(1, 3).await, expected[1..4]);
    assert_eq!(listed(9, 3).await, []);
    let stranger = Scope { account: fresh_account(), ..own.clone() };
    assert_eq!(store.site_pages(&stranger, None, 10).await.expect("pages"), []);
    assert_eq!(store.site_comments(&stranger, page("blog.example/1"), 0, 10).await.expect("comments"), []);
}
