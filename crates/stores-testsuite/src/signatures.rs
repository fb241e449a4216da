//! The part of the contract of [`CommentStore`] about the signatures of comments.

use rethread_model::{AuthorRef, Comment, Finding, Reason, Record, Signature, Status};
use rethread_stores::{CommentStore, LookupKeys, StoredAuthor};

use super::files::{Import, SLICE, author, comment, file, fresh_scope, position, records, rows, thread};
use super::fixture::job_id;

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn CommentStore) {
    a_comment_keeps_what_it_was_signed_with(store).await;
    the_order_of_batches_changes_nothing(store).await;
    another_signature_is_an_update(store).await;
    without_a_signature_it_shows_the_author_of_today(store).await;
    tombstones_are_not_signed(store).await;
    a_nameless_description_takes_no_name_away(store).await;
    addresses_that_many_use_are_found(store).await;
}

fn by(name: Option<&str>, link: Option<&str>, avatar: Option<&str>) -> Signature {
    let [name, link, avatar] = [name, link, avatar].map(|text| text.map(str::to_owned));
    Signature { name, link, avatar }
}

fn signed(id: &str, author: AuthorRef, signature: &Signature) -> Comment {
    Comment { author, signature: Some(signature.clone()), ..comment(id, "t") }
}

fn ann() -> AuthorRef {
    AuthorRef::Known("ann".to_owned())
}

/// By Ann, in the order of their ids `1`, `2`, …
fn by_ann(signatures: &[Signature]) -> Vec<Comment> {
    (1..).zip(signatures).map(|(id, signature)| signed(&format!("{id}"), ann(), signature)).collect()
}

/// What each comment shows, in the order of ids.
async fn shown(store: &dyn CommentStore, scope: &rethread_model::Scope) -> Vec<Signature> {
    let show = |StoredAuthor { name, link, avatar, .. }| Signature { name, link, avatar };
    rows(store, scope, &["t"]).await.into_values().map(|row| row.author.map(show).unwrap_or_default()).collect()
}

fn various() -> Vec<Signature> {
    vec![
        by(Some("Owl"), Some("https://owl.example"), None),
        by(Some("Ann"), None, Some("https://ann.example/me.png")),
        by(None, None, None),
        by(Some("Owl"), Some("https://owl.example"), None),
        by(Some("Owl\0"), None, None),
    ]
}

async fn a_comment_keeps_what_it_was_signed_with(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let guests = [by(Some("Gast"), None, Some("https://g.example/g.png")), by(None, Some("https://g.example"), None)];
    let of_guests = [("6", &guests[0]), ("7", &guests[1])].map(|(id, guest)| signed(id, AuthorRef::Guest, guest));
    let comments: Vec<Comment> = by_ann(&various()).into_iter().chain(of_guests).collect();
    let content = || {
        [Record::Thread(thread("t")), Record::Author(author("ann", "Ann", Some(1)))]
            .into_iter()
            .chain(records(comments.clone()))
    };
    let first = Import::new(store, &scope).run(content()).await;
    assert_eq!((first.tally.outcome.created, first.findings), (7, vec![]));
    let expected: Vec<Signature> = various().into_iter().chain(guests.clone()).collect();
    assert_eq!(shown(store, &scope).await, expected);

    let again = Import::of_job(store, &scope, job_id(1)).run(content()).await;
    assert_eq!(again.tally.outcome.unchanged, 7);
    // A newer file has another name for her, and none of the old comments.
    let newer = signed("8", ann(), &by(Some("Annette"), None, None));
    let renamed = Record::Author(author("ann", "Annette", Some(9)));
    Import::of_job(store, &scope, job_id(2)).run([renamed].into_iter().chain(records([newer]))).await;
    let after = shown(store, &scope).await;
    assert_eq!((&after[..7], &after[7]), (&expected[..], &by(Some("Annette"), None, None)));

    let import = Import::of_job(store, &scope, job_id(3));
    let asked = LookupKeys { comments: ["1", "2", "6"].map(str::to_owned).into(), ..LookupKeys::default() };
    let known = store.known(&import.target, &asked).await.expect("an answer").comments;
    let known: Vec<_> = known.into_values().map(|rest| (rest.author, rest.signature)).collect();
    let with = |author, signature: &Signature| (author, Some(signature.clone()));
    let expected = [with(ann(), &various()[0]), with(ann(), &various()[1]), with(AuthorRef::Guest, &guests[0])];
    assert_eq!(known, expected);
}

/// Whichever comment is written first, and whether or not its author is described by then.
async fn the_order_of_batches_changes_nothing(store: &dyn CommentStore) {
    let described = [Record::Author(author("ann", "Ann", Some(1))), Record::Author(author("ann", "Owl", Some(2)))];
    let file = file(records(by_ann(&various())).into_iter().chain(described));
    for first in 0..file.len() {
        let scope = fresh_scope();
        let import = Import::new(store, &scope);
        for batch in 0..file.len() {
            let place = (first + batch) % file.len();
            import.commit(SLICE, batch as u64, &file[place..=place], false).await.expect("a batch");
        }
        import.finish(10).await;
        assert_eq!(shown(store, &scope).await, various(), "from record {first}");
    }
}

async fn another_signature_is_an_update(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let signatures = various();
    Import::new(store, &scope).run(records(by_ann(&signatures))).await;
    for (second, field) in (1..).zip([
        by(Some("Ann"), Some("https://owl.example"), None),
        by(Some("Ann"), None, None),
        by(Some("Ann"), None, Some("https://ann.example/me.png")),
        signatures[0].clone(),
    ]) {
        let mut changed = signatures.clone();
        changed[0] = field;
        let report = Import::of_job(store, &scope, job_id(second)).run(records(by_ann(&changed))).await;
        assert_eq!((report.tally.outcome.updated, report.tally.outcome.unchanged), (1, 4));
        assert_eq!(shown(store, &scope).await, changed);
    }
}

async fn without_a_signature_it_shows_the_author_of_today(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let described = |name, second| Record::Author(author("ann", name, Some(second)));
    let content = |name, second| [described(name, second)].into_iter().chain(records([comment("1", "t")]));
    Import::new(store, &scope).run(content("Ann", 1)).await;
    assert_eq!(shown(store, &scope).await, [by(Some("Ann"), None, None)]);
    let report = Import::of_job(store, &scope, job_id(1)).run(content("Annette", 2)).await;
    assert_eq!(report.tally.outcome.unchanged, 1);
    assert_eq!(shown(store, &scope).await, [by(Some("Annette"), None, None)]);
}

async fn tombstones_are_not_signed(store: &dyn CommentStore) {
    let scope = fresh_scope();
    let signatures = [by(Some("Ann"), Some("https://ann.example"), None), by(Some("Owl"), None, None)];
    let mut comments = by_ann(&signatures);
    comments.push(signed("3", AuthorRef::Guest, &signatures[1]));
    Import::new(store, &scope).run(records(comments.clone())).await;
    for id in ["1", "2", "3"] {
        store.set_status(&scope, id, Status::Deleted).await.expect("an answer");
    }
    let edited = comments.into_iter().map(|comment| Comment { text: "edited".to_owned(), ..comment });
    Import::of_job(store, &scope, job_id(1)).run(records(edited)).await;
    for id in ["1", "2", "3"] {
        let row = rows(store, &scope, &["t"]).await.remove(id).expect("a tombstone");
        assert_eq!((row.status, row.author), (Status::Deleted, None));
        // Restoring it shows that nothing was kept.
        store.set_status(&scope, id, Status::Approved).await.expect("an answer");
    }
    assert_eq!(shown(store, &scope).await, vec![Signature::default(); 3]);
}

async fn a_nameless_description_takes_no_name_away(store: &dyn CommentStore) {
    let nameless = |second| rethread_model::Author { name: None, ..author("ann", "", Some(second)) };
    let descriptions = [author("ann", "Ann", Some(1)), nameless(2), author("ann", "Old", Some(0)), nameless(3)];
    for first in 0..descriptions.len() {
        let scope = fresh_scope();
        let mut order = descriptions.to_vec();
        order.rotate_left(first);
        let import = Import::new(store, &scope);
        let file = file(records([comment("1", "t")]).into_iter().chain(order.into_iter().map(Record::Author)));
        for (batch, record) in file.iter().enumerate() {
            import.commit(SLICE, batch as u64, std::slice::from_ref(record), false).await.expect("a batch");
        }
        import.finish(10).await;
        assert_eq!(shown(store, &scope).await, [by(Some("Ann"), None, None)], "from description {first}");
    }
}

/// Counted over the whole file, by the names on the accepted comments.
async fn addresses_that_many_use_are_found(store: &dyn CommentStore) {
    let by_mail = |id: &str, mail: &str, name: &str| {
        signed(id, AuthorRef::Known(format!("email:{mail}")), &by(Some(name), None, None))
    };
    let comments = [
        by_mail("1", "three@post.example", "Ann"),
        by_mail("2", "four@post.example", "Ann"),
        by_mail("3", "three@post.example", "Ben"),
        by_mail("4", "four@post.example", "Ben"),
        by_mail("5", "three@post.example", "Cem"),
        by_mail("6", "four@post.example", "Cem"),
        by_mail("7", "three@post.example", "  CEM "),
        by_mail("8", "four@post.example", "Dan"),
        by_mail("1", "three@post.example", "A copy of 1 with another name"),
        signed("9", AuthorRef::Known("user:1".to_owned()), &by(Some("Ann"), None, None)),
    ];
    let file = file([Record::Thread(thread("t"))].into_iter().chain(records(comments)));
    let expected = [
        Finding { at: position(2), reason: Reason::SharedAddress, source_id: Some("2".to_owned()) },
        Finding { at: position(9), reason: Reason::DuplicateId, source_id: Some("1".to_owned()) },
    ];
    for dry_run in [true, false] {
        let import = Import::new(store, &fresh_scope());
        let import = if dry_run { import.dry() } else { import };
        for (batch, record) in file.iter().rev().enumerate() {
            import.commit(SLICE, batch as u64, std::slice::from_ref(record), false).await.expect("a batch");
        }
        let report = import.finish(1).await;
        assert_eq!(report.findings, expected, "dry run: {dry_run}");
        assert_eq!(report.tally.findings_of(Reason::SharedAddress), 1);
    }
}
