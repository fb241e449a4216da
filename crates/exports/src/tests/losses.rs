use std::collections::BTreeMap;

use proptest::prelude::*;
use rethread_model::{
    AuthorId, CommentDetails, ExportFormat, Exported, ExportedAuthor, ExportedComment, ExportedPage, ExportedThread,
    Loss, Origin, Reaction, SafeHtml, Scope, Status, TextKind, Thread, Vendor, page_id,
};
use rethread_syntax::testing::cases;

use super::{export, generator};
use crate::{Field, Held, holds};

pub(super) fn page(url: Option<&str>, url_id: &str) -> Exported {
    let id = page_id(&"default".parse().unwrap(), url_id);
    let (url, title) = (url.map(str::to_owned), Some("Title".to_owned()));
    Exported::Page(ExportedPage { id, url_id: url_id.to_owned(), url, title })
}

pub(super) fn thread(source_id: &str) -> Thread {
    Thread {
        source_id: source_id.to_owned(),
        url_id: "example.org/a".to_owned(),
        url: Some("https://example.org/a".to_owned()),
        title: Some("Title".to_owned()),
        created_at: None,
        closed: false,
        reactions: Vec::new(),
    }
}

pub(super) fn of(vendor: Vendor, thread: Thread) -> Exported {
    Exported::Thread(ExportedThread { vendor, origin: Origin::new("example.org"), thread })
}

/// A comment that loses nothing in any format with numeric ids, from a system with such ids.
pub(super) fn plain(vendor: Vendor, source_id: &str) -> ExportedComment {
    let scope = Scope { account: "default".parse().unwrap(), vendor, origin: Origin::new("example.org") };
    ExportedComment {
        author: ExportedAuthor::Guest { name: Some("Ann".to_owned()), link: None, avatar: None },
        created_at: "2020-01-01T00:00:00Z".parse().ok(),
        text: "<p>Hi</p>".to_owned(),
        html: rethread_html::from_html("<p>Hi</p>").html,
        ..ExportedComment::new(scope.comment_id(source_id), source_id)
    }
}

fn comment(comment: ExportedComment) -> Exported {
    Exported::Comment(Box::new(comment))
}

fn losses(format: ExportFormat, items: &[Exported]) -> BTreeMap<&'static str, u64> {
    let (_, tally) = export(format, items);
    tally.losses.iter().map(|(loss, count)| (loss.as_str(), *count)).collect()
}

#[test]
fn what_a_format_holds_is_no_loss() {
    for (format, vendor, id) in
        [(ExportFormat::Disqus, Vendor::Disqus, "17"), (ExportFormat::WordPress, Vendor::WordPress, "5:17")]
    {
        let no_votes = CommentDetails { votes_up: Some(0), score: Some(0), ..CommentDetails::default() };
        let items = [
            page(Some("https://example.org/a"), "example.org/a"),
            of(vendor, thread("5")),
            comment(ExportedComment { details: no_votes, ..plain(vendor, id) }),
        ];
        let (_, tally) = export(format, &items);
        assert_eq!((tally.pages, tally.threads, tally.comments), (1, 1, 1));
        assert_eq!(tally.losses, BTreeMap::new(), "{format}");
    }
}

/// A page, two threads and a comment with everything that can be lost.
fn rich() -> Vec<Exported> {
    let author = ExportedAuthor::Known {
        id: AuthorId::from_uuid(*page_id(&"default".parse().unwrap(), "author").as_uuid()),
        key: "user:hyvor_1".to_owned(),
        name: Some("Ann".to_owned()),
        email: None,
        link: Some("https://ann.example/".to_owned()),
        avatar: Some("https://ann.example/a.png".to_owned()),
        moderator: Some(true),
    };
    let comment_with_all = ExportedComment {
        parent_source_id: Some("gone".to_owned()),
        author,
        created_at: "2020-01-01T00:00:00.5Z".parse().ok(),
        edited_at: "2020-01-01T00:00:01Z".parse().ok(),
        status: Status::Pending,
        text: "*Hi*\u{1}".to_owned(),
        text_kind: TextKind::Markdown,
        html: rethread_html::from_markdown("*Hi*\u{1}").html,
        details: CommentDetails::example(),
        ..plain(Vendor::Hyvor, "1")
    };
    let with_all = Thread {
        url_id: "old.example/a".to_owned(),
        created_at: "2020-01-01T00:00:00Z".parse().ok(),
        closed: true,
        reactions: vec![Reaction { kind: "love".to_owned(), count: 1 }],
        ..thread("h1")
    };
    vec![
        page(Some("https://example.org/a"), "ident"),
        of(Vendor::Hyvor, with_all.clone()),
        comment(comment_with_all),
        of(Vendor::Muut, Thread { source_id: "h2".to_owned(), ..with_all }),
        comment(ExportedComment { created_at: "-000001-01-01T00:00:00Z".parse().ok(), ..plain(Vendor::Muut, "m") }),
    ]
}

/// The losses of the items of [`rich`] in fields that a format never holds: two threads and one
/// comment have everything.
fn never_held(format: ExportFormat) -> impl Iterator<Item = (&'static str, u64)> {
    let lost = Field::ALL.iter().filter(move |field| holds(format, **field) == Held::Lost);
    let count = |field: &Field| if field.label().starts_with("thread:") { 2 } else { 1 };
    lost.filter_map(move |field| Some((field.loss()?.as_str(), count(field))))
}

#[test]
fn jsonl_loses_nothing() {
    assert_eq!(losses(ExportFormat::Jsonl, &rich()), BTreeMap::new());
}

#[test]
fn csv_loses_what_is_of_threads() {
    let expected = [("control_characters", 1), ("reactions", 2), ("thread_created_at", 2), ("vendor_page", 2)];
    assert_eq!(losses(ExportFormat::Csv, &rich()), BTreeMap::from(expected));
}

#[test]
fn each_loss_of_wordpress_is_counted() {
    let partly = [
        ("author_key", 1),
        ("created_at", 1),
        ("fraction", 1),
        ("merged_thread", 1),
        ("origin", 2),
        ("source_id", 2),
        ("thread_closed", 1),
        ("thread_created_at", 1),
        ("thread_id", 2),
        ("typed_text", 1),
        ("url_id", 1),
    ];
    assert_eq!(losses(ExportFormat::WordPress, &rich()), never_held(ExportFormat::WordPress).chain(partly).collect());
}

#[test]
fn each_loss_of_commento_is_counted() {
    let partly = [
        ("author_key", 1),
        ("created_at", 1),
        ("merged_thread", 1),
        ("origin", 2),
        ("source_id", 2),
        ("thread_id", 2),
        ("typed_text", 1),
        ("url", 1),
        ("votes", 1),
    ];
    assert_eq!(losses(ExportFormat::Commento, &rich()), never_held(ExportFormat::Commento).chain(partly).collect());
}

#[test]
fn each_loss_of_disqus_is_counted() {
    let partly = [
        ("author_key", 1),
        ("avatar", 1),
        ("created_at", 1),
        ("fraction", 1),
        ("origin", 2),
        ("pending", 1),
        ("source_id", 2),
        ("thread_id", 2),
        ("typed_text", 1),
    ];
    assert_eq!(losses(ExportFormat::Disqus, &rich()), never_held(ExportFormat::Disqus).chain(partly).collect());
}

#[test]
fn a_tombstone_loses_nothing_that_it_does_not_have() {
    let tombstone = ExportedComment {
        author: ExportedAuthor::Nobody,
        status: Status::Deleted,
        text: String::new(),
        html: SafeHtml::default(),
        ..plain(Vendor::Disqus, "17")
    };
    let items =
        [page(Some("https://example.org/a"), "example.org/a"), of(Vendor::Disqus, thread("5")), comment(tombstone)];
    assert_eq!(losses(ExportFormat::Disqus, &items), BTreeMap::new());
    let of_commento = losses(ExportFormat::Commento, &items);
    assert!(!of_commento.contains_key("typed_text"), "{of_commento:?}");
}

proptest! {
    #![proptest_config(cases(48))]

    /// No loss is counted more often than there are items that can have it.
    #[test]
    fn tallies_add_up(items in generator::exports()) {
        for format in ExportFormat::ALL {
            let (_, tally) = export(format, &items);
            let count = |is_one: fn(&Exported) -> bool| items.iter().filter(|item| is_one(item)).count() as u64;
            prop_assert_eq!(tally.pages, count(|item| matches!(item, Exported::Page(_))));
            prop_assert_eq!(tally.threads, count(|item| matches!(item, Exported::Thread(_))));
            prop_assert_eq!(tally.comments, count(|item| matches!(item, Exported::Comment(_))));
            prop_assert!(tally.losses.values().all(|lost| (1..=items.len() as u64).contains(lost)));
            let pending = count(|item| matches!(item, Exported::Comment(comment) if comment.status == Status::Pending));
            let counted = tally.losses.get(&Loss::Pending).copied().unwrap_or(0);
            prop_assert_eq!(counted, if format == ExportFormat::Disqus { pending } else { 0 });
        }
    }
}
