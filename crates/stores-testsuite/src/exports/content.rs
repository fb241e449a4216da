//! Order, completeness and fields.

use rethread_model::{
    Author, AuthorRef, Comment, CommentDetails, ExportFilter, Exported, ExportedAuthor, ExportedComment, ExportedPage,
    ExportedThread, Origin, Record, SafeHtml, Scope, Signature, Status, TextKind, Thread, Vendor, page_id,
};
use rethread_stores::CommentStore;

use super::super::files::{Import, author, comment, fresh_scope, reaction, records, reply, thread};
use super::super::fixture::{at, fresh_account, job_id};
use super::{comments, exported, outline};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    an_account_without_comments_gives_nothing(store).await;
    everything_comes_in_order(store).await;
    every_field_comes_back(store).await;
    authors_of_every_kind_come_back(store).await;
    replies_name_what_they_answer(store).await;
    a_status_is_the_one_that_it_has_here(store).await;
    large_threads_and_many_small_ones_come_whole(store).await;
}

async fn all(store: &dyn CommentStore, scope: &Scope) -> Vec<Exported> {
    exported(store, scope, &ExportFilter::default()).await
}

async fn an_account_without_comments_gives_nothing(store: &dyn CommentStore) {
    let scope = fresh_scope();
    assert_eq!(all(store, &scope).await, []);
    Import::new(store, &scope).run([Record::Thread(thread("t"))]).await;
    assert_eq!(all(store, &scope).await, [], "a thread without comments is not exported");
}

/// Whatever the order of writing, and whichever import wrote it.
async fn everything_comes_in_order(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let other = Scope { origin: Origin::new("Another"), ..scope.clone() };
    let wordpress = Scope { vendor: Vendor::WordPress, ..scope.clone() };
    let on_a = |id: &str| Record::Thread(Thread { source_id: id.to_owned(), ..thread("a") });
    let when =
        |id: &str, thread: &str, second: Option<i64>| Comment { created_at: second.map(at), ..comment(id, thread) };
    Import::of_job(store, &wordpress, job_id(0)).run([on_a("w")].into_iter().chain(records([comment("1", "w")]))).await;
    let ours = records([
        when("9", "t", Some(30)),
        when("2", "z", None),
        when("c", "t", None),
        when("10", "t", Some(30)),
        when("b", "t", Some(20)),
        when("a", "t", None),
        comment("y", "Z"),
        comment("é", "b"),
    ]);
    let threads = [Record::Thread(thread("b")), on_a("z"), on_a("t"), Record::Thread(thread("empty")), on_a("Z")];
    Import::of_job(store, &scope, job_id(1)).run(ours.into_iter().chain(threads)).await;
    Import::of_job(store, &other, job_id(2)).run([on_a("t")].into_iter().chain(records([comment("1", "t")]))).await;

    let given = all(store, &scope).await;
    let expected = [
        "example.com/a",
        ":t",
        "1",
        ":Z",
        "y",
        ":t",
        "b",
        "10",
        "9",
        "a",
        "c",
        ":z",
        "2",
        ":w",
        "1",
        "example.com/b",
        ":b",
        "é",
    ];
    assert_eq!(outline(&given), expected);
}

#[expect(clippy::disallowed_methods, reason = "this text was made here")]
async fn every_field_comes_back(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let described = Thread {
        title: Some("Grüße & <Tee>".to_owned()),
        created_at: Some(at(7)),
        closed: true,
        reactions: vec![reaction("love", 2), reaction("wow", 1)],
        ..thread("t")
    };
    let given = Comment {
        created_at: Some(at(5) + jiff::SignedDuration::from_micros(123_456)),
        edited_at: Some(at(6)),
        status: Status::Pending,
        text: "Grüße 👋 <b>'\"\0</b>\n".to_owned(),
        text_kind: TextKind::Markdown,
        html: SafeHtml::assume_sanitised("<p>Grüße</p>".to_owned()),
        details: CommentDetails { votes_up: Some(i64::MAX), votes_down: Some(0), ..CommentDetails::example() },
        ..comment("1", "t")
    };
    let bare = Comment {
        author: AuthorRef::Nobody,
        created_at: None,
        text_kind: TextKind::Plain,
        details: CommentDetails::default(),
        ..comment("2", "t")
    };
    let ann = Record::Author(author("ann", "Ann", None));
    let file = [Record::Thread(described.clone()), ann].into_iter().chain(records([given.clone(), bare.clone()]));
    Import::new(store, &scope).run(file).await;

    let expected = |comment: Comment, author: ExportedAuthor| {
        Exported::Comment(Box::new(ExportedComment {
            author,
            created_at: comment.created_at,
            edited_at: comment.edited_at,
            status: comment.status,
            text: comment.text,
            text_kind: comment.text_kind,
            html: comment.html,
            details: comment.details,
            ..ExportedComment::new(scope.comment_id(&comment.source_id), comment.source_id)
        }))
    };
    let page = ExportedPage {
        id: page_id(&scope.account, "example.com/t"),
        url_id: "example.com/t".to_owned(),
        url: described.url.clone(),
        title: described.title.clone(),
    };
    let ann = ExportedAuthor::Known {
        id: scope.author_id("ann"),
        key: "ann".to_owned(),
        name: Some("Ann".to_owned()),
        email: Some("ann@example.com".to_owned()),
        link: None,
        avatar: None,
        moderator: None,
    };
    let thread = ExportedThread { vendor: scope.vendor, origin: scope.origin.clone(), thread: described };
    let whole =
        [Exported::Page(page), Exported::Thread(thread), expected(given, ann), expected(bare, ExportedAuthor::Nobody)];
    assert_eq!(all(store, &scope).await, whole);
}

async fn authors_of_every_kind_come_back(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let by = |id: &str, author, signature| Comment { author, signature, created_at: None, ..comment(id, "t") };
    let signed = |name: Option<&str>, link: Option<&str>| {
        let avatar = link.map(|link| format!("{link}/guest.png"));
        Some(Signature { name: name.map(str::to_owned), link: link.map(str::to_owned), avatar })
    };
    let ann = || AuthorRef::Known("ann".to_owned());
    let moderator = Author {
        link: Some("https://ann.example".to_owned()),
        avatar: Some("https://ann.example/me.png".to_owned()),
        moderator: Some(false),
        email: None,
        ..author("ann", "Ann", None)
    };
    let file = [
        by("1", ann(), None),
        by("2", AuthorRef::Known("never described".to_owned()), None),
        by("3", AuthorRef::Guest, signed(Some("Bob"), None)),
        by("4", AuthorRef::Guest, signed(None, Some("https://bob.example"))),
        by("5", AuthorRef::Guest, signed(None, None)),
        by("6", AuthorRef::Nobody, None),
        by("7", ann(), signed(Some("Owl"), None)),
        by("8", ann(), signed(None, None)),
    ];
    Import::new(store, &scope).run([Record::Author(moderator)].into_iter().chain(records(file))).await;
    let given = all(store, &scope).await;
    let authors: Vec<_> = comments(&given).into_iter().map(|comment| &comment.author).collect();
    let known = |key: &str, name: Option<&str>, site: Option<&str>, moderator| ExportedAuthor::Known {
        id: scope.author_id(key),
        key: key.to_owned(),
        name: name.map(str::to_owned),
        email: None,
        link: site.map(str::to_owned),
        avatar: site.map(|site| format!("{site}/me.png")),
        moderator,
    };
    let guest = |name: Option<&str>, link: Option<&str>| ExportedAuthor::Guest {
        name: name.map(str::to_owned),
        link: link.map(str::to_owned),
        avatar: link.map(|link| format!("{link}/guest.png")),
    };
    let expected = [
        &known("ann", Some("Ann"), Some("https://ann.example"), Some(false)),
        &known("never described", None, None, None),
        &guest(Some("Bob"), None),
        &guest(None, Some("https://bob.example")),
        &ExportedAuthor::Nobody,
        &ExportedAuthor::Nobody,
        &known("ann", Some("Owl"), None, Some(false)),
        &known("ann", None, None, Some(false)),
    ];
    assert_eq!(authors, expected);
}

async fn replies_name_what_they_answer(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let file = [
        comment("1", "t"),
        reply("2", "t", "1"),
        reply("3", "t", "gone"),
        reply("4", "t", "elsewhere"),
        comment("elsewhere", "u"),
    ];
    Import::new(store, &scope).run(records(file)).await;
    let given = all(store, &scope).await;
    let links: Vec<_> = comments(&given)
        .into_iter()
        .map(|comment| (comment.source_id.as_str(), comment.parent, comment.parent_source_id.as_deref()))
        .collect();
    let expected = [
        ("1", None, None),
        ("2", Some(scope.comment_id("1")), Some("1")),
        ("3", None, Some("gone")),
        ("4", None, Some("elsewhere")),
        ("elsewhere", None, None),
    ];
    assert_eq!(links, expected);
}

async fn a_status_is_the_one_that_it_has_here(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let statuses = [Status::Approved, Status::Pending, Status::Spam, Status::Deleted];
    let with = |(id, status): (usize, Status)| Comment { status, ..comment(&id.to_string(), "t") };
    let changed = [comment("8", "t"), comment("9", "t")];
    let file = records(statuses.into_iter().enumerate().map(with).chain(changed));
    Import::new(store, &scope).run([Record::Author(author("ann", "Ann", None))].into_iter().chain(file)).await;
    assert!(store.set_status(&scope, "8", Status::Spam).await.expect("a change"));
    assert!(store.set_status(&scope, "9", Status::Deleted).await.expect("a change"));

    let given = all(store, &scope).await;
    let given = comments(&given);
    let found: Vec<_> = given.iter().map(|comment| comment.status).collect();
    let [approved, pending, spam, deleted] = statuses;
    assert_eq!(found, [approved, pending, spam, deleted, spam, deleted]);
    for tombstone in [given[3], given[5]] {
        assert_eq!((&tombstone.author, tombstone.text.as_str()), (&ExportedAuthor::Nobody, ""), "{tombstone:?}");
        assert_eq!(
            (tombstone.html.as_str(), tombstone.details.votes_up, tombstone.created_at),
            ("", None, Some(at(100)))
        );
    }
    assert_eq!(given[4].text, "text of 8");
}

/// Each more than a batch: a thread, comments with one time, comments without one; and threads of a
/// few comments.
async fn large_threads_and_many_small_ones_come_whole(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let large = |number: usize| {
        let second = match number {
            0..700 => Some(i64::try_from(number).expect("a small number") / 3),
            700..2_300 => Some(500),
            _ => None,
        };
        Comment { created_at: second.map(at), ..comment(&format!("{number:05}"), "large") }
    };
    let small = (0..1_700).map(|number| comment(&format!("s{number:05}"), &format!("small-{:04}", number / 2)));
    let before = comment("first", "a-first");
    let comments = (0..3_900).rev().map(large).chain(small).chain([before]);
    Import::new(store, &scope).run(records(comments)).await;

    let mut expected = vec!["a-first".to_owned(), ":a-first".to_owned(), "first".to_owned()];
    expected.extend(["large".to_owned(), ":large".to_owned()]);
    expected.extend((0..3_900).map(|number| format!("{number:05}")));
    for number in (0..1_700).step_by(2) {
        let thread = format!("small-{:04}", number / 2);
        expected.extend([thread.clone(), format!(":{thread}"), format!("s{number:05}"), format!("s{:05}", number + 1)]);
    }
    let given = outline(&all(store, &scope).await);
    assert_eq!(given.len(), expected.len());
    let difference = given.iter().zip(&expected).enumerate().find(|(_, (given, expected))| given != expected);
    assert_eq!(difference, None);
}

/// Used by other parts: an account that has none of this one's comments.
pub(super) fn stranger(scope: &Scope) -> Scope {
    Scope { account: fresh_account(), ..scope.clone() }
}
